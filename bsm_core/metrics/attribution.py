"""The effect of leaving samples out, with what it may be by the luck of training rows and of texts.

The training rows were drawn again R times, and both heads, with the samples and without them, were fitted on the same
draw: ``gains`` (R, T) is what the samples brought on each of T texts. The spread over draws is that of one training set
(it is not divided by the number of draws); texts are drawn again too, those of one example together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from bsm_core.domain.attribution import Estimate
from bsm_core.metrics.multiplicity import holm

FloatArray = npt.NDArray[np.floating]
BoolArray = npt.NDArray[np.bool_]

DRAWS = 2_000
SEED = 20_240_601


class Resampling:
    """How often each of T texts, and which training draw, is in each of DRAWS bootstrap draws; the same for all
    hypotheses. ``examples`` (T,) says which texts come from one example."""

    def __init__(self, examples: Sequence[str], resamples: int, seed: int = SEED) -> None:
        rng = np.random.default_rng(seed)
        _, group = np.unique(np.asarray(examples, dtype=str), return_inverse=True)
        count = int(group.max()) + 1 if len(group) else 0
        by_group = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS) if count else np.zeros((DRAWS, 0))
        self._weights = by_group[:, group].astype(np.float64)
        self._draw = rng.integers(resamples, size=DRAWS)

    def estimate(self, gains: FloatArray, chosen: BoolArray) -> Estimate | None:
        """Over the texts ``chosen`` (T,), in percentage points; ``adjusted`` is left at ``p``. None for no text, or for
        so few that draws without any are not rare."""
        some, weights = np.asarray(gains, dtype=np.float64)[:, chosen], self._weights[:, chosen]
        totals = weights.sum(axis=1)
        drawn = totals > 0
        if not chosen.any() or drawn.mean() < 0.975:
            return None
        sums = (weights @ some.T)[np.arange(DRAWS), self._draw]
        means = 100 * sums[drawn] / totals[drawn]
        points, deviation = 100 * float(some.mean()), float(means.std(ddof=1))
        low, high = np.percentile(means, [2.5, 97.5])
        p = two_sided(points, deviation)
        return Estimate(points, float(low), float(high), p, p)


def two_sided(value: float, deviation: float) -> float:
    """p of a normal test that ``value``, with this standard deviation, is really 0."""
    if deviation == 0:
        return 1.0 if value == 0 else 0.0
    return 2 * NormalDist().cdf(-abs(value) / deviation)


def adjusted(estimates: Sequence[Estimate | None]) -> list[Estimate | None]:
    """With Holm's correction over those that there are."""
    levels = iter(holm([one.p for one in estimates if one is not None]))
    return [None if one is None else replace(one, adjusted=next(levels)) for one in estimates]
