"""What a controlled check comes to, against examples computed by hand."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np
import pytest

from bsm_core.domain.blind_spots import Spot
from bsm_core.domain.controlled import Cell, Change, Count, SpotKind, Treatment, Variant
from bsm_core.metrics.controlled import at_least, paired_chance, removed, removed_of_planted, share_difference, totals
from bsm_core.ports import LabelledText
from bsm_core.report.controlled_table import COLUMNS, REMOVALS, controlled_json, controlled_rows, removal_rows
from bsm_core.workflow.controlled import from_dict, to_dict
from bsm_core.workflow.controlled_scores import discoveries, members, mistakes
from bsm_core.workflow.controlled_verdict import Answer, verdict
from tests.controlled import flags, make_result

PLANTED = {SpotKind.P: ("witty", "warm", "sly"), SpotKind.N: ("dull",)}


def texts() -> list[LabelledText]:
    """0-9 witty, 10-19 warm, 20-39 positive without a planted word, 40-59 negative: one is dull, one says "witty"."""
    good = [*["so witty"] * 10, *["warm film"] * 10, *["fine film"] * 20]
    bad = ["a dull film", "not witty at all", *["a poor film"] * 18]
    return [LabelledText((f"{text} {at}",), int(at < 40)) for at, text in enumerate([*good, *bad])]


def make_spot(*places: int) -> Spot:
    return Spot(f"s{places[0]}", "", "a spot", False, (), tuple(map(str, places)), 0.0, 0.0, 1.0, 0)


def test_members_have_a_planted_word_and_the_right_label() -> None:
    found = members(texts(), PLANTED)
    assert np.flatnonzero(found[SpotKind.P]).tolist() == list(range(20))  # not 41, which is negative
    assert np.flatnonzero(found[SpotKind.N]).tolist() == [40]


def test_mistakes_are_counted_by_kind_and_elsewhere() -> None:
    uus = flags(60, 0, 1, 25, 40, 41)
    counted = mistakes(~uus, uus, members(texts(), PLANTED))
    assert (counted.praise, counted.blame, counted.other) == (Count(2, 20), Count(1, 1), Count(2, 39))
    assert counted.right == Count(55, 60)


def test_discovery_tells_words_found_from_words_missed_and_precision() -> None:
    uus = [*range(6), 20, 21, 41, 42]
    places = {str(at): at for at in range(60)}
    spots = [make_spot(*range(6)), make_spot(20, 21), make_spot(41, 42)]
    praise, blame = discoveries(Cell(Variant.P, 0), texts(), uus, PLANTED, spots, places)
    assert praise.found == ("witty",)
    assert praise.missed == ("warm",)  # "sly" is in no validation text, so that it could not be found
    assert praise.recall == Count(1, 2)
    assert praise.uus == Count(6, 10)
    assert praise.texts == Count(20, 60)
    assert (praise.is_planted, blame.is_planted) == (True, False)
    assert (blame.found, blame.missed) == ((), ("dull",))
    # Half of the positive texts are of the kind: six of six is one in 64, corrected for three clusters and two kinds.
    assert praise.spots == ()


def test_a_cluster_that_chance_would_not_fill_so_shows_the_spot() -> None:
    uus = [*range(12), 41]
    praise, blame = discoveries(
        Cell(Variant.P, 0),
        texts(),
        uus,
        PLANTED,
        [make_spot(*range(12)), make_spot(41)],
        {str(n): n for n in range(60)},
    )
    (spot,) = praise.spots
    assert spot.members == Count(12, 12)
    assert spot.expected == pytest.approx(6.0)
    assert spot.p == pytest.approx(4 * 0.5**12)  # two clusters, two kinds
    assert blame.spots == ()


def test_at_least_is_the_tail_of_the_binomial() -> None:
    assert at_least(0, 5, 0.3) == pytest.approx(1.0)
    assert at_least(9, 10, 0.5) == pytest.approx((comb(10, 9) + 1) / 2**10)
    assert at_least(0, 0, 0.3) == 1.0
    with pytest.raises(ValueError, match="6 of 5"):
        at_least(6, 5, 0.5)


def test_removed_shares_by_hand() -> None:
    """Two seeds, four texts: 6 UUs before, 3 after, 2 under the control."""
    before = np.array([[1, 1, 1, 0], [1, 1, 1, 0]], dtype=bool)
    after = np.array([[1, 1, 0, 0], [1, 0, 0, 0]], dtype=bool)
    control = np.array([[1, 0, 0, 0], [1, 0, 0, 0]], dtype=bool)
    figures = totals([before, after, control, np.ones((2, 4), bool)], resamples=200)
    assert figures[0].tolist() == [6, 3, 2, 8]
    assert removed(figures[:, 0], figures[:, 1]).share == pytest.approx(0.5)
    assert removed_of_planted(figures[:, 0], figures[:, 1], figures[:, 2]).share == pytest.approx(3 / 4)
    assert share_difference(figures[:, 0], figures[:, 2], figures[:, 3]).share == pytest.approx(0.5)
    assert removed_of_planted(figures[:, 2], figures[:, 1], figures[:, 0]) == Change(None, None, None)
    # Differences by text: 0, 1, 2, 0. Of the four ways to sign them, two are as far from 0 as the one seen.
    assert paired_chance(before, after) == pytest.approx(0.5)


def test_the_interval_holds_the_share_and_narrows_with_texts() -> None:
    def of(texts: int) -> Change:
        places = np.arange(texts) % 10
        figures = totals([np.tile(places < 6, (3, 1)), np.tile(places < 3, (3, 1))])
        return removed(figures[:, 0], figures[:, 1])

    few, many = of(50), of(800)
    assert width(few) > 2 * width(many)
    assert few.low is not None
    assert few.low < 0.5 < few.low + width(few)


def width(found: Change) -> float:
    assert found.low is not None
    assert found.high is not None
    return found.high - found.low


def test_table_sums_over_seeds_and_compares_with_r_on_the_same_texts() -> None:
    found = make_result()
    row = found.row(Variant.P)
    assert row is not None
    assert row.before.praise == Count(80, 200)
    assert dict(row.after)[Treatment.GOLDEN].praise == Count(40, 200)
    assert row.recall == Count(6, 8)
    assert row.precision == Count(80, 160)
    assert row.spots == Count(2, 2)
    assert row.planted.share == pytest.approx(0.40 - 0.08)
    (removal,) = row.removals
    assert removal.of_before.share == pytest.approx(0.5)
    assert [one.share for one in removal.of_controls] == [pytest.approx(0.5)] * 2
    assert removal.of_planted.share == pytest.approx(20 / 32)
    assert max(removal.p) < 0.001
    both = found.row(Variant.PN)
    assert both is not None
    assert [one.kind for one in both.removals] == [None, SpotKind.P, SpotKind.N]
    assert both.before.blame == Count(80, 200)
    clean = found.row(Variant.CLEAN)
    assert clean is not None
    assert (clean.removals, clean.after) == ((), ())


def test_verdict_says_what_was_planted_found_and_removed() -> None:
    found = verdict(make_result())
    assert (found.planted, found.found, found.removed) == (Answer.YES, Answer.YES, Answer.PARTLY)  # PN is not mended
    assert not found.is_passed
    assert "8 of 8 planted blind spots" in found.text
    mended = make_result()
    passed = verdict(replace(mended, rows=tuple(row for row in mended.rows if row.variant is not Variant.PN)))
    assert passed.is_passed


def test_verdict_judges_nothing_where_nothing_was_planted() -> None:
    made = make_result()
    none = tuple(replace(row, planted=Change(0.01, -0.02, 0.04)) for row in made.rows)
    found = verdict(replace(made, rows=none))
    assert found.planted is Answer.NO
    assert found.removed is Answer.UNKNOWN
    assert "Nothing to judge" in found.text


def test_result_survives_json() -> None:
    made = make_result((3,))
    assert from_dict(to_dict(made)) == made


def test_report_has_a_cell_a_column() -> None:
    made = make_result()
    assert [row[0] for row in controlled_rows(made)] == list(Variant)
    assert {len(row) for row in controlled_rows(made)} == {len(COLUMNS)}
    assert {len(row) for row in removal_rows(made)} == {len(REMOVALS)}
    told = controlled_json(made)
    assert told["verdict"]["found"] == "yes"
    assert told["plan"]["seeds"] == [0, 1]
