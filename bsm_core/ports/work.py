"""What work sees of the world: the job's context, the models, the attack, the teacher, and who runs it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bsm_core.config import TrainingConfig
from bsm_core.domain.arms import Evaluation, Model
from bsm_core.domain.authoring import Nearness, RejectedDraft
from bsm_core.domain.blind_spots import Clustering
from bsm_core.domain.experiments import UntargetedText
from bsm_core.domain.foils import FoilJudgement
from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.domain.jobs import JobSpec, JobStatus
from bsm_core.domain.locations import Locating
from bsm_core.domain.synthesis import Check, SyntheticSample
from bsm_core.domain.tasks import Example, Text
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.domain.unknowns import (
    PAPER_TAU,
    AttackGoal,
    Judgement,
    PairSide,
    Perturbation,
    PerturbationRecipe,
    PerturbationSet,
)

FloatArray = npt.NDArray[np.float32]
"""(n, K) unless said otherwise."""


class JobContext(Protocol):
    """Given to every job. All methods are cheap; call them between batches."""

    @property
    def folder(self) -> Path:
        """The job's own folder. ``inputs/`` was written by the server; ``partial/`` survives a kill and is where
        checkpoints and streamed results go; ``result/`` appears only when the job finishes."""
        ...

    @property
    def inputs(self) -> Path: ...

    @property
    def partial(self) -> Path: ...

    @property
    def result(self) -> Path:
        """The folder to write results into; it is renamed to ``result/`` when the job returns."""
        ...

    def check_cancelled(self) -> None:
        """Raise JobCancelledError when the user asked to stop."""
        ...

    def progress(self, phase: str, done: int, total: int) -> None: ...

    def log(self, message: str) -> None: ...

    def metric(self, name: str, step: int, value: float) -> None: ...


class Classifier(Protocol):
    """A trained model, ready to answer."""

    @property
    def label_count(self) -> int: ...

    def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        """Float32 logits of shape (len(texts), K), in the order given, batched by length inside.

        Raises ClassifierError when an answer is not finite.
        """
        ...

    def probabilities(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        """Softmax of the logits, float32 (len(texts), K); rows sum to 1."""
        ...


@dataclass(frozen=True, slots=True)
class LabelledText:
    text: Text
    label: int


class Trainer(Protocol):
    def train(
        self,
        base: str,
        label_names: Sequence[str],
        train: Sequence[LabelledText],
        validation: Sequence[LabelledText],
        config: TrainingConfig,
        seed: int,
        output: Path,
        context: JobContext,
    ) -> dict[str, Any]:
        """Train and save to ``output`` (safetensors and ``card.json``); return the card.

        ``base`` is an asset name, a local folder, or a hub id. A checkpoint is left in ``context.partial`` after
        every epoch, and a call with the same arguments goes on from it to the same result.
        """
        ...


class Perturber(Protocol):
    def perturb(
        self,
        classifier: Classifier,
        examples: Sequence[Example],
        recipe: PerturbationRecipe,
        seed: int,
        set_id: str,
        context: JobContext,
        goal: AttackGoal = AttackGoal.UNTARGETED,
        tau: float = PAPER_TAU,
        side: PairSide = PairSide.BOTH,
    ) -> Iterator[Perturbation]:
        """Attack each example once, in order, yielding each result as it comes. Each example's random state
        depends on (seed, example_id) alone. A failing example is yielded with outcome ERROR. ``tau`` is the confidence
        that the goal UNKNOWN_UNKNOWN is after; of a text pair only ``side`` is changed."""
        ...


class Embedder(Protocol):
    """Maps texts to points, close together where they mean the same."""

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Float32 (len(texts), dimensions), rows of length 1, in the order given."""
        ...


