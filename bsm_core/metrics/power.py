"""How much more data would show a difference of the size that was seen, four times in five.

Normal approximations, in closed form. The size that was seen is itself uncertain: read the numbers as an order of
magnitude, for planning.
"""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

POWER = 0.8
ALPHA = 0.05


def texts_needed(mean: float, mean_square: float, *, alpha: float = ALPHA, power: float = POWER) -> int | None:
    """Texts for a paired comparison with ``mean`` difference a text and ``mean_square`` of it; None for no difference.

    Connor (1987): (z_alpha sqrt(psi) + z_beta sqrt(psi - delta^2))^2 / delta^2, with delta the difference of the two
    shares and psi the share of texts whose status differs. With one model a side a text's difference is -1, 0 or 1, so
    that psi is its mean square; the same formula holds for means over seeds.
    """
    if mean_square > 1 or mean**2 > mean_square * (1 + 1e-9):
        raise ValueError(f"a mean difference of {mean:g} has no mean square of {mean_square:g}; use mean**2 to 1")
    if mean == 0:
        return None
    spread = sqrt(max(0.0, mean_square - mean**2))
    return ceil((_z(1 - alpha / 2) * sqrt(mean_square) + _z(power) * spread) ** 2 / mean**2)


def seeds_needed(mean: float, deviation: float, *, alpha: float = ALPHA, power: float = POWER) -> int | None:
    """Seeds for a t test of the seeds' differences, whose mean and standard deviation these are; None for no
    difference. Guenther (1981): ((z_alpha + z_beta) s / d)^2 + z_alpha^2 / 2."""
    if deviation < 0:
        raise ValueError(f"{deviation:g} is no standard deviation; use 0 or more")
    if mean == 0:
        return None
    return ceil(((_z(1 - alpha / 2) + _z(power)) * deviation / mean) ** 2 + _z(1 - alpha / 2) ** 2 / 2)


def _z(share: float) -> float:
    return NormalDist().inv_cdf(share)
