"""Everything remembered, as the pages and the workflow ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bsm_core.domain.arms import Evaluation, EvaluationResult, Model, Transition
from bsm_core.domain.attacks import LabelTally, Replay
from bsm_core.domain.comparison import OWN, AnswerPattern, Endpoint, EvaluationScope
from bsm_core.domain.hypotheses import Agent, Hypothesis
from bsm_core.domain.jobs import JobSpec, JobState
from bsm_core.domain.studies import Study, StudyCounts
from bsm_core.domain.synthesis import BudgetUse, Check, Decision, SampleState, SyntheticSample
from bsm_core.domain.tasks import Dataset, Split, Text
from bsm_core.domain.teaching import TeacherCall
from bsm_core.domain.unknowns import (
    Judgement,
    Perturbation,
    PerturbationSet,
    UnknownUnknown,
    Verdict,
)
from bsm_core.ports.blind_spots import BlindSpotLog
from bsm_core.ports.costs import Costs
from bsm_core.ports.curation import Decisions, Pretests
from bsm_core.ports.drafts import Drafts
from bsm_core.ports.experiments import Experiments
from bsm_core.ports.foils import Foils
from bsm_core.ports.gates import Gates
from bsm_core.ports.locations import Locations
from bsm_core.ports.rows import (
    ConfidenceBin,
    ExampleRow,
    Page,
    Position,
    ReliabilityBin,
    SampleCount,
    SampleFilter,
    SampleMark,
    SamplePlace,
    TransitionRow,
    UnknownCounts,
    UnknownFilter,
)
from bsm_core.ports.survey import SurveyStore
from bsm_core.ports.work import FloatArray, JobResult


class Studies(Protocol):
    def create(self, study: Study, dataset: Dataset) -> None: ...
    def get(self, study_id: str) -> Study:
        """Raises NotFoundError."""
        ...

    def all(self) -> list[Study]:
        """Oldest first."""
        ...

    def set_tau(self, study_id: str, tau: float) -> None:
        """Appends an event; raises ConfigError outside (0.5, 1]."""
        ...

    def counts(self, study_id: str) -> StudyCounts: ...


class Examples(Protocol):
    def page(
        self,
        study_id: str,
        split: Split,
        *,
        search: str = "",
        label: int | None = None,
        limit: int = 25,
        offset: int = 0,
    ) -> Page[ExampleRow]: ...
    def counts(self, study_id: str) -> list[tuple[Split, int, int]]:
        """(split, label, number of rows)."""
        ...

    def table(self, study_id: str, split: Split) -> pa.Table:
        """Columns example_id, text, text_b (null for single texts), label; in stored order. Workers' input."""
        ...


class Models(Protocol):
    def get(self, model_id: str) -> Model: ...
    def all(self, study_id: str, experiment_id: str | None = None) -> list[Model]:
        """The study's own, or an experiment's, oldest first."""
        ...

    def baseline(self, study_id: str) -> Model | None: ...


class Predictions(Protocol):
    """Predictions of one model on the examples of one split."""

    def confusion(self, model_id: str, split: Split) -> list[tuple[int, int, int]]:
        """(label, predicted, count)."""
        ...

    def accuracy(self, model_id: str, split: Split) -> float | None: ...
    def reliability(self, model_id: str, split: Split, bins: int = 10) -> list[ReliabilityBin]: ...
    def arrays(self, model_id: str, split: Split) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        """Probabilities (n, K) and labels (n,), for the metrics."""
        ...


class Perturbations(Protocol):
    def sets(self, study_id: str, experiment_id: str | None = None) -> list[PerturbationSet]:
        """The study's own, or those of an experiment's looks at test."""
        ...

    def rows(self, set_id: str) -> list[Perturbation]: ...
    def successful(self, set_id: str) -> pa.Table:
        """Columns perturbation_id, text, text_b, label of the successful ones. Workers' input (frozen set)."""
        ...

    def tallies(self, set_ids: Sequence[str], tau: float) -> list[LabelTally]:
        """What came of the attacks, by set and label, with the attacked models' UUs at tau."""
        ...

    def replays(self, set_ids: Sequence[str], tau: float) -> list[Replay]:
        """What each model that answered the sets' successful texts makes of them at tau."""
        ...


