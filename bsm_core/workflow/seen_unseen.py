"""Are blind spots that nobody saw removed as well? The comparison, split by where each UU lies.

A model's UU is *seen* when it lies in a blind spot of validation, *unseen* when it lies outside all of them. Every text
stays in both parts of the comparison; what is split is what it counts as. So the parts add up to the whole, and no part
is chosen by how ORIGINAL answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bsm_core.domain.arms import Arm, EvaluationResult
from bsm_core.domain.comparison import PRIMARY, AnswerPattern, Endpoint
from bsm_core.domain.locations import OTHER_SHARES, SHARE, Locating, Part, PlacedPattern
from bsm_core.metrics.effects import Effect, effects
from bsm_core.ports import Store
from bsm_core.workflow.compare import Comparison

PLACED_ENDPOINTS = (Endpoint.FRESH, Endpoint.FROZEN, Endpoint.NATURAL)
"""Those that count UUs; a wrong answer below tau has no place in a blind spot."""


@dataclass(frozen=True, slots=True)
class PartCount:
    """Mean UUs over an arm's models at one endpoint."""

    arm: Arm
    seen: float
    unseen: float
    unplaced: float


@dataclass(frozen=True, slots=True)
class SeenUnseen:
    """``effects`` of every arm against ORIGINAL in each part; ``counts`` by the share of a spot's members that its
    radius holds, SHARE first, at the endpoint that decides."""

    locating: Locating
    missing: int
    """Mistakes that came after the texts were placed: they are in neither part."""
    effects: Mapping[Part, Mapping[Endpoint, Sequence[Effect]]]
    counts: Mapping[float, Sequence[PartCount]]

    @property
    def original(self) -> PartCount | None:
        return next((one for one in self.counts[SHARE] if one.arm is Arm.ORIGINAL), None)


def seen_unseen(store: Store, found: Comparison, tau: float) -> SeenUnseen | None:
    """None before the texts were placed, or without an evaluation."""
    evaluations = [result.evaluation for result in found.results]
    locating = store.locations.latest(evaluations[0].study_id) if evaluations else None
    if locating is None:
        return None
    patterns = {
        share: tuple(store.locations.patterns(locating.locating_id, evaluations, tau, share))
        for share in (SHARE, *OTHER_SHARES)
    }
    return SeenUnseen(
        locating=locating,
        missing=store.locations.missing(locating.study_id, locating.locating_id),
        effects={part: part_effects(patterns[SHARE], found.results, part) for part in Part},
        counts={share: part_counts(some, found.results, PRIMARY) for share, some in patterns.items()},
    )


def part_effects(
    patterns: Sequence[PlacedPattern], results: Sequence[EvaluationResult], part: Part
) -> dict[Endpoint, Sequence[Effect]]:
    """Against ORIGINAL; Holm's correction is over the arms, within the part and the endpoint."""
    whole = tuple(pattern.of(part) for pattern in patterns)
    return {endpoint: _effects(whole, tuple(results), endpoint) for endpoint in PLACED_ENDPOINTS}


@lru_cache(maxsize=64)
def _effects(
    patterns: tuple[AnswerPattern, ...], results: tuple[EvaluationResult, ...], endpoint: Endpoint
) -> tuple[Effect, ...]:
    """Kept for the next drawing of the page, as in ``compare``."""
    return tuple(effects(patterns, results, endpoint))


def part_counts(
    patterns: Sequence[PlacedPattern], results: Sequence[EvaluationResult], endpoint: Endpoint
) -> list[PartCount]:
    """One an arm, in the order of ``results``: the arm's mean over all texts that each of its models answered."""
    models: dict[Arm, list[str]] = {}
    for result in results:
        models.setdefault(result.arm, []).append(result.evaluation.model_id)
    mine = [pattern for pattern in patterns if pattern.endpoint is endpoint]

    def mean(names: Sequence[str], side: str) -> float:
        return float(np.mean([sum(one.count for one in mine if name in getattr(one, side)) for name in names]))

    return [
        PartCount(arm, mean(names, "seen"), mean(names, "unseen"), mean(names, "unplaced"))
        for arm, names in models.items()
    ]
