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


class DecisionRole(StrEnum):
    """In which part somebody decided. The last two matter where two reviewers are required: they go before reviews."""

    REVIEW = "review"
    ADJUDICATION = "adjudication"
    """A third look, by whoever has seen both opinions."""
    WITHDRAWAL = "withdrawal"
    """Its own writer takes a sample back."""


class CheckName(StrEnum):
    """The gates, in order (3.3); the last two beyond the paper."""

    LENGTH = "length"
    NONSENSE = "nonsense"
    REPETITION = "repetition"
    """An exact or near copy of a training text or of another sample."""
    LEAKAGE = "leakage"
    """An exact or near copy of a validation or test text."""
    FORMAT = "format"
    SIMILARITY = "similarity"
    LABEL = "label"
    """A language model's blind label against the sample's own. A warning: it rejects nothing."""
    FIT = "fit"
    """Nearness to the texts that its hypothesis rests on. Information, unless a mark is set."""


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
    writers: tuple[str, ...] = ()
    """Who had a hand in the text (``human:<name>``), as far as they gave a name; of earlier versions as well."""


@dataclass(frozen=True, slots=True)
class Overrule:
    """A human's word against a gate's verdict. Append-only; the latest on a sample's gate counts, also when the gates
    run again. ``passes`` None takes an earlier one back."""

    sample_id: str
    name: CheckName
    passes: bool | None
    reviewer: str
    reason: str
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
    advisory: bool = False
    """Information, or a warning where it did not pass: it rejects nothing."""
    rules: str = ""
    """GateConfig.fingerprint; empty for a check that does not depend on it."""
    overrule: Overrule | None = None

    @property
    def stands(self) -> bool:
        """Whether the sample passes, after a human's word."""
        return self.passed if self.overrule is None or self.overrule.passes is None else self.overrule.passes

    @property
    def is_overruled(self) -> bool:
        """Whether a human's word differs from the gate's."""
        return self.stands != self.passed


@dataclass(frozen=True, slots=True)
class Decision:
    """Append-only; the latest on a sample counts, or, where two reviewers are required, what both agree on. ``policy``
    names the rule when no human looked."""

    sample_id: str
    kind: DecisionKind
    agent: Agent
    policy: str | None
    reason: str
    created_at: datetime
    reviewer: str = ""
    """``human``, ``human:<name>``; empty for a policy."""
    role: DecisionRole = DecisionRole.REVIEW
    batch_id: str | None = None
    """What was decided together, and is undone together."""


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
    opinions: int = 0
    """Reviewers who have said yes or no, where two are required. ``decision`` stays None until they agree."""
    disagreed: bool = False
    """Both have, and differently: it waits for a third look."""
    mine: DecisionKind | None = None
    """What the reviewer of the filter has said."""

    @property
    def status(self) -> DecisionKind:
        return self.decision.kind if self.decision else DecisionKind.PENDING

    @property
    def passed(self) -> bool | None:
        """True when every gate that can reject passed, or was overruled by a human; None while none has looked."""
        verdicts = [check.stands for check in self.checks if not check.advisory]
        return all(verdicts) if verdicts else None

    @property
    def is_disputed(self) -> bool:
        """Whether a blind label differs from the sample's, and no human has said that the sample is right."""
        return any(check.name is CheckName.LABEL and not check.stands for check in self.checks)


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """Samples allowed (1% of training each, 3.1) and approved so far."""

    allowed_abstraction: int
    allowed_extrapolation: int
    approved_abstraction: int
    approved_extrapolation: int
