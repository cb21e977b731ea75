"""The paper's table 2 for one study: every retrained model against ORIGINAL, with what chance allows to be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bsm_core.domain.arms import Arm, EvaluationResult
from bsm_core.domain.comparison import Endpoint
from bsm_core.metrics.effects import Effect
from bsm_core.metrics.statistics import Interval, change, wilson_interval

Effects = Mapping[Endpoint, Sequence[Effect]]
"""Each endpoint's effects against one reference."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A count with its size, its 95% interval, and what became of it against ORIGINAL."""

    count: int
    size: int
    interval: Interval
    change: float | None
    """Against ORIGINAL's count; None for ORIGINAL itself, or when it had none."""
    resolvable: bool | None
    """What the paired test of the model's arm, all seeds together, says; None for ORIGINAL itself."""

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


def comparison_rows(results: Sequence[EvaluationResult], found: Effects) -> list[ComparisonRow]:
    """One row a model, in the order given; ``found`` has the effects against ORIGINAL. Without ORIGINAL among them no
    change can be stated."""
    original = next((result for result in results if result.arm is Arm.ORIGINAL), None)
    return [_row(result, original, found) for result in results]


def _row(result: EvaluationResult, original: EvaluationResult | None, found: Effects) -> ComparisonRow:
    against = None if result is original else original

    def measure(endpoint: Endpoint) -> Measure:
        effect = next((one for one in found.get(endpoint, ()) if one.arm is result.arm), None)
        resolvable = effect.resolved if effect else False
        return _measure(_count(result, endpoint), _count(against, endpoint) if against else None, resolvable)

    return ComparisonRow(
        result=result,
        correct=measure(Endpoint.WRONG),
        natural=measure(Endpoint.NATURAL),
        frozen=measure(Endpoint.FROZEN),
        fresh=measure(Endpoint.FRESH),
    )


def _count(result: EvaluationResult, endpoint: Endpoint) -> tuple[int, int]:
    """(count, of how many). Of WRONG its complement: what was right."""
    match endpoint:
        case Endpoint.WRONG:
            return round(result.accuracy * result.test_size), result.test_size
        case Endpoint.NATURAL:
            return result.natural, result.test_size
        case Endpoint.FROZEN:
            return result.frozen, result.frozen_size
        case Endpoint.FRESH:
            return result.fresh, result.fresh_attacked


def _measure(counted: tuple[int, int], against: tuple[int, int] | None, resolvable: bool) -> Measure:
    interval = wilson_interval(*counted)
    if against is None:
        return Measure(*counted, interval, None, None)
    return Measure(*counted, interval, change(against[0], counted[0]), resolvable)


def seed_caution(results: Sequence[EvaluationResult]) -> str:
    """What the number of seeds allows to be said; empty without a retrained model."""
    retrained = [result for result in results if result.arm is not Arm.ORIGINAL]
    if not retrained:
        return ""
    seeds = sorted({result.seed for result in retrained})
    if len(seeds) == 1:
        return (
            f"One seed ({seeds[0]}): training again with another seed alone moves these counts, so one seed cannot "
            "resolve small differences between arms. The tests compare these models; they cannot speak for others "
            "trained the same way."
        )
    few = " Fewer than five understate how far seeds differ: the intervals are too narrow." if len(seeds) < 5 else ""
    return f"{len(seeds)} seeds ({', '.join(map(str, seeds))}): figures of an arm are means over its seeds.{few}"
