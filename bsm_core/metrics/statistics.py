"""What chance alone could give: intervals for counts. Closed forms only, so that the server can import them."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054
"""The normal quantile of a two-sided 95% interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A range of shares, within [0, 1]."""

    low: float
    high: float

    def overlaps(self, other: Interval) -> bool:
        return self.low <= other.high and other.low <= self.high


def wilson_interval(count: int, size: int, z: float = Z_95) -> Interval:
    """Wilson's score interval for a share of ``count`` in ``size`` (Wilson, 1927).

    Unlike the textbook interval it stays within [0, 1] and is not empty at 0 or ``size``. With ``size`` 0 nothing
    is known: [0, 1]. Raises ValueError for a count outside [0, size].
    """
    if not 0 <= count <= size:
        raise ValueError(f"{count} of {size} is not a share; use 0 <= count <= size")
    if size == 0:
        return Interval(0.0, 1.0)
    share, square = count / size, z * z
    center = (share + square / (2 * size)) / (1 + square / size)
    reach = z / (1 + square / size) * sqrt(share * (1 - share) / size + square / (4 * size * size))
    # At 0 and at size the formula gives the end exactly, but for rounding.
    low = 0.0 if count == 0 else max(0.0, center - reach)
    high = 1.0 if count == size else min(1.0, center + reach)
    return Interval(low, high)


def change(before: int, after: int) -> float | None:
    """Relative change of a count: -0.25 is a quarter fewer. None when there was nothing before."""
    return None if before == 0 else (after - before) / before
