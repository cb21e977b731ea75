"""What is said of seen and unseen blind spots, of costs, and of hypotheses: sentences, tables and JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bsm_core.charts.forest import ForestLine, forest
from bsm_core.domain.arms import Arm
from bsm_core.domain.attribution import Attribution, Estimate, FullEffect, HypothesisEffect, Mirror
from bsm_core.domain.blind_spots import SpotSpace
from bsm_core.domain.comparison import Endpoint
from bsm_core.domain.costs import PayRate
from bsm_core.domain.locations import OTHER_SHARES, SHARE, Part, PlacedPattern
from bsm_core.metrics.cost import Amount
from bsm_core.report.attribution import attribution_json, attribution_text, by_effect, full_words, verdict_words
from bsm_core.report.costs import amount_words, bill_words, costs_json, costs_text, gap_words, yields
from bsm_core.report.seen_unseen import cautions, claim, seen_unseen_json, seen_unseen_text
from bsm_core.workbench.attribution import FullRun
from bsm_core.workflow.costs import ArmCost, Costs
from bsm_core.workflow.seen_unseen import SeenUnseen, part_counts, part_effects
from tests.records import moment
from tests.spots import make_locating
from tests.unit.test_comparison import result
from tests.unit.test_cost import effect

M, A = "mORIGINAL0", "mRELABEL0"


@pytest.fixture
def split() -> SeenUnseen:
    """60 of 80 seen UUs are fixed; of 20 unseen ones two, and one is new."""
    rows = [
        PlacedPattern(Endpoint.FRESH, (M,), (), (), (A,), 60),
        PlacedPattern(Endpoint.FRESH, (M, A), (), (), (), 20),
        PlacedPattern(Endpoint.FRESH, (), (M,), (), (A,), 2),
        PlacedPattern(Endpoint.FRESH, (), (M, A), (), (), 18),
        PlacedPattern(Endpoint.FRESH, (), (A,), (), (M,), 1),
        PlacedPattern(Endpoint.FRESH, (), (), (), (M, A), 199),
    ]
    results = [result(Arm.ORIGINAL, 100), result(Arm.RELABEL, 39)]
    counts = part_counts(rows, results, Endpoint.FRESH)
    return SeenUnseen(
        make_locating(["spot-1"]),
        0,
        {part: part_effects(rows, results, part) for part in Part},
        dict.fromkeys((SHARE, *OTHER_SHARES), counts),
    )


def test_claim_tells_both_parts_apart(split: SeenUnseen) -> None:
    seen, unseen = claim(split, lambda arm: arm.value)
    assert seen.startswith("80 unknown unknowns after a fresh attack lie in seen blind spots")
    assert "RELABEL: fewer" in seen
    assert unseen.startswith("20 unknown unknowns after a fresh attack lie outside all of them")
    assert "no difference" in unseen


def test_cautions_count_what_would_be_unseen_anyway_and_warn_of_the_classifiers_own_space(split: SeenUnseen) -> None:
    (only,) = cautions(split)
    assert "So about 5 of the original model's 100 would count as unseen" in only
    assert "; 20 do." in only
    own = replace(split, locating=replace(split.locating, space=SpotSpace.CLASSIFIER), missing=3)
    assert "what the original model makes of them" in cautions(own)[1]
    assert cautions(own)[2].startswith("3 mistakes came later")


def test_split_as_text_and_json(split: SeenUnseen) -> None:
    text = "\n".join(seen_unseen_text(split))
    assert "80 -> 20" in text
    assert "20 -> 19" in text
    assert "100 " not in text.splitlines()[1]
    told = seen_unseen_json(split, lambda one: {"arm": one.arm, "after": one.after})
    assert told is not None
    assert told["effects"] == {"seen": [{"arm": "RELABEL", "after": 20}], "unseen": [{"arm": "RELABEL", "after": 19}]}
    assert set(told["fresh_counts"]) == {"0.95", "0.8", "1"}
    json.dumps(told)
    assert "run `spots`, then `locate`" in seen_unseen_text(None)[0]


def arm_cost(arm: Arm, *, dollars: Amount, minutes: float, removed: bool = True) -> ArmCost:
    return ArmCost(
        arm=arm,
        models=1,
        samples=100,
        tokens=Amount(4000.0),
        dollars=dollars,
        survey_minutes=Amount(minutes),
        hand_minutes=Amount(0.0, 0.0, True),
        queries=Amount(10_000.0),
        evaluation_queries=5_000.0,
        seconds=Amount(120.0),
        effect=effect(60, 10) if removed else effect(12, 10),
    )


def test_yields_are_told_for_each_unit_that_was_spent() -> None:
    """50 UUs fewer: 12.5 per 1,000 of 4,000 tokens, 5 per 1,000 of 10,000 queries, 25 per minute of two."""
    told = dict(yields(arm_cost(Arm.HYPOTHESIS_LM, dollars=Amount(0.0, 2), minutes=0)))
    assert list(told) == ["1,000 teacher tokens", "dollar to the teacher", "1,000 attack queries", "minute of compute"]
    assert told["1,000 teacher tokens"].startswith("12.5 (")
    assert told["dollar to the teacher"] == "cost not known"
    assert told["1,000 attack queries"].startswith("5 (")
    assert told["minute of compute"].startswith("25 (")
    nothing = arm_cost(Arm.HYPOTHESIS_LM, dollars=Amount(1.0), minutes=0, removed=False)
    assert yields(nothing) == [("", "no UUs removed that chance could not")]


def test_gap_is_pay_against_bill_for_each_text_and_only_in_dollars() -> None:
    """300 minutes at 12 dollars are 60 for 100 texts, 0.60 each; 2 dollars are 0.02 each: 30 times as much."""
    arms = (
        arm_cost(Arm.HYPOTHESIS_HUMAN, dollars=Amount(0.0), minutes=300),
        arm_cost(Arm.HYPOTHESIS_LM, dollars=Amount(2.0), minutes=0),
    )
    told = gap_words(Costs(arms, Amount(0.0), PayRate(12.0, "USD")), lambda arm: arm.value)
    assert "HYPOTHESIS_HUMAN cost $0.60 and HYPOTHESIS_LM $0.0200: 30 times as much" in told
    assert gap_words(Costs(arms, Amount(0.0), PayRate(12.0, "EUR")), str) == ""
    assert gap_words(Costs(arms, Amount(0.0), None), str) == ""
    assert gap_words(Costs(arms[1:], Amount(0.0), PayRate(12.0, "USD")), str) == ""


def test_amounts_say_what_is_not_known() -> None:
    assert amount_words(Amount(1204.0)) == "1,204"
    assert amount_words(Amount(12.0, estimated=True), 1) == "about 12.0"
    assert amount_words(Amount(0.0, 3)) == "not known"
    assert amount_words(Amount(0.5, 1), 2, "$") == "at least $0.50"
    told = [bill_words(Amount(0.0)), bill_words(Amount(0.0042)), bill_words(Amount(1.5)), bill_words(Amount(0.0, 2))]
    assert told == ["no bill", "$0.0042", "$1.50", "not known"]


def test_costs_as_text_and_json() -> None:
    told = Costs((arm_cost(Arm.HYPOTHESIS_LM, dollars=Amount(0.0, 2), minutes=0),), Amount(7.0), None)
    assert "not known" in "\n".join(costs_text(told))
    assert costs_text(None) == []
    body = costs_json(told)
    assert body is not None
    (arm,) = body["arms"]
    assert arm["teacher_dollars"] == {"value": None, "known": 0.0, "unknown": 2, "estimated": False}
    assert arm["removed_per"]["1,000 teacher tokens"]["rate"] == 12.5
    assert arm["removed_per"]["hour of people's time"] == {"rate": None, "why": "nothing spent"}
    json.dumps(body)


CLEAR, OPEN, BAD = (
    Estimate(2.5, 1.0, 4.0, 0.001, 0.002),
    Estimate(0.4, -0.2, 1.0, 0.2, 0.4),
    Estimate(-1.0, -1.6, -0.4, 0.001, 0.002),
)


def weighed(name: str, own: Estimate | None, others: Estimate | None = OPEN) -> HypothesisEffect:
    return HypothesisEffect(name, 2, ("s",) if own else (), 9 if own else 0, own, others, OPEN, 0.4, -0.1)


def test_hypotheses_are_sorted_by_effect_and_told_in_words() -> None:
    some = [weighed("bad", BAD), weighed("lone", None, CLEAR), weighed("open", OPEN), weighed("clear", CLEAR)]
    assert [one.hypothesis_id for one in by_effect(some)] == ["clear", "open", "bad", "lone"]
    assert [verdict_words(one) for one in by_effect(some)] == [
        "helps on its blind spot", "cannot be told from nothing", "harms on its blind spot",
        "helps on the unknown unknowns",
    ]  # fmt: skip
    assert verdict_words(weighed("none", None, None)) == "no texts to judge it by"


def test_interval_without_zero_is_not_enough_when_many_were_looked_at() -> None:
    assert not replace(CLEAR, adjusted=0.2).resolved
    assert not replace(OPEN, adjusted=0.01).resolved


def test_attribution_as_text_and_json() -> None:
    effects = (weighed("clear", CLEAR), weighed("open", OPEN))
    found = Attribution("m", "cl", 0.65, 0.01, 20, 400, 6, Mirror(0.84, 0.86, 20, 15, 3), effects, "job", moment(1))
    full = (FullEffect("own", 9, 2, 7, 0, 5, 0.0625), FullEffect("others", 0, 0, 0, 0, 0, 1.0))
    run = FullRun("clear", Arm.HYPOTHESIS_RULE, 8, 0, full)
    text = attribution_text(found, [], [run])
    assert "+2.50 (+1.00 to +4.00)" in text
    assert "15 (75%) are the head's as well" in text
    assert full_words(run) == [
        "In its own blind spots, 9 unknown unknowns of the original: 2 are left after training with its samples, 7 "
        "without (McNemar's p 0.062: chance alone could do this, one seed)."
    ]
    assert "not trained yet" in attribution_text(found, [], [replace(run, effects=None)])
    told = attribution_json(found, [], [run])
    assert told["effects"][0]["own"]["points"] == 2.5
    assert told["full_retrainings"][0]["effects"][0]["without"] == 7
    json.dumps(told)


def test_forest_has_a_row_a_name_and_hollow_marks_for_what_is_not_resolved() -> None:
    first = [ForestLine("A1", 0.5, 0.2, 0.9, True), ForestLine("<b>A2", -0.1, -0.4, 0.3, False)]
    figure = forest([("Own", first), ("Others", first[:1])], "points")
    own, others = figure.data
    assert list(own.marker.symbol) == ["circle", "circle-open"]
    assert list(others.marker.symbol) == ["diamond"]
    assert own.error_x.arrayminus[0] == pytest.approx(0.3)
    assert list(figure.layout.yaxis.ticktext) == ["A1", "&lt;b&gt;A2"]
    assert own.y[0] < others.y[0]
