"""Several tests at once: the more one looks, the more chance finds."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p values in the order given (Holm, 1979): one at most alpha can be called so, and the chance of even a
    single false call among all of them stays at most alpha, however they depend on one another.

    Raises ValueError for a value outside [0, 1].
    """
    if strange := [value for value in p_values if not 0 <= value <= 1]:
        raise ValueError(f"{strange[0]} is no p value; use 0 to 1")
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted
