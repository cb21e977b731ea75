"""What arms cost, in the units in which it was counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bsm_core.domain.hypotheses import Agent, HypothesisKind

BREAK_SECONDS = 300.0
"""Longer than this between two pieces of handwork is taken for a break."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose work it is, and for which kind of hypothesis; an ``agent`` of None wrote without hypotheses."""

    agent: Agent | None
    kind: HypothesisKind | None


@dataclass(frozen=True, slots=True)
class CallCost:
    """Teacher calls of one purpose to one model that were made, not taken from the cache. Those whose answer became
    nothing have no origin. A call that gave work to several origins is shared among them, hence the fractions.

    ``unmetered`` calls told no tokens, ``unpriced`` ones have no known price; both are left out of the sums.
    """

    origin: Origin | None
    purpose: str
    endpoint: str
    model: str
    calls: float
    tokens: float
    dollars: float
    seconds: float
    unmetered: float
    unpriced: float


@dataclass(frozen=True, slots=True)
class Act:
    """A person wrote or decided something, at a moment."""

    origin: Origin
    at: datetime


@dataclass(frozen=True, slots=True)
class SurveyTime:
    """Time that participants of surveys spent on questions about one kind of hypothesis; None for attention checks."""

    kind: HypothesisKind | None
    seconds: float
    untimed: int
    """Answers that came without a time, as in a table filled in by hand."""


@dataclass(frozen=True, slots=True)
class PayRate:
    """What an hour of people's work costs."""

    per_hour: float
    currency: str

    def __post_init__(self) -> None:
        if not 0 < self.per_hour <= 10_000:
            raise ValueError(f"a pay rate of {self.per_hour:g} an hour; use above 0 to 10,000")
        if not (self.currency.isalpha() and len(self.currency) == 3):
            raise ValueError(f"{self.currency!r} is no currency code; use three letters, as in EUR")
