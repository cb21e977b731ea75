"""A study: one task, its data, its classifier, and everything learned about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bsm_core.domain.tasks import Task


@dataclass(frozen=True, slots=True)
class Study:
    """``config`` is the study's frozen StudyConfig as JSON; ``tau`` is the value in force now."""

    study_id: str
    name: str
    task: Task
    config: dict[str, object]
    tau: float
    data_hash: str
    dropped: dict[str, int]
    created_at: datetime


class StepName(StrEnum):
    """The path of the study, in order."""

    DATA = "data"
    BASELINE = "baseline"
    DISCOVER = "discover"
    HYPOTHESIZE = "hypothesize"
    SYNTHESIZE = "synthesize"
    APPROVE = "approve"
    RETRAIN = "retrain"
    COMPARE = "compare"


class StepState(StrEnum):
    WAITING = "waiting"
    """An earlier step comes first."""
    READY = "ready"
    RUNNING = "running"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the path with its figure ("41 of 300 texts") for the Overview."""

    name: StepName
    state: StepState
    figure: str
    hint: str
    """What to do next, in one sentence."""


@dataclass(frozen=True, slots=True)
class StudyCounts:
    """What the path is computed from; one query."""

    train: int
    validation: int
    test: int
    baseline_model_id: str | None
    baseline_accuracy: float | None
    perturbation_sets: int
    natural_unknowns: int
    adversarial_unknowns: int
    hypotheses: int
    samples: int
    samples_pending: int
    samples_approved: int
    arms_trained: int
    arms_evaluated: int
    original_fresh_unknowns: int | None
    best_arm: str | None
    best_fresh_unknowns: int | None
