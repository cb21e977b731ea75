"""Jobs: long work in a process of its own, described by a spec and watched through its events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class JobKind(StrEnum):
    TRAIN = "train"
    """Train a classifier: the baseline, or one arm."""
    DISCOVER = "discover"
    """Attack a model on the validation split."""
    CLUSTER = "cluster"
    """Cluster the UUs into blind spots."""
    LOCATE = "locate"
    """Place the mistakes on test among the blind spots of validation."""
    ATTRIBUTE = "attribute"
    """Leave each hypothesis' samples out of a cheap head, to see what they do."""
    SYNTHESIZE = "synthesize"
    """Have the teacher write samples, then gate them."""
    UNTARGETED = "untargeted"
    """Have the teacher write samples without a hypothesis, then gate them."""
    WRITE = "write"
    """Have a language model write hypotheses and samples for many UUs, within the budget and a spending cap."""
    CROSS_CHECK = "cross-check"
    """Have a language model label samples blind."""
    COMPARE_PROMPTS = "compare-prompts"
    """Ask two versions of a prompt about the same UUs."""
    GATE = "gate"
    """Check samples and ask the baseline about them."""
    JUDGE = "judge"
    """Have the teacher say whether labels are still right."""
    EVALUATE = "evaluate"
    """Look at the test split with one model: clean, frozen, fresh."""
    REPLAY = "replay"
    """Ask one model about the perturbed texts of a stored set."""
    CONTROLLED = "controlled"
    """Plant blind spots, and see whether they are found and removed: the self-test. Belongs to no study."""


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    """The worker wrote its result; not yet in the store."""
    INGESTED = "ingested"
    """The result is in the store. The good end."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Stopped by the user. Can be resumed."""
    INTERRUPTED = "interrupted"
    """The worker died. Can be resumed from its last checkpoint."""

    @property
    def is_active(self) -> bool:
        return self in (JobState.QUEUED, JobState.RUNNING, JobState.FINISHED)

    @property
    def is_resumable(self) -> bool:
        return self in (JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What a worker needs to know; written as ``spec.json``. ``params`` is JSON; bulky inputs lie as Parquet
    in the job's ``inputs`` folder."""

    job_id: str
    study_id: str
    kind: JobKind
    title: str
    seed: int
    params: dict[str, object]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job as seen now: its spec, its state, and what its events say."""

    spec: JobSpec
    state: JobState
    phase: str = ""
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    """Since the worker started."""
    phase_from: int = 0
    """What was done when this worker began the phase: not 0 after a resume."""
    phase_seconds: float = 0.0
    """Since then."""
    message: str = ""
    """The last log line, or the error."""
    device: str = ""
    log: tuple[str, ...] = ()
    metrics: tuple[JobMetric, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class JobMetric:
    """One point of a curve: ``loss`` over optimizer steps, ``accuracy`` over epochs."""

    name: str
    step: int
    value: float
