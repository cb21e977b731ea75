"""Averages of changes over several comparisons, each named: they are different numbers, and both are in use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Averages:
    """Over ``cells`` comparisons with UUs before. ``pooled`` is the change of the sums: cells with many UUs weigh more.
    ``mean_of_cells`` is the mean of the changes: every cell weighs the same, also one of three UUs."""

    cells: int
    pooled: float
    mean_of_cells: float


def averages(counts: Iterable[tuple[float, float]]) -> Averages | None:
    """``counts``: (before, after) of each cell. None without a cell that had any before."""
    usable = [(before, after) for before, after in counts if before > 0]
    if not usable:
        return None
    before, after = sum(one for one, _ in usable), sum(one for _, one in usable)
    changes = [after / before - 1 for before, after in usable]
    return Averages(len(usable), after / before - 1, sum(changes) / len(changes))
