"""What the store answers with, and what it is asked by: filters, pages and rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from bsm_core.domain.arms import Transition
from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.domain.tasks import Example, Split, Text
from bsm_core.domain.unknowns import UUOrigin

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """``rows`` of ``total``."""

    rows: list[Row]
    total: int


@dataclass(frozen=True, slots=True)
class ExampleRow:
    example: Example
    probabilities: tuple[float, ...] | None
    """The baseline's answer; None before training, and always for test rows."""


@dataclass(frozen=True, slots=True)
class UnknownFilter:
    """Which UUs to look at. Only ``model_id`` and ``tau`` are needed; None means "any"."""

    model_id: str
    tau: float
    split: Split = Split.VALIDATION
    origin: UUOrigin | None = None
    recipe: str | None = None
    label: int | None = None
    predicted: int | None = None
    confidence_low: float | None = None
    confidence_high: float | None = None
    search: str = ""
    verdict: str | None = None
    """A Verdict value, or ``unjudged``. None shows all; texts judged ``no`` are shown but never counted as UUs."""


@dataclass(frozen=True, slots=True)
class UnknownCounts:
    """At the filter's tau: UUs by origin (judged-invalid left out), and the judgements so far."""

    natural: int
    adversarial: int
    judged_yes: int
    judged_no: int
    judged_unsure: int

    @property
    def total(self) -> int:
        return self.natural + self.adversarial


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """Wrong predictions with confidence in [low, high), the last bin closed."""

    low: float
    high: float
    natural: int
    adversarial: int


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Mean confidence and accuracy of the predictions whose confidence is in [low, high)."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Position:
    """Where a UU stands in a filtered, ordered list (1-based), and its neighbours."""

    number: int
    total: int
    previous_id: str | None
    next_id: str | None


@dataclass(frozen=True, slots=True)
class SampleFilter:
    status: DecisionKind | None = None
    agent: str | None = None
    hypothesis_id: str | None = None
    passed: bool | None = None
    """None: any; False: failed a gate."""
    search: str = ""
    kind: str | None = None
    """HypothesisKind of its hypothesis."""
    hypothesis_ids: tuple[str, ...] | None = None
    """Of any of these hypotheses: those of a blind spot."""
    gate: str | None = None
    """A CheckName: failed by it, or warned of."""
    overruled: bool = False
    """Only where a human's word differs from a gate's."""
    label: int | None = None
    answer: str | None = None
    """Of the baseline: ``right``, ``wrong``, or ``uu``: wrong, at ``tau`` or more."""
    tau: float = 0.0
    reviewer: str = ""
    """Whose opinions ``turn`` is about, ``human:<name>``."""
    turn: str | None = None
    """Where two reviewers are required: ``mine`` waits for this reviewer's opinion, ``second`` for somebody else's,
    ``third`` for a third look."""


@dataclass(frozen=True, slots=True)
class SamplePlace:
    """Where a sample stands in a filtered list (1-based), and its neighbors. Open is what waits for a decision, of the
    filter's reviewer where two are required."""

    total: int
    open: int
    number: int | None
    """None: not in this list."""
    previous_id: str | None
    next_id: str | None
    next_open_id: str | None
    """The next one after it, or else the first of the list; never itself."""
    next_open_number: int | None
    first_id: str | None


@dataclass(frozen=True, slots=True)
class SampleMark:
    """A sample without its texts, for lists of all of them."""

    sample_id: str
    hypothesis_id: str
    agent: Agent
    status: DecisionKind
    passed: bool | None
    """True when every gate passed; None while it is not checked yet."""


@dataclass(frozen=True, slots=True)
class SampleCount:
    """How many current samples of one agent rest on one version of a hypothesis."""

    hypothesis_id: str
    kind: HypothesisKind
    agent: Agent
    status: DecisionKind
    count: int


@dataclass(frozen=True, slots=True)
class TransitionRow:
    item_id: str
    transition: Transition
    original_text: Text
    perturbed_text: Text | None
    label: int
    before: tuple[float, ...]
    after: tuple[float, ...]
