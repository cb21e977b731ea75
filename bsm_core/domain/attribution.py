"""Which hypotheses earned their place: what the samples of each one do, by leaving them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Estimate:
    """Percentage points of probability in the right label that the samples bring, on average over texts: above 0 they
    help. ``low`` to ``high`` is a 95% interval; ``adjusted`` is ``p`` after Holm over the hypotheses."""

    points: float
    low: float
    high: float
    p: float
    adjusted: float

    @property
    def resolved(self) -> bool:
        """Told from nothing: by the interval, and by the test with all hypotheses looked at taken into account."""
        return self.adjusted <= 0.05 and not self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class HypothesisEffect:
    """Leaving out one hypothesis' ``samples``. ``own`` is over the ``own_texts`` other UUs of the blind spots that it
    rests on, ``others`` over all further UUs: its source texts are in neither, since its samples were made after them.
    ``clean`` is over all validation texts as they stand."""

    hypothesis_id: str
    samples: int
    spots: tuple[str, ...]
    """Names of the blind spots that its source texts lie in; none where it rests on no clustered UU."""
    own_texts: int
    own: Estimate | None
    others: Estimate | None
    clean: Estimate | None
    own_removed: float
    """UUs of the head among ``own_texts`` that its samples remove, on average over the resamples."""
    others_removed: float


@dataclass(frozen=True, slots=True)
class Mirror:
    """How well the head, trained on the training set alone, stands for the baseline whose features it reads."""

    accuracy: float
    """On validation texts."""
    baseline_accuracy: float
    unknowns: int
    """UUs of the baseline on validation."""
    shared: int
    """Of them, those that are UUs under the head as well."""
    extra: int
    """Validation texts as they stand that are UUs under the head alone."""

    @property
    def shared_share(self) -> float:
        return self.shared / self.unknowns if self.unknowns else 0.0


@dataclass(frozen=True, slots=True)
class Attribution:
    model_id: str
    clustering_id: str
    tau: float
    penalty: float
    resamples: int
    train: int
    samples: int
    """Approved samples in the extended set, of all hypotheses."""
    mirror: Mirror
    effects: tuple[HypothesisEffect, ...]
    job_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FullEffect:
    """One hypothesis' samples left out of a full retraining: UUs ``with_all`` samples and ``without`` its own, of
    ``texts``; ``only_with`` and ``only_without`` are UUs under one model alone, ``p`` McNemar's."""

    part: str
    texts: int
    with_all: int
    without: int
    only_with: int
    only_without: int
    p: float
