"""Condition 3 by sample: how many of the UUs have kept their label, when only some of them were judged.

The judged are a simple random sample without replacement of a finite population, so the count of invalid texts follows
the hypergeometric distribution; its exact interval (Clopper and Pearson's way, both tails at half of alpha) shrinks to
the count itself as the sample grows to the whole population. Closed forms and logarithms of factorials only, so that
the server can import them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class CorrectedCount:
    """The UUs of a population of ``raw`` texts less those judged invalid, as estimated from ``judged`` of them.

    ``estimate`` is the sample's share applied to all; ``low`` and ``high`` are its exact 95% interval, in texts. With
    nobody's judgement ``estimate`` is None and the interval is everything: from 0 to ``raw``.
    """

    raw: int
    judged: int
    invalid: int
    estimate: float | None
    low: int
    high: int

    @property
    def invalid_share(self) -> float | None:
        """Of the judged."""
        return self.invalid / self.judged if self.judged else None


def corrected_count(raw: int, judged: int, invalid: int, alpha: float = ALPHA) -> CorrectedCount:
    """``invalid`` of ``judged`` texts, drawn at random from ``raw``, have lost their label.

    Raises ValueError unless 0 <= invalid <= judged <= raw.
    """
    low, high = invalid_interval(raw, judged, invalid, alpha)
    estimate = raw * (1 - invalid / judged) if judged else None
    return CorrectedCount(raw, judged, invalid, estimate, raw - high, raw - low)


def invalid_interval(raw: int, judged: int, invalid: int, alpha: float = ALPHA) -> tuple[int, int]:
    """(low, high): the numbers of invalid texts in the population that the sample does not speak against.

    The least number with P(at least ``invalid`` in the sample) > alpha / 2, and the greatest with
    P(at most ``invalid``) > alpha / 2; both probabilities are monotone in the number.
    """
    if not 0 <= invalid <= judged <= raw:
        raise ValueError(f"{invalid} invalid of {judged} judged of {raw} texts is no sample; each is within the next")
    most = raw - (judged - invalid)

    def at_least(number: int) -> bool:
        return _tail(raw, number, judged, invalid, judged) > alpha / 2

    def at_most(number: int) -> bool:
        return _tail(raw, number, judged, 0, invalid) > alpha / 2

    low = _first(invalid, most, at_least)
    high = _first(invalid, most + 1, lambda number: number > most or not at_most(number)) - 1
    return low, high


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least number in [low, high] from which ``holds`` is true; it is at ``high``."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _tail(raw: int, number: int, judged: int, first: int, last: int) -> float:
    """P(first <= X <= last) for X invalid among ``judged`` drawn from ``raw`` with ``number`` invalid."""
    least, most = max(first, judged - (raw - number)), min(last, number)
    whole = _log_choose(raw, judged)
    return sum(
        exp(_log_choose(number, count) + _log_choose(raw - number, judged - count) - whole)
        for count in range(least, most + 1)
    )


def _log_choose(of: int, count: int) -> float:
    return lgamma(of + 1) - lgamma(count + 1) - lgamma(of - count + 1)
