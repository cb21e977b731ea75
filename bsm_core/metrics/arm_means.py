"""One row an arm, over its seeds: what stays readable when models are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bsm_core.domain.arms import Arm, EvaluationResult
from bsm_core.metrics.effects import Effect


@dataclass(frozen=True, slots=True)
class ArmMean:
    """Means over the arm's ``seeds``. ``spread`` is the standard deviation of the fresh count over seeds, None with one
    seed; ``effect`` is that on the fresh count, None for ORIGINAL."""

    arm: Arm
    seeds: int
    budget: int
    accuracy: float
    natural: float
    frozen: float
    fresh: float
    spread: float | None
    effect: Effect | None


def arm_means(results: Sequence[EvaluationResult], fresh: Sequence[Effect]) -> list[ArmMean]:
    """In the order of ``results``; ``fresh`` are the effects on the fresh endpoint."""
    found = []
    for arm in dict.fromkeys(result.arm for result in results):
        mine = [result for result in results if result.arm is arm]
        counts = [result.fresh for result in mine]
        found.append(
            ArmMean(
                arm=arm,
                seeds=len(mine),
                budget=mine[0].budget,
                accuracy=float(np.mean([result.accuracy for result in mine])),
                natural=float(np.mean([result.natural for result in mine])),
                frozen=float(np.mean([result.frozen for result in mine])),
                fresh=float(np.mean(counts)),
                spread=float(np.std(counts, ddof=1)) if len(mine) > 1 else None,
                effect=next((one for one in fresh if one.arm is arm), None),
            )
        )
    return found
