"""Figures of the controlled check (appendix C): shares over texts and seeds, with intervals.

All arrays are (seeds, texts); a text is of a planted kind under some seeds only, since every seed plants other terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
import numpy.typing as npt

from bsm_core.domain.controlled import Change
from bsm_core.metrics.paired import sign_flip

RESAMPLES = 2_000
SEED = 20_240_601

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]


def totals(statuses: Sequence[BoolArray], *, resamples: int = RESAMPLES, seed: int = SEED) -> FloatArray:
    """(1 + resamples, len(statuses)) how often each status holds: as observed, then over seeds and texts drawn again
    with replacement (Efron and Tibshirani, 1993), each text with all its seeds. With one seed only texts are drawn."""
    stacked = np.stack([np.asarray(status, dtype=np.float64) for status in statuses])  # (k, S, n)
    kinds, seeds, texts = stacked.shape
    rng = np.random.default_rng(seed)
    of_texts = rng.multinomial(texts, np.full(texts, 1 / texts), size=resamples).astype(np.float64)
    of_seeds = rng.multinomial(seeds, np.full(seeds, 1 / seeds), size=resamples).astype(np.float64)
    drawn = np.empty((resamples, kinds))
    for place in range(kinds):
        drawn[:, place] = ((of_texts @ stacked[place].T) * of_seeds).sum(axis=1)
    return np.vstack([stacked.sum(axis=(1, 2)), drawn])


def removed(before: FloatArray, after: FloatArray) -> Change:
    """1 - after / before, from columns of ``totals``."""
    return _change(before - after, before)


def removed_of_planted(before: FloatArray, after: FloatArray, reference: FloatArray) -> Change:
    """(before - after) / (before - reference): of what planting added. None where ``reference`` has no less."""
    return _change(before - after, before - reference)


def share_difference(mine: FloatArray, theirs: FloatArray, size: FloatArray) -> Change:
    """(mine - theirs) / size."""
    return _change(mine - theirs, size)


def paired_chance(one: BoolArray, other: BoolArray) -> float:
    """Two-sided p of the sign-flip test over texts: each keeps all its seeds."""
    differences = one.sum(axis=0, dtype=np.int64) - other.sum(axis=0, dtype=np.int64)
    values, counts = np.unique(differences, return_counts=True)
    return sign_flip(values, counts)


def at_least(count: int, size: int, share: float) -> float:
    """The chance that a binomial of ``size`` draws and ``share`` comes to ``count`` or more."""
    if not (0 <= count <= size and 0 <= share <= 1):
        raise ValueError(f"{count} of {size} draws with a chance of {share} cannot be; use 0 <= count <= size")
    return min(1.0, sum(comb(size, k) * share**k * (1 - share) ** (size - k) for k in range(count, size + 1)))


def _change(part: FloatArray, whole: FloatArray) -> Change:
    """The interval is None where the whole is not above 0 in more than 2.5% of resamples: it has no end then."""
    if whole[0] <= 0:
        return Change(None, None, None)
    share = float(part[0] / whole[0])
    some = whole[1:] > 0
    if some.mean() <= 0.975:
        return Change(share, None, None)
    low, high = np.percentile(part[1:][some] / whole[1:][some], [2.5, 97.5])
    return Change(share, float(low), float(high))
