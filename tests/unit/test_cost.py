"""Cost beside effect, by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.comparison import AnswerPattern, Endpoint
from bsm_core.domain.costs import CallCost, Origin, PayRate
from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.metrics.cost import Amount, removed_per, why_none, worked_seconds
from bsm_core.metrics.effects import Effect, effects
from bsm_core.workflow.costs import spread
from tests.unit.test_comparison import result

START = datetime(2026, 1, 1, tzinfo=UTC)


def effect(only_before: int, only_after: int, both: int = 100) -> Effect:
    rows = [
        AnswerPattern(Endpoint.FRESH, ("mORIGINAL0",), ("mRELABEL0",), only_before),
        AnswerPattern(Endpoint.FRESH, ("mRELABEL0",), ("mORIGINAL0",), only_after),
        AnswerPattern(Endpoint.FRESH, ("mORIGINAL0", "mRELABEL0"), (), both),
        AnswerPattern(Endpoint.FRESH, (), ("mORIGINAL0", "mRELABEL0"), 200),
    ]
    (found,) = effects(rows, [result(Arm.ORIGINAL, 0), result(Arm.RELABEL, 0)], Endpoint.FRESH)
    return found


def test_uus_removed_per_unit_carry_the_interval_of_the_effect() -> None:
    """60 fixed and 10 new: 50 fewer. For 2,000 tokens that is 25 per 1,000."""
    found = effect(60, 10)
    told = removed_per(found, Amount(2000.0), 1000)
    assert told is not None
    assert told.rate == 25
    span = found.intervals.difference
    assert (told.interval.low, told.interval.high) == (-span.high / 2, -span.low / 2)
    assert 0 < told.interval.low < 25 < told.interval.high


@pytest.mark.parametrize(
    ("found", "amount", "why"),
    [
        (effect(12, 10), Amount(5.0), "no UUs removed that chance could not"),
        (effect(10, 60), Amount(5.0), "more UUs than before"),
        (effect(60, 10), Amount(5.0, unknown=1), "not known"),
        (effect(60, 10), Amount(0.0), "nothing spent"),
    ],
)
def test_no_ratio_is_told_where_there_is_nothing_to_divide(found: Effect, amount: Amount, why: str) -> None:
    assert removed_per(found, amount) is None
    assert why_none(found, amount) == why


def test_unknown_price_is_not_a_price_of_nothing() -> None:
    both = Amount(2.0) + Amount(0.0, unknown=3)
    assert (both.known, both.value) == (2.0, None)
    assert (Amount(1.0) + Amount(2.0, estimated=True)).estimated
    assert not (Amount(1.0) + Amount(0.0, estimated=True)).estimated
    with pytest.raises(ValueError, match="measures nothing"):
        removed_per(effect(60, 10), Amount(1.0), 0)


def test_handwork_is_timed_by_the_piece_before_it_and_breaks_are_left_out() -> None:
    """At 0, 40, 100, then after 20 minutes, and 20 seconds later: gaps of 40, 60 and 20 count, their median stands in
    for the first piece and for the one after the break."""
    moments = [START + timedelta(seconds=second) for second in (0, 40, 100, 1300, 1320)]
    assert worked_seconds(moments) == [40, 40, 60, 40, 20]
    assert worked_seconds(moments[:1]) == [0]
    assert worked_seconds([]) == []
    with pytest.raises(ValueError, match="out of order"):
        worked_seconds(moments[::-1])


def call(origin: Origin | None, calls: float, tokens: float, purpose: str = "sample") -> CallCost:
    return CallCost(origin, purpose, "http://x/v1", "big", calls, tokens, tokens / 1e6, 1.0, 0.0, 0.0)


def test_calls_whose_answer_became_nothing_are_shared_out_among_those_alike() -> None:
    """Of 8 calls 6 were for one arm and 2 for another: 400 lost tokens are 300 and 100. A trial served neither."""
    lm, hybrid = Origin(Agent.LM, HypothesisKind.ABSTRACTION), Origin(Agent.HYBRID, HypothesisKind.ABSTRACTION)
    found, left = spread([call(lm, 6, 900), call(hybrid, 2, 300), call(None, 4, 400), call(None, 1, 7, "trial")])
    assert left == [call(None, 1, 7, "trial")]
    tokens = {origin: sum(one.tokens for one in found if one.origin == origin) for origin in (lm, hybrid)}
    assert tokens == {lm: 1200, hybrid: 400}
    assert sum(one.calls for one in found) == pytest.approx(12)


@pytest.mark.parametrize(("per_hour", "currency"), [(0, "USD"), (-3, "USD"), (12, "dollars"), (12, "E1R")])
def test_impossible_pay_rate_is_refused(per_hour: float, currency: str) -> None:
    with pytest.raises(ValueError, match=r"use|three letters"):
        PayRate(per_hour, currency)