@dataclass(frozen=True, slots=True)
class SimilarityScale:
    """What a similarity score means: the pass mark, how real and made-bad text fare under it (shares), and the scores
    themselves."""

    threshold: float
    encoder: str
    layer: int
    references: int
    passes_real: float
    passes_shuffled: float
    top: int = 1
    """A score is the mean over so many best references; 1: the maximum."""
    training: tuple[float, ...] = ()
    """Scores of training texts, each against all others: the mark is their quantile, unless it was set."""
    real: tuple[float, ...] = ()
    """Of further training texts, which the mark was not drawn from."""
    shuffled: tuple[float, ...] = ()
    """Of those, with their words in another order."""
    random_words: tuple[float, ...] = ()
    """Of texts of as many words, drawn from all training texts."""
    off_topic: tuple[float, ...] = ()
    """Of sentences about something else; empty where there are none at hand."""


class Similarity(Protocol):
    """BERTScore F1 of a candidate against training texts: the best reference's, or the mean of the best few (3.3)."""

    def calibrate(
        self, quantile: float = 0.02, threshold: float | None = None, context: JobContext | None = None
    ) -> SimilarityScale:
        """``threshold`` None takes the ``quantile`` of the training texts' scores."""
        ...

    def scores(self, texts: Sequence[Text], context: JobContext | None = None) -> npt.NDArray[np.float64]:
        """(n,) F1 in [-1, 1]."""
        ...

    def nearness(
        self, texts: Sequence[Text], sources: Sequence[Sequence[Text]], context: JobContext | None = None
    ) -> list[float | None]:
        """For each text the share of training texts that are less near to its ``sources`` than it is, by embedding;
        None where it has none."""
        ...


class Teacher(Protocol):
    """A language model that writes. Raises TeacherError subclasses; every call, failed ones too, goes to the
    ``record`` callable it was built with."""

    @property
    def is_embedded(self) -> bool: ...

    def ask(self, prompt: Prompt, purpose: str, study_id: str) -> TeacherCall: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a finished job brings into the store, all of it in one transaction."""

    job_id: str
    models: tuple[Model, ...] = ()
    predictions: tuple[tuple[str, pa.Table], ...] = ()
    """(model_id, table of item_id, item_kind ('example', 'perturbation' or 'sample'), probabilities)."""
    sets: tuple[tuple[PerturbationSet, pa.Table], ...] = ()
    """(set, table of its perturbations; columns as in Perturbation, with text and text_b for O and P)."""
    clusterings: tuple[tuple[Clustering, pa.Table], ...] = ()
    """(clustering, table of its points; columns as in SpotPoint)."""
    locatings: tuple[tuple[Locating, pa.Table], ...] = ()
    """(run, table of item_id, spot_id, distance and reach)."""
    judgements: tuple[Judgement, ...] = ()
    foil_judgements: tuple[FoilJudgement, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    nearness: tuple[Nearness, ...] = ()
    rejected: tuple[RejectedDraft, ...] = ()
    samples: tuple[SyntheticSample, ...] = ()
    checks: tuple[Check, ...] = ()
    calls: tuple[TeacherCall, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    untargeted: tuple[UntargetedText, ...] = ()
    events: tuple[tuple[str, dict[str, object]], ...] = ()


class JobRunner(Protocol):
    """Starts, watches and stops jobs. Workers outlive it."""

    def submit(self, spec: JobSpec, tables: dict[str, pa.Table]) -> None:
        """Write the job folder (spec, Parquet inputs) and start the worker."""
        ...

    def status(self, job_id: str) -> JobStatus: ...

    def cancel(self, job_id: str) -> None:
        """Takes effect within 5 s; work so far is kept."""
        ...

    def resume(self, job_id: str) -> None: ...

    def start_waiting(self) -> None:
        """Start queued jobs while there is a free slot, and see cancellations through. Called every second."""
        ...

    def job_ids(self) -> list[str]: ...
    def calls(self, job_id: str) -> list[TeacherCall]:
        """What the teacher of a job that has not finished was asked so far."""
        ...

    def result(self, job_id: str) -> JobResult:
        """What a FINISHED job brings. Raises JobError when it cannot be read."""
        ...

    def close(self) -> None: ...
