"""What people have decided on samples, and what pre-tests say of hypotheses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bsm_core.domain.synthesis import Decision, DecisionKind


@dataclass(frozen=True, slots=True)
class Standing:
    """What has to be known of a sample before somebody may decide on it. ``decision`` is the one that counts."""

    sample_id: str
    study_id: str
    is_current: bool
    """Whether no newer version revises it."""
    writers: tuple[str, ...]
    status: DecisionKind
    opinions: int
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a decision on one or many samples: ``refused`` has the reason by sample."""

    batch_id: str
    decided: tuple[str, ...]
    refused: dict[str, str]


class PretestVerdict(StrEnum):
    SUPPORTED = "supported"
    """The samples fool the model more often than plain texts do, by more than chance."""
    REFUTED = "refuted"
    """They fool it so seldom that the hypothesis is not worth its samples."""
    OPEN = "not resolvable"
    """Too few samples to tell."""


@dataclass(frozen=True, slots=True)
class Pretest:
    """UUs (wrong at ``tau`` or more) among a hypothesis' first ``size`` samples, and among plain texts of the same
    labels. Append-only; the latest on a hypothesis counts."""

    pretest_id: str
    study_id: str
    hypothesis_id: str
    model_id: str
    tau: float
    size: int
    failed: int
    control_size: int
    control_failed: int
    p_value: float
    """Fisher's exact test, one-sided: that the samples fail no more often than the control."""
    verdict: PretestVerdict
    sample_ids: tuple[str, ...]
    control_ids: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HypothesisWord:
    """A human's word against the figures. ``verdict`` None takes an earlier one back."""

    hypothesis_id: str
    verdict: PretestVerdict | None
    reviewer: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sample, or a plain text, that a pre-test may look at: whether the baseline fails on it at tau."""

    sample_id: str
    label: int
    is_uu: bool
    hypothesis_id: str | None = None
    """None for a plain text."""


@dataclass(frozen=True, slots=True)
class LaterEffect:
    """How many of a hypothesis' own validation texts (natural UUs) a retrained model gets right."""

    hypothesis_id: str
    arm: str
    right: int
    size: int
