"""The one place where ports meet adapters: ``build_workbench(settings)`` for the server and the command line,
``worker_handlers()`` for job processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bsm_core.config import GateConfig, Settings, TeacherConfig, load_settings
from bsm_core.domain.blind_spots import SpotSpace
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Text
from bsm_core.domain.teaching import TeacherCall
from bsm_core.ports import (
    Embedder,
    Grouper,
    JobContext,
    JobResult,
    JobRunner,
    Perturber,
    Similarity,
    Teacher,
    TextEmbedder,
)
from bsm_core.workbench import Workbench

if TYPE_CHECKING:
    from bsm_core.answering.lookup import Parts
    from bsm_core.classifiers.predict import EncoderClassifier
    from bsm_core.teacher.pace import Pace
    from bsm_core.workflow.answer_cache import AnswerCache
    from bsm_core.workflow.conversation import OpenBatch, OpenTeacher
    from bsm_core.workflow.prompt_library import PromptLibrary

Handler = Callable[[JobSpec, JobContext], JobResult]


def build_workbench(settings: Settings, runner: JobRunner | None = None) -> Workbench:
    """Open the workspace, made if need be. ``runner`` None starts jobs as processes of their own.

    Raises WorkspaceLockedError when another process owns it, WorkspaceCorruptError when it cannot be read.
    """
    from bsm_core.answering.process import AnswerProcess
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
        answers=AnswerProcess(settings.device),
    )


def make_teacher(
    config: TeacherConfig, workspace: Path, record: Callable[[TeacherCall], None], pace: Pace | None = None
) -> Teacher:
    """The embedded local server, or the client of the configured endpoint. ``pace`` bounds the requests to the latter
    that are under way at once."""
    if config.is_embedded:
        from bsm_core.tasks.assets import asset_path
        from bsm_core.teacher.local import EmbeddedTeacher

        return EmbeddedTeacher(config, asset_path(config.model), record)
    from bsm_core.teacher.client import OpenAITeacher

    return OpenAITeacher(config, _key(config.key_variable, workspace), record, pace=pace)


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
        JobKind.CLUSTER: _cluster,
        JobKind.SYNTHESIZE: _synthesize,
        JobKind.WRITE: _write,
        JobKind.CROSS_CHECK: _cross_check,
        JobKind.COMPARE_PROMPTS: _compare_prompts,
        JobKind.GATE: _gate,
        JobKind.JUDGE: _judge,
        JobKind.EVALUATE: _evaluate,
        JobKind.REPLAY: _replay,
    }


def _workspace(context: JobContext) -> Path:
    return context.folder.parent.parent  # <workspace>/jobs/<job id>


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


def _replay(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.replay import replay

    return replay(spec, context, load_classifier=_load_classifier)


def _cluster(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.cluster import cluster

    return cluster(spec, context, embedder_for=_text_embedder, grouper_for=_grouper)


def _text_embedder(space: SpotSpace, model: Path) -> TextEmbedder:
    from bsm_core.classifiers.text_vectors import ClassifierVectors, SentenceVectors
    from bsm_core.config import EMBEDDED_ENCODER
    from bsm_core.tasks.assets import asset_path

    return ClassifierVectors(model) if space is SpotSpace.CLASSIFIER else SentenceVectors(asset_path(EMBEDDED_ENCODER))


def _grouper() -> Grouper:
    from bsm_core.grouping.grouper import SpotGrouper

    return SpotGrouper()


def _synthesize(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.synthesize import synthesize

    workspace = _workspace(context)
    return synthesize(
        spec,
        context,
        teacher_for=lambda config, record: make_teacher(config, workspace, record),
        load_classifier=_load_classifier,
        similarity_for=_similarity_for,
        load=_prompts(workspace).current,
    )


def _prompts(workspace: Path) -> PromptLibrary:
    from bsm_core.workflow.prompt_library import PromptLibrary

    return PromptLibrary(workspace / "prompts")


def _write(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.write import write

    workspace = _workspace(context)
    return write(
        spec,
        context,
        open_teacher=_open_teacher(workspace),
        cache=_answers(workspace),
        load_classifier=_load_classifier,
        similarity_for=_similarity_for,
        load_embedder=_load_embedder,
        open_batch=_open_batch(workspace),
    )


def _open_batch(workspace: Path) -> OpenBatch:
    from bsm_core.teacher.batch import BatchApi

    return lambda config, record: BatchApi(config, _key(config.key_variable, workspace), record)


def _cross_check(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.cross_check import cross_check

    workspace = _workspace(context)
    return cross_check(spec, context, open_teacher=_open_teacher(workspace), cache=_answers(workspace))


def _compare_prompts(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.compare_prompts import compare_prompts

    workspace = _workspace(context)
    return compare_prompts(spec, context, open_teacher=_open_teacher(workspace), cache=_answers(workspace))


def _open_teacher(workspace: Path) -> OpenTeacher:
    """For jobs that ask a lot: at most so many requests at once, and fewer while the endpoint limits the rate."""
    from bsm_core.teacher.pace import Pace

    def opened(
        config: TeacherConfig, record: Callable[[TeacherCall], None], at_once: int, say: Callable[[str], None]
    ) -> Teacher:
        return make_teacher(config, workspace, record, Pace(at_once, say))

    return opened


def _answers(workspace: Path) -> AnswerCache:
    """Every answer that a job of this workspace got, by request."""
    from bsm_core.workflow.answer_cache import AnswerCache

    return AnswerCache(workspace / "answers")


def _judge(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.judge_texts import judge_texts

    workspace = _workspace(context)
    return judge_texts(
        spec,
        context,
        teacher_for=lambda config, record: make_teacher(config, workspace, record),
        load=_prompts(workspace).current,
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


def answering_parts() -> Parts:
    """What the warm process that answers writers works with."""
    from bsm_core.answering.lookup import Parts

    return Parts(_load_classifier, _load_embedder)


def _load_embedder() -> Embedder:
    """The packaged encoder, whatever the study's classifier is."""
    from bsm_core.classifiers.embed import SentenceEmbedder
    from bsm_core.config import EMBEDDED_ENCODER
    from bsm_core.tasks.assets import asset_path

    return SentenceEmbedder(asset_path(EMBEDDED_ENCODER))


def _load_classifier(folder: Path) -> EncoderClassifier:
    from bsm_core.classifiers.predict import load_classifier

    return load_classifier(folder)


def _similarity_for(references: Sequence[Text], seed: int, gates: GateConfig) -> Similarity:
    """BERTScore over the encoder that the gates name, whatever the study's classifier is."""
    from bsm_core.classifiers.layers import chosen_layer
    from bsm_core.classifiers.similarity import BertScoreSimilarity
    from bsm_core.tasks.assets import find_asset

    encoder = find_asset(gates.similarity_encoder) or Path(gates.similarity_encoder)
    return BertScoreSimilarity(
        encoder,
        references,
        seed,
        chosen_layer(gates.similarity_encoder, gates.similarity_layer),
        shortlist=gates.similarity_shortlist,
        top=gates.similarity_top,
    )


def build_inline(settings: Settings, on_event: Callable[[JobSpec, dict[str, object]], None] | None = None) -> Workbench:
    """A workbench whose jobs run in this process, one after the other: for the command line and for tests."""
    from bsm_core.jobs.inline import InlineRunner

    if settings.device:
        os.environ["BSM_DEVICE"] = settings.device
    return build_workbench(settings, InlineRunner(settings.jobs, worker_handlers(), on_event))


__all__ = ["build_inline", "build_workbench", "load_settings", "worker_handlers"]
