"""The adapters that job handlers work with, made on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bsm_core.config import GateConfig, TeacherConfig
from bsm_core.domain.blind_spots import SpotSpace
from bsm_core.domain.tasks import Text
from bsm_core.domain.teaching import TeacherCall
from bsm_core.ports import Embedder, Grouper, JobContext, Perturber, Similarity, Teacher, TextEmbedder

if TYPE_CHECKING:
    from bsm_core.answering.lookup import Parts
    from bsm_core.classifiers.predict import TrainedClassifier
    from bsm_core.teacher.pace import Pace
    from bsm_core.workflow.answer_cache import AnswerCache
    from bsm_core.workflow.conversation import OpenBatch, OpenTeacher
    from bsm_core.workflow.prompt_library import PromptLibrary


def answering_parts() -> Parts:
    """What the warm process that answers writers works with."""
    from bsm_core.answering.lookup import Parts

    return Parts(load_classifier, load_embedder)


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

    return OpenAITeacher(config, key(config.key_variable, workspace), record, pace=pace)


def key(variable: str, workspace: Path) -> str | None:
    from bsm_core.teacher.keys import read_key

    return read_key(variable, workspace / "secrets.toml")


def workspace(context: JobContext) -> Path:
    return context.folder.parent.parent  # <workspace>/jobs/<job id>


def perturber() -> Perturber:
    """Many searches at once on a GPU. One at a time on a CPU, where common batches gain nothing (docs/attacks.md), and
    where results then are the same to the bit whatever else is attacked."""
    from bsm_core.classifiers.device import device
    from bsm_core.perturb.engine import TextAttackPerturber
    from bsm_core.perturb.ingredients import Ingredients
    from bsm_core.perturb.limits import GPU_LIMITS, AttackLimits
    from bsm_core.tasks.assets import asset_path

    limits = GPU_LIMITS if device().type == "cuda" else AttackLimits(concurrency=1)
    return TextAttackPerturber(limits, ingredients=Ingredients(asset_path, load_embedder))


def load_classifier(folder: Path) -> TrainedClassifier:
    from bsm_core.classifiers.predict import load_classifier
    from bsm_core.tasks.assets import find_asset

    return load_classifier(folder, asset_path=find_asset)


def load_embedder() -> Embedder:
    """The packaged encoder, whatever the study's classifier is."""
    from bsm_core.classifiers.embed import SentenceEmbedder
    from bsm_core.config import EMBEDDED_ENCODER
    from bsm_core.tasks.assets import asset_path

    return SentenceEmbedder(asset_path(EMBEDDED_ENCODER))


def similarity_for(references: Sequence[Text], seed: int, gates: GateConfig) -> Similarity:
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


def text_embedder(space: SpotSpace, model: Path) -> TextEmbedder:
    from bsm_core.classifiers.text_vectors import ClassifierVectors, SentenceVectors
    from bsm_core.config import EMBEDDED_ENCODER
    from bsm_core.tasks.assets import asset_path, find_asset

    if space is SpotSpace.CLASSIFIER:
        return ClassifierVectors(model, asset_path=find_asset)
    return SentenceVectors(asset_path(EMBEDDED_ENCODER))


def grouper() -> Grouper:
    from bsm_core.grouping.grouper import SpotGrouper

    return SpotGrouper()


def prompts(workspace: Path) -> PromptLibrary:
    from bsm_core.workflow.prompt_library import PromptLibrary

    return PromptLibrary(workspace / "prompts")


def answers(workspace: Path) -> AnswerCache:
    """Every answer that a job of this workspace got, by request."""
    from bsm_core.workflow.answer_cache import AnswerCache

    return AnswerCache(workspace / "answers")


def open_teacher(workspace: Path) -> OpenTeacher:
    """For jobs that ask a lot: at most so many requests at once, and fewer while the endpoint limits the rate."""
    from bsm_core.teacher.pace import Pace

    def opened(
        config: TeacherConfig, record: Callable[[TeacherCall], None], at_once: int, say: Callable[[str], None]
    ) -> Teacher:
        return make_teacher(config, workspace, record, Pace(at_once, say))

    return opened


def open_batch(workspace: Path) -> OpenBatch:
    from bsm_core.teacher.batch import BatchApi

    return lambda config, record: BatchApi(config, key(config.key_variable, workspace), record)
