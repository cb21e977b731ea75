"""The one place where ports meet adapters: ``build_workbench(settings)`` for the server and the command line,
``worker_handlers()`` for job processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bsm_core.config import Settings, TeacherConfig, load_settings
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Text
from bsm_core.domain.teaching import TeacherCall
from bsm_core.ports import Embedder, JobContext, JobResult, JobRunner, Perturber, Similarity, Teacher
from bsm_core.workbench import Workbench

if TYPE_CHECKING:
    from bsm_core.classifiers.predict import EncoderClassifier

Handler = Callable[[JobSpec, JobContext], JobResult]


def build_workbench(settings: Settings, runner: JobRunner | None = None) -> Workbench:
    """Open the workspace, made if need be. ``runner`` None starts jobs as processes of their own.

    Raises WorkspaceLockedError when another process owns it, WorkspaceCorruptError when it cannot be read.
    """
    from bsm_core.jobs.process import ProcessRunner
    from bsm_core.store import open_store
    from bsm_core.tasks.cards import load_task, task_names
    from bsm_core.tasks.loading import load_dataset

    settings.workspace.mkdir(parents=True, exist_ok=True)
    store = open_store(settings.database)
    return Workbench(
        settings=settings,
        store=store,
        runner=runner or ProcessRunner(settings.jobs, settings.device),
        load_dataset=load_dataset,
        teacher_for=lambda config, record: make_teacher(config, settings.workspace, record),
        read_key=lambda variable: _key(variable, settings.workspace),
        tasks=lambda: [load_task(name) for name in task_names()],
    )


def make_teacher(config: TeacherConfig, workspace: Path, record: Callable[[TeacherCall], None]) -> Teacher:
    """The embedded local server, or the client of the configured endpoint."""
    if config.is_embedded:
        from bsm_core.tasks.assets import asset_path
        from bsm_core.teacher.local import EmbeddedTeacher

        return EmbeddedTeacher(config, asset_path(config.model), record)
    from bsm_core.teacher.client import OpenAITeacher

    return OpenAITeacher(config, _key(config.key_variable, workspace), record)


def _key(variable: str, workspace: Path) -> str | None:
    from bsm_core.teacher.keys import read_key

    return read_key(variable, workspace / "secrets.toml")


def worker_handlers() -> dict[JobKind, Handler]:
    """One handler a job kind, with its adapters. Only workers call this: torch and TextAttack load on first use."""
    # Read when torch loads. Its threads would else spin while they wait, and on a busy machine hold up each other.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    return {
        JobKind.TRAIN: _train,
        JobKind.DISCOVER: _discover,
        JobKind.SYNTHESIZE: _synthesize,
        JobKind.GATE: _gate,
        JobKind.EVALUATE: _evaluate,
    }


def _train(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.classifiers.train import EncoderTrainer
    from bsm_core.tasks.assets import find_asset
    from bsm_core.workflow.train import train

    return train(spec, context, trainer=EncoderTrainer(find_asset), load_classifier=_load_classifier)


def _discover(spec: JobSpec, context: JobContext) -> JobResult:
    if "imported" in spec.params:
        from bsm_core.workflow.imported import import_pairs

        return import_pairs(spec, context, load_classifier=_load_classifier)
    from bsm_core.workflow.discover import discover

    return discover(spec, context, load_classifier=_load_classifier, perturber=_perturber())


def _evaluate(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.evaluate import evaluate

    return evaluate(spec, context, load_classifier=_load_classifier, perturber=_perturber())


def _synthesize(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.synthesize import synthesize

    workspace = context.folder.parent.parent  # <workspace>/jobs/<job id>
    return synthesize(
        spec,
        context,
        teacher_for=lambda config, record: make_teacher(config, workspace, record),
        load_classifier=_load_classifier,
        similarity_for=_similarity_for,
    )


def _gate(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.gate import gate

    return gate(spec, context, load_classifier=_load_classifier, similarity_for=_similarity_for)


def _perturber() -> Perturber:
    """Many searches at once on a GPU. One at a time on a CPU, where common batches gain nothing (docs/attacks.md), and
    where results then are the same to the bit whatever else is attacked."""
    from bsm_core.classifiers.device import device
    from bsm_core.perturb.engine import TextAttackPerturber
    from bsm_core.perturb.ingredients import Ingredients
    from bsm_core.perturb.limits import GPU_LIMITS, AttackLimits
    from bsm_core.tasks.assets import asset_path

    limits = GPU_LIMITS if device().type == "cuda" else AttackLimits(concurrency=1)
    return TextAttackPerturber(limits, ingredients=Ingredients(asset_path, _load_embedder))


def _load_embedder() -> Embedder:
    """The packaged encoder, whatever the study's classifier is."""
    from bsm_core.classifiers.embed import SentenceEmbedder
    from bsm_core.config import EMBEDDED_ENCODER
    from bsm_core.tasks.assets import asset_path

    return SentenceEmbedder(asset_path(EMBEDDED_ENCODER))


def _load_classifier(folder: Path) -> EncoderClassifier:
    from bsm_core.classifiers.predict import load_classifier

    return load_classifier(folder)


def _similarity_for(references: Sequence[Text], seed: int) -> Similarity:
    """BERTScore over the packaged encoder, whatever the study's classifier is."""
    from bsm_core.classifiers.similarity import BertScoreSimilarity
    from bsm_core.config import EMBEDDED_ENCODER
    from bsm_core.tasks.assets import asset_path

    return BertScoreSimilarity(asset_path(EMBEDDED_ENCODER), references, seed)


def build_inline(settings: Settings, on_event: Callable[[JobSpec, dict[str, object]], None] | None = None) -> Workbench:
    """A workbench whose jobs run in this process, one after the other: for the command line and for tests."""
    from bsm_core.jobs.inline import InlineRunner

    if settings.device:
        os.environ["BSM_DEVICE"] = settings.device
    return build_workbench(settings, InlineRunner(settings.jobs, worker_handlers(), on_event))


__all__ = ["build_inline", "build_workbench", "load_settings", "worker_handlers"]
