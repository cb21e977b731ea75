"""The paper's table 2 for one study: every retrained model against ORIGINAL, with what chance allows to be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bsm_core.domain.arms import Arm, EvaluationResult
from bsm_core.metrics.statistics import Interval, change, wilson_interval


@dataclass(frozen=True, slots=True)
class Measure:
    """A count with its size, its 95% interval, and what became of it against ORIGINAL."""

    count: int
    size: int
    interval: Interval
    change: float | None
    """Against ORIGINAL's count; None for ORIGINAL itself, or when it had none."""
    resolvable: bool | None
    """Whether the interval lies apart from ORIGINAL's; None for ORIGINAL itself."""

    @property
    def share(self) -> float:
        return self.count / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One model. ``correct`` counts right answers on clean test texts; the others count unknown unknowns."""

    result: EvaluationResult
    correct: Measure
    natural: Measure
    frozen: Measure
    fresh: Measure

    @property
    def is_original(self) -> bool:
        return self.result.arm is Arm.ORIGINAL


def comparison_rows(results: Sequence[EvaluationResult]) -> list[ComparisonRow]:
    """One row a model, in the order given. Without ORIGINAL among them no change can be stated."""
    original = next((result for result in results if result.arm is Arm.ORIGINAL), None)
    return [_row(result, original) for result in results]


def _row(result: EvaluationResult, original: EvaluationResult | None) -> ComparisonRow:
    against = None if result is original else original
    return ComparisonRow(
        result=result,
        correct=_measure(*_correct(result), _correct(against) if against else None),
        natural=_measure(result.natural, result.test_size, (against.natural, against.test_size) if against else None),
        frozen=_measure(result.frozen, result.frozen_size, (against.frozen, against.frozen_size) if against else None),
        fresh=_measure(
            result.fresh, result.fresh_attacked, (against.fresh, against.fresh_attacked) if against else None
        ),
    )


def _correct(result: EvaluationResult) -> tuple[int, int]:
    return round(result.accuracy * result.test_size), result.test_size


def _measure(count: int, size: int, against: tuple[int, int] | None) -> Measure:
    interval = wilson_interval(count, size)
    if against is None:
        return Measure(count, size, interval, None, None)
    return Measure(count, size, interval, change(against[0], count), not interval.overlaps(wilson_interval(*against)))


def verdict(measure: Measure, what: str) -> str:
    """One careful sentence on a difference from ORIGINAL; ``what`` names the thing counted."""
    if measure.resolvable is None:
        return f"{measure.count} {what} among {measure.size}: what the others are compared with."
    if measure.change is None:
        return f"Original had no {what}: no change can be stated."
    moved = (
        f"no change in {what}" if measure.change == 0 else f"{abs(measure.change):.0%} {_word(measure.change)} {what}"
    )
    if measure.resolvable:
        return f"{moved}; the 95% intervals lie apart, so chance alone is unlikely to give this."
    return f"{moved}; intervals overlap: not resolvable at this size."


def _word(value: float) -> str:
    return "more" if value > 0 else "fewer"


def seed_caution(results: Sequence[EvaluationResult]) -> str:
    """What the number of seeds allows to be said; empty without a retrained model."""
    retrained = [result for result in results if result.arm is not Arm.ORIGINAL]
    if not retrained:
        return ""
    seeds = sorted({result.seed for result in retrained})
    if len(seeds) == 1:
        return (
            f"One seed ({seeds[0]}): training again with another seed alone moves these counts, so one seed cannot "
            "resolve small differences between arms."
        )
    return (
        f"{len(seeds)} seeds ({', '.join(map(str, seeds))}): compare the spread within an arm with that between arms."
    )
