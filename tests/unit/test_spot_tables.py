"""The report's tables of blind spots: what they say, and the figures behind them."""

from __future__ import annotations

from bsm_core.domain.attribution import Attribution, Mirror
from bsm_core.report.seen_unseen import cautions
from bsm_core.report.spot_tables import attribution_table, seen_unseen_tables
from bsm_core.workflow.seen_unseen import SeenUnseen
from tests.records import moment
from tests.unit.test_evidence_reports import CLEAR, OPEN, split, weighed

__all__ = ["split"]


def test_seen_and_unseen_have_a_table_each_with_its_claim_and_its_doubts(split: SeenUnseen) -> None:
    seen, unseen = seen_unseen_tables(split)
    assert (seen.key, unseen.key) == ("effects-seen", "effects-unseen")
    assert seen.records[0]["before"] == 80
    assert unseen.records[0]["after"] == 19
    assert "80 unknown unknowns" in seen.note
    assert all(doubt in unseen.note for doubt in cautions(split))


def test_attribution_names_what_helps_first_and_says_what_cannot_be_told() -> None:
    effects = (weighed("open", OPEN), weighed("clear", CLEAR))
    found = Attribution("m", "cl", 0.65, 0.01, 20, 400, 6, Mirror(0.84, 0.86, 20, 15, 3), effects, "job", moment(1))
    made = attribution_table(found, [])
    assert [row[1] for row in made.cells] == ["clear", "open"]
    assert made.cells[0][-1] == "helps on its blind spot"
    assert made.cells[1][-1] == "cannot be told from nothing"
    assert made.records[0]["own_points"] == 2.5
    assert "15 (75%) are the head's as well" in made.note
