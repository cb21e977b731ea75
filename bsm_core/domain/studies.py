"""A study: one task, its data, its classifier, and everything learned about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bsm_core.domain.arms import Arm
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


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done without further asking; kept as an event, so that a restart goes on with it.

    ``training`` overrides the study's retraining settings; ``budget`` is the number of samples every arm adds.
    """

    plan_id: str
    steps: tuple[StepName, ...]
    arms: tuple[Arm, ...] = ()
    training: dict[str, object] | None = None
    budget: int | None = None

    def to_payload(self) -> dict[str, Any]:
        """As the event's JSON."""
        return {
            "plan_id": self.plan_id,
            "steps": list(self.steps),
            "arms": list(self.arms),
            "training": self.training,
            "budget": self.budget,
        }

    @property
    def writing_arms(self) -> tuple[Arm, ...]:
        """The arms whose samples a teacher writes without a human."""
        return tuple(arm for arm in self.arms if arm in (Arm.HYPOTHESIS_RULE, Arm.HYPOTHESIS_LM))

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Plan:
        """Back from the event's JSON."""
        return cls(
            plan_id=payload["plan_id"],
            steps=tuple(StepName(name) for name in payload["steps"]),
            arms=tuple(Arm(name) for name in payload["arms"]),
            training=payload["training"],
            budget=payload["budget"],
        )