class Unknowns(Protocol):
    """The UU view. Order of pages and positions: confidence falling, then item_id."""

    def page(self, unknowns: UnknownFilter, *, limit: int = 25, offset: int = 0) -> Page[UnknownUnknown]: ...
    def counts(self, unknowns: UnknownFilter) -> UnknownCounts: ...
    def histogram(self, unknowns: UnknownFilter, bins: int = 20) -> list[ConfidenceBin]:
        """Bins over [0.5, 1] (K = 2) or [1/K, 1], of all wrong predictions, also below tau; ignores the filter's
        confidence range."""
        ...

    def label_pairs(self, unknowns: UnknownFilter) -> list[tuple[int, int, int]]:
        """(label, predicted, count) at tau."""
        ...

    def get(self, model_id: str, item_id: str) -> UnknownUnknown:
        """Any wrong prediction, whatever tau. Raises NotFoundError."""
        ...

    def ids(self, unknowns: UnknownFilter) -> list[str]:
        """Item ids of all that ``page`` would list, by id."""
        ...

    def position(self, unknowns: UnknownFilter, item_id: str) -> Position | None: ...


class Judgements(Protocol):
    def add(self, judgement: Judgement) -> None: ...
    def ballots(self, study_id: str) -> list[Judgement]:
        """The latest judgement of each judge on each item."""
        ...

    def add_all(self, judgements: Iterable[Judgement]) -> None:
        """In one transaction."""
        ...

    def history(self, study_id: str, item_id: str) -> list[Judgement]:
        """Every word on one item, oldest first."""
        ...

    def items(self, model_id: str, set_id: str) -> list[str]:
        """The model's wrong answers on the perturbed texts of one set, whatever tau, by id."""
        ...

    def latest(self, study_id: str, item_id: str) -> Verdict | None: ...


class Hypotheses(Protocol):
    def add(self, hypothesis: Hypothesis) -> None: ...
    def get(self, hypothesis_id: str) -> Hypothesis: ...
    def all(self, study_id: str) -> list[Hypothesis]:
        """Current ones (not revised away), oldest first."""
        ...

    def history(self, hypothesis_id: str) -> list[Hypothesis]:
        """The earlier versions it revises, newest first."""
        ...

    def for_item(self, study_id: str, item_id: str) -> list[Hypothesis]: ...


class Samples(Protocol):
    def add(self, samples: Iterable[SyntheticSample]) -> None: ...
    def get(self, sample_id: str, reviewer: str = "") -> SampleState: ...
    def page(self, study_id: str, samples: SampleFilter, *, limit: int = 25, offset: int = 0) -> Page[SampleState]:
        """Current ones, oldest first. Predictions are the baseline's."""
        ...

    def marks(self, study_id: str, samples: SampleFilter) -> list[SampleMark]:
        """All that ``page`` would list, in its order, without texts."""
        ...

    def place(self, study_id: str, samples: SampleFilter, sample_id: str | None) -> SamplePlace:
        """Of one sample among all that ``page`` would list."""
        ...

    def tallies(self, study_id: str) -> list[SampleCount]: ...

    def unchecked(self, study_id: str) -> list[SyntheticSample]:
        """Current samples that no gate job has looked at."""
        ...

    def texts(self, study_id: str) -> list[Text]:
        """All current samples' texts, for the repeat check."""
        ...

    def add_checks(self, checks: Iterable[Check]) -> None: ...
    def decide(self, decisions: Iterable[Decision]) -> None: ...
    def approved(self, study_id: str) -> list[SampleState]:
        """In order of approval."""
        ...

    def budget(self, study_id: str, agent: Agent | None = None) -> BudgetUse:
        """Allowed and approved samples; of one agent, since each arm has the whole budget, or of all."""
        ...


