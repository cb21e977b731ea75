"""Unknown unknowns over arrays (2.1): wrong, with confidence >= tau, and, if perturbed, with the label preserved.

All take probabilities (n, K) and labels (n,); ``preserved`` (n,) is False where the label is known not to hold any
more. The store's UU view counts the same way.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bsm_core.domain.arms import Transition
from bsm_core.domain.unknowns import check_tau

FloatArray = npt.NDArray[np.floating]
IntArray = npt.NDArray[np.integer]
BoolArray = npt.NDArray[np.bool_]


def is_unknown(
    probabilities: FloatArray, labels: IntArray, tau: float, preserved: BoolArray | None = None
) -> BoolArray:
    """(n,) True for a UU. Raises ValueError for a tau outside (0.5, 1] or shapes that do not fit."""
    wrong, confident, counted = _conditions(probabilities, labels, tau, preserved)
    return wrong & confident & counted


def count(probabilities: FloatArray, labels: IntArray, tau: float, preserved: BoolArray | None = None) -> int:
    """Number of UUs."""
    return int(is_unknown(probabilities, labels, tau, preserved).sum())


def transitions(
    before: FloatArray, after: FloatArray, labels: IntArray, tau: float, preserved: BoolArray | None = None
) -> dict[Transition, BoolArray]:
    """For each transition, (n,) True for the texts that made it between two models; the masks do not overlap, and a
    text that is a UU under neither model is in none."""
    wrong, confident, counted = _conditions(after, labels, tau, preserved)
    old = is_unknown(before, labels, tau, preserved)
    new = wrong & confident & counted
    return {
        Transition.FIXED: old & ~wrong,
        Transition.DEMOTED: old & wrong & ~new,
        Transition.PERSISTENT: old & new,
        Transition.NEW: ~old & new,
    }


def transition_counts(
    before: FloatArray, after: FloatArray, labels: IntArray, tau: float, preserved: BoolArray | None = None
) -> dict[Transition, int]:
    """How many texts made each transition."""
    return {kind: int(mask.sum()) for kind, mask in transitions(before, after, labels, tau, preserved).items()}


def _conditions(
    probabilities: FloatArray, labels: IntArray, tau: float, preserved: BoolArray | None
) -> tuple[BoolArray, BoolArray, BoolArray]:
    """(wrong, confident, label preserved), each (n,)."""
    check_tau(tau)
    # Double precision: a float32 0.65 lies below the double 0.65, for the store as well as here.
    values, truth = np.asarray(probabilities, dtype=np.float64), np.asarray(labels)
    kept = np.ones(truth.shape, dtype=np.bool_) if preserved is None else np.asarray(preserved, dtype=np.bool_)
    if values.ndim != 2 or truth.shape != values.shape[:1] or kept.shape != truth.shape:
        raise ValueError(
            f"probabilities {values.shape}, labels {truth.shape} and preserved {kept.shape} do not fit; "
            "use (n, K), (n,) and (n,)"
        )
    if not len(truth):
        return kept, kept, kept
    return values.argmax(axis=1) != truth, values.max(axis=1) >= tau, kept
