"""What a blind spot is like, and what becomes of spots by edits and by another clustering."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bsm_core.domain.blind_spots import SpotChange, SpotEdit, SpotSettings, current, in_force
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.domain.unknowns import UUOrigin
from bsm_core.ports import SampleMark
from bsm_core.workflow.distinctive_words import distinctive_words, text_counts
from bsm_core.workflow.spot_overview import Coverage, coverage, sources_for
from bsm_core.workflow.spots import Describer, Surroundings, continued, halves, typical_first, wrong_around
from tests.agent_records import make_hypothesis
from tests.factories import moment
from tests.spots import CLUSTERING_ID, make_map_point, make_point, make_spot

COMEDY = [("the jokes are flat",), ("all jokes and no plot",), ("jokes about jokes",), ("what a comedy",)]
OTHERS = [(f"the plot is number {n} and the film is long",) for n in range(20)]


def test_words_that_set_apart_are_those_of_the_spot_and_not_those_of_everybody() -> None:
    told = distinctive_words(text_counts(COMEDY), text_counts(OTHERS), len(COMEDY))
    assert [(one.word, one.inside, one.outside) for one in told] == [("jokes", 3, 0)]
    assert distinctive_words(text_counts(OTHERS[:4]), text_counts(OTHERS[4:]), 4) == ()


def test_log_odds_are_those_of_the_paper() -> None:
    inside, outside = text_counts([("good",)] * 3 + [("bad",)]), text_counts([("good",)] * 2 + [("bad",)] * 10)
    (word,) = distinctive_words(inside, outside, 4)
    # Prior of weight 4, good 5/16 of it: 3 + 1.25 of 8 against 2 + 1.25 of 16.
    odds = np.log(4.25 / 3.75) - np.log(3.25 / 12.75)
    assert word.z == pytest.approx(odds / np.sqrt(1 / 4.25 + 1 / 3.25), abs=1e-3)


def test_the_most_typical_member_is_nearest_to_the_mean() -> None:
    points = [make_point("far", (9, 0)), make_point("middle", (1, 0)), make_point("left", (-4, 0))]
    assert [point.item_id for point in typical_first(points)] == ["middle", "left", "far"]


def test_share_wrong_around_weighs_texts_by_how_often_they_are_near_and_knows_its_doubt() -> None:
    members = [make_point("a", neighbors=["x", "y"]), make_point("b", neighbors=["x", "z"])]
    share, interval, neighbors = wrong_around(members, {"x"})
    assert (share, neighbors) == (0.5, 3)
    assert interval.low < 0.5 < interval.high
    many = [make_point(f"{n}", neighbors=[f"x{n}", f"y{n}"]) for n in range(100)]
    assert wrong_around(many, {f"x{n}" for n in range(100)})[1].low > interval.low
    assert wrong_around([make_point("alone")], {"x"})[1].high == 1.0


def test_merged_and_clustered_members_are_described_alike_and_named_by_their_words() -> None:
    texts = {f"c{n}": text for n, text in enumerate(COMEDY)} | {f"o{n}": text for n, text in enumerate(OTHERS)}
    describer = Describer(CLUSTERING_ID, Surroundings(texts, {"o1"}))
    members = [make_point(name, (n, 0), ["o1", "o2"]) for n, name in enumerate(["c0", "c1", "c2", "c3"])]
    spot = describer.describe(members)
    assert (spot.name, spot.wrong_share, spot.size) == ("jokes", 0.5, 4)
    assert describer.describe(members, taken={"jokes"}).name == "jokes (2)"
    assert describer.describe(members, name="my own").named_by_hand
    assert describer.describe([make_point("o3")]).name == "like “the plot is number 3 …”"


def test_split_finds_the_two_groups_and_refuses_one_place() -> None:
    points = [make_point(f"{side}{n}", (side * 10 + n / 10, n)) for side in (0, 1) for n in range(3 + side)]
    larger, smaller = halves(points)
    assert {point.item_id[0] for point in larger} == {"1"}
    assert {point.item_id[0] for point in smaller} == {"0"}
    assert halves([make_point("a"), make_point("b")]) == ([], [])


def test_edits_are_folded_and_undone_in_order() -> None:
    spots = [
        make_spot("a", "12"),
        make_spot("b", "3"),
        make_spot("m", "123"),
        make_spot("l", "13"),
        make_spot("r", "2"),
    ]
    rename = _change("1", SpotEdit.RENAME, ["a"], name="mine")
    merge = _change("2", SpotEdit.MERGE, ["a", "b"], ["m"])
    split = _change("3", SpotEdit.SPLIT, ["m"], ["l", "r"])
    undo = _change("4", SpotEdit.UNDO, undoes="3")
    assert [spot.name for spot in current(spots, [rename, merge, split])] == ["words of l", "words of r"]
    assert [spot.spot_id for spot in current(spots, [rename, merge, split, undo])] == ["m"]
    history = [rename, merge, split, undo, _change("5", SpotEdit.UNDO, undoes="2")]
    assert [(spot.spot_id, spot.name) for spot in current(spots, history)] == [("a", "mine"), ("b", "words of b")]
    assert in_force(history) == [rename]


@pytest.mark.parametrize(
    ("items", "goes_on"),
    [("1234", True), ("123x", True), ("12xy", False), ("12", False), ("123xyz", True), ("123uvwxyz", True)],
)
def test_name_survives_where_most_members_stay_together(items: str, goes_on: bool) -> None:
    """x to z are new. ``1234`` was ``old``; what it lost is in another spot, so still clustered."""
    old, other = make_spot("old", "1234", name="mine", by_hand=True), make_spot("other", "5678")
    new = make_spot("new", items)
    rest = make_spot("rest", sorted(set("12345678") - set(items)))
    found = continued([new, rest], [old, other])[0]
    assert (found.continues_id == "old", found.name == "mine") == (goes_on, goes_on)


def test_generated_name_is_made_anew() -> None:
    found = continued([make_spot("new", "123")], [make_spot("old", "123", name="old words")])[0]
    assert (found.continues_id, found.name) == ("old", "words of new")


def test_coverage_counts_a_hypothesis_in_each_spot_of_its_own_sources() -> None:
    both, one = make_hypothesis("h-both", sources=["1", "3"]), make_hypothesis("h-one", sources=["2", "gone"])
    further = replace(make_hypothesis("h-ext", parent="h-both"), source_item_ids=())
    samples = [_mark("h-both"), _mark("h-first"), _mark("h-ext"), _mark("h-one", DecisionKind.REJECTED)]
    spot_of = {"1": "a", "2": "a", "3": "b", "4": "c"}
    found = coverage(spot_of, [both, one, further], {"h-first": "h-both"}, samples)
    assert found == {"a": Coverage(2, 2), "b": Coverage(1, 2)}


def test_sources_are_typical_first_and_begin_with_the_leading_origin() -> None:
    points = [make_map_point(name, UUOrigin.ADVERSARIAL if name in "bcd" else UUOrigin.NATURAL) for name in "abcd"]
    assert sources_for(make_spot("s", "abcd"), points, 3) == ["b", "c", "d"]
    assert sources_for(make_spot("s", "ab"), points, 3) == ["a", "b"]


def test_one_cluster_is_refused() -> None:
    with pytest.raises(ValueError, match="use 2 or more, or 0"):
        SpotSettings(size=1)


def _change(
    change_id: str, kind: SpotEdit, before: list[str] | None = None, after: list[str] | None = None, **more: str
) -> SpotChange:
    undoes = more.get("undoes")
    was, becomes = tuple(before or ()), tuple(after or ())
    return SpotChange(change_id, CLUSTERING_ID, kind, was, becomes, more.get("name", ""), undoes, moment(40))


def _mark(hypothesis_id: str, status: DecisionKind = DecisionKind.APPROVED) -> SampleMark:
    return SampleMark(f"s-{hypothesis_id}", hypothesis_id, make_hypothesis("h").agent, status, True)