class Calls(Protocol):
    def add(self, call: TeacherCall) -> None: ...
    def get(self, call_id: str) -> TeacherCall: ...
    def page(self, study_id: str, *, limit: int = 25, offset: int = 0) -> Page[TeacherCall]:
        """Newest first."""
        ...

    def totals(self, study_id: str) -> tuple[int, int, int, float]:
        """(calls, prompt tokens, completion tokens, cost in US dollars)."""
        ...

    def answer_tokens(self, study_id: str, model: str) -> dict[str, float]:
        """Mean tokens of a model's answers by purpose, as far as its endpoint has reported any."""
        ...


class Evaluations(Protocol):
    def all(self, study_id: str, experiment_id: str | None = None) -> list[Evaluation]:
        """The study's own, or an experiment's."""
        ...

    def looks(self, study_id: str) -> int:
        """How often the test split was looked at."""
        ...

    def results(self, study_id: str, tau: float, scope: EvaluationScope = OWN) -> list[EvaluationResult]:
        """The latest evaluation of each model, ORIGINAL first, then in order of training."""
        ...

    def patterns(self, study_id: str, tau: float, scope: EvaluationScope = OWN) -> list[AnswerPattern]:
        """Which of the evaluated models each test text fools, at every endpoint: what paired tests need."""
        ...

    def wrong_by_percent(
        self, study_id: str, scope: EvaluationScope = OWN
    ) -> dict[tuple[str, Endpoint], dict[int, int]]:
        """(model, endpoint) to percent p to wrong answers with a confidence in [p, p + 1) percent."""
        ...

    def set_arrays(self, model_id: str, set_id: str) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        """One model's probabilities (n, K) and the labels (n,) on a set's successful texts, for the metrics."""
        ...

    def confidence_bins(self, model_id: str, set_id: str, bins: int = 20) -> list[tuple[float, float, int, int]]:
        """(low, high, right, wrong) for the successful perturbations of a set, as predicted by the model
        (figures 4 and 5): confidence of the predicted class."""
        ...

    def transitions(self, before: str, after: str, set_id: str | None, tau: float) -> dict[Transition, int]:
        """Between two models, on a set's perturbed texts, or on clean test texts when ``set_id`` is None."""
        ...

    def transition_page(
        self,
        before: str,
        after: str,
        set_id: str | None,
        tau: float,
        transition: Transition,
        *,
        limit: int = 25,
        offset: int = 0,
    ) -> Page[TransitionRow]: ...


class Jobs(Protocol):
    """The store's memory of jobs; their live state is in their folders."""

    def add(self, spec: JobSpec) -> None: ...
    def mark(self, job_id: str, state: JobState, message: str = "") -> None: ...
    def state(self, job_id: str) -> JobState: ...
    def all(self, study_id: str | None = None, *, limit: int = 100) -> list[tuple[JobSpec, JobState]]:
        """Newest first."""
        ...


class Store(Protocol):
    """Everything remembered. Safe to call from any thread: a cursor a call, one lock for writers."""

    studies: Studies
    examples: Examples
    models: Models
    predictions: Predictions
    perturbations: Perturbations
    unknowns: Unknowns
    blind_spots: BlindSpotLog
    locations: Locations
    judgements: Judgements
    foils: Foils
    hypotheses: Hypotheses
    samples: Samples
    decisions: Decisions
    pretests: Pretests
    gates: Gates
    calls: Calls
    costs: Costs
    drafts: Drafts
    evaluations: Evaluations
    experiments: Experiments
    jobs: Jobs
    surveys: SurveyStore

    def ingest(self, result: JobResult) -> bool:
        """Take in a finished job in one transaction and mark it INGESTED. False when it already was."""
        ...

    def record(self, study_id: str, kind: str, payload: dict[str, object]) -> None:
        """Append an event."""
        ...

    def latest(self, study_id: str, kind: str) -> dict[str, object] | None:
        """The payload of the newest event of that kind."""
        ...

    def backup(self, target: Path) -> None:
        """Copy the database into a new file. Raises StoreError if it exists."""
        ...

    def close(self) -> None: ...
