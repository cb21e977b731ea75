"""Where on the scale of confidence each arm's successful perturbations lie: the paper's figures 4 and 5."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bsm_core.domain.arms import Arm
from bsm_core.ports import Store
from bsm_core.workflow.compare import Comparison

BINS = 10


@dataclass(frozen=True, slots=True)
class ArmConfidence:
    """``counts`` of wrong answers in each of ``bins`` (low, high), means over the arm's ``seeds``."""

    arm: Arm
    seeds: int
    bins: tuple[tuple[float, float], ...]
    counts: tuple[float, ...]


def confidence_by_arm(store: Store, found: Comparison, *, fresh: bool = True) -> list[ArmConfidence]:
    """Of each model's own fresh attack, or of ORIGINAL's replayed; in the order of the comparison."""
    arms = []
    for arm in dict.fromkeys(result.arm for result in found.results):
        mine = [result.evaluation for result in found.results if result.arm is arm]
        binned = [
            store.evaluations.confidence_bins(one.model_id, one.fresh_set_id if fresh else one.frozen_set_id, BINS)
            for one in mine
        ]
        edges = tuple((low, high) for low, high, _, _ in binned[0])
        counts = np.mean([[wrong for _, _, _, wrong in bins] for bins in binned], axis=0)
        arms.append(ArmConfidence(arm, len(mine), edges, tuple(counts.tolist())))
    return arms
