"""Synthetic samples, the checks they pass through, and the decisions taken on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.tasks import Text


class DecisionKind(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    PENDING = "pending"
    """A decision taken back."""


class CheckName(StrEnum):
    """The gates, in order (3.3)."""

    LENGTH = "length"
    REPETITION = "repetition"
    NONSENSE = "nonsense"
    SIMILARITY = "similarity"


@dataclass(frozen=True, slots=True)
class SyntheticSample:
    """x^s, y^s of the paper. An edit is a new sample that ``revises_id`` the old one."""

    sample_id: str
    study_id: str
    hypothesis_id: str
    text: Text
    label: int
    agent: Agent
    reasoning: str
    call_id: str | None
    revises_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Check:
    """One gate's verdict on one sample. ``value`` is compared with ``threshold`` in the gate's own unit."""

    sample_id: str
    name: CheckName
    passed: bool
    value: float | None
    threshold: float | None
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """Append-only; the latest on a sample counts. ``policy`` names the rule when no human looked."""

    sample_id: str
    kind: DecisionKind
    agent: Agent
    policy: str | None
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SampleState:
    """A sample with everything the analyst needs to decide on it."""

    sample: SyntheticSample
    hypothesis_text: str
    hypothesis_kind: HypothesisKind
    hypothesis_agent: Agent
    checks: tuple[Check, ...]
    decision: Decision | None
    probabilities: tuple[float, ...] | None
    """The baseline's present answer on the sample, once a gate job has run."""

    @property
    def status(self) -> DecisionKind:
        return self.decision.kind if self.decision else DecisionKind.PENDING

    @property
    def passed(self) -> bool | None:
        """True when every gate passed; None while it is not checked yet."""
        return all(check.passed for check in self.checks) if self.checks else None


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """Samples allowed (1% of training each, 3.1) and approved so far."""

    allowed_abstraction: int
    allowed_extrapolation: int
    approved_abstraction: int
    approved_extrapolation: int
