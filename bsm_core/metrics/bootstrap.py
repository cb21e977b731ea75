"""How far a paired difference would move with other texts and other seeds (Efron and Tibshirani, 1993).

Texts are drawn again with replacement, each with all its answers, and so are seeds. Percentile intervals. Texts of the
same pattern are alike, so that patterns are drawn by their counts: the same distribution, at a fraction of the work.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bsm_core.metrics.paired import FloatArray, IntArray, Pairs

RESAMPLES = 2_000
SEED = 20_240_601


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class PairedIntervals:
    """95% intervals: ``difference`` in texts, ``change`` as a share of what there was before; the latter is None where
    even a resample without any before is not rare."""

    difference: Range
    change: Range | None


def paired_intervals(pairs: Pairs, *, resamples: int = RESAMPLES, seed: int = SEED) -> PairedIntervals:
    """With as many models on both sides, those at one place are drawn together: the same seed trained them."""
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(pairs.size, pairs.counts / pairs.size, size=resamples).astype(np.float64)
    seeds, others = pairs.after.shape[1], pairs.before.shape[1]
    mine = _seed_weights(rng, seeds, resamples)
    theirs = mine if seeds == others else _seed_weights(rng, others, resamples)
    after, before = _means(drawn, pairs.after, mine), _means(drawn, pairs.before, theirs)
    low, high = np.percentile(after - before, [2.5, 97.5])
    difference = Range(float(low), float(high))
    if (before == 0).mean() > 0.025:
        return PairedIntervals(difference, None)
    some = before > 0
    low, high = np.percentile(after[some] / before[some] - 1, [2.5, 97.5])
    return PairedIntervals(difference, Range(float(low), float(high)))


def _seed_weights(rng: np.random.Generator, seeds: int, resamples: int) -> FloatArray:
    """(resamples, seeds) how much each model counts; rows sum to 1."""
    return rng.multinomial(seeds, np.full(seeds, 1 / seeds), size=resamples) / seeds


def _means(drawn: FloatArray, statuses: IntArray, weights: FloatArray) -> FloatArray:
    """(resamples,) mean count over the drawn models on the drawn texts."""
    # Floating point, exact for counts: products of whole numbers go without BLAS.
    return ((drawn @ statuses.astype(np.float64)) * weights).sum(axis=1)
