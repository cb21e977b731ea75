"""Cost beside effect (the paper's observation 6): unknown unknowns removed for each unit that was spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from bsm_core.domain.costs import BREAK_SECONDS
from bsm_core.metrics.bootstrap import Range
from bsm_core.metrics.effects import Effect


@dataclass(frozen=True, slots=True)
class Amount:
    """How much was spent. ``known`` is the part that was counted, ``unknown`` how many calls, answers or models are not
    in it; ``estimated`` says that it was not measured but worked out."""

    known: float
    unknown: float = 0.0
    estimated: bool = False

    @property
    def value(self) -> float | None:
        """None where something is not known: an unknown price is no price of 0."""
        return None if self.unknown else self.known

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.known + other.known,
            self.unknown + other.unknown,
            (self.estimated and self.known > 0) or (other.estimated and other.known > 0),
        )


@dataclass(frozen=True, slots=True)
class Yield:
    """UUs removed for each unit spent, with the 95% interval of the effect carried through: what was spent is taken as
    known."""

    rate: float
    interval: Range


def removed_per(effect: Effect, amount: Amount, unit: float = 1.0) -> Yield | None:
    """UUs removed per ``unit`` of ``amount``. None where chance alone could have removed as many, or where the amount
    is not known or nothing. Raises ValueError for a unit of 0 or less."""
    if unit <= 0:
        raise ValueError(f"a unit of {unit:g} measures nothing; use more than 0")
    value = amount.value
    if not (effect.resolved and effect.fewer) or not value:
        return None
    units, span = value / unit, effect.intervals.difference
    return Yield(-effect.difference / units, Range(-span.high / units, -span.low / units))


def why_none(effect: Effect | None, amount: Amount) -> str:
    """Why ``removed_per`` gives no figure, in a few words."""
    if effect is None:
        return "not compared"
    if not (effect.resolved and effect.fewer):
        return "more UUs than before" if effect.resolved else "no UUs removed that chance could not"
    return "not known" if amount.unknown else "nothing spent"


def worked_seconds(moments: Sequence[datetime], longest: float = BREAK_SECONDS) -> list[float]:
    """How long each piece of handwork took: the time since the piece before it, or, after a break longer than
    ``longest`` and for the first one, the median of the others (0 where there are none).

    ``moments`` are in order of time. It is an estimate: work that left no trace, such as reading, is only seen where a
    piece of work follows soon.
    """
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    if any(gap < 0 for gap in gaps):
        raise ValueError("moments are out of order; sort them by time")
    usual = median([gap for gap in gaps if gap <= longest] or [0.0])
    return [gap if gap <= longest else usual for gap in [float("inf"), *gaps]][: len(moments)]
