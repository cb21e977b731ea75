"""Foils: drawn by seed, of other examples than the sample, at the share that was asked for; and what they say."""

from __future__ import annotations

import pytest

from bsm_core.domain.foils import Candidate, FoilJudgement, FoilKind, Question
from bsm_core.domain.unknowns import Verdict
from bsm_core.workflow.foils import JudgeRecord, judge_records, with_foils
from tests.records import STUDY_ID, moment

SAMPLE = [f"p{number:03}" for number in range(200)]
HELD = [Candidate(Question(f"h{number:03}", FoilKind.HELD), f"e-h{number:03}") for number in range(150)]
ORIGINALS = [Candidate(Question(f"o{number:03}", FoilKind.ORIGINAL), f"e-o{number:03}") for number in range(150)]
CANDIDATES = [*HELD, *ORIGINALS, *(Candidate(Question(item), f"e-{item}") for item in SAMPLE)]


def foils(questions: tuple[Question, ...]) -> list[Question]:
    return [one for one in questions if one.foil is not None]


def test_foils_hang_on_the_seed_and_leave_the_order_of_the_sample_alone() -> None:
    drawn = with_foils(SAMPLE, CANDIDATES, 3, 0.2)
    assert drawn == with_foils(SAMPLE, reversed(CANDIDATES), 3, 0.2)
    assert foils(drawn) != foils(with_foils(SAMPLE, CANDIDATES, 4, 0.2))
    assert [one.item_id for one in drawn if one.foil is None] == SAMPLE


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_share_of_foils_is_the_one_asked_for_and_both_kinds_come(share: float) -> None:
    drawn = [one for seed in range(20) for one in with_foils(SAMPLE, CANDIDATES, seed, share)]
    kinds = [one.foil for one in drawn if one.foil]
    assert len(kinds) / len(drawn) == pytest.approx(share, abs=0.03)
    assert kinds.count(FoilKind.HELD) / len(kinds) == pytest.approx(0.5, abs=0.1)


def test_larger_sample_begins_with_the_smaller_one_and_its_foils() -> None:
    small, large = (with_foils(SAMPLE[:size], CANDIDATES, 0, 0.3) for size in (50, 200))
    assert large[: len(small)] == small


def test_no_example_is_shown_twice() -> None:
    shared = [
        Candidate(Question("p000"), "e-1"),
        Candidate(Question("h-1", FoilKind.HELD), "e-1"),
        Candidate(Question("e-1", FoilKind.ORIGINAL), "e-1"),
        Candidate(Question("h-2", FoilKind.HELD), "e-2"),
        Candidate(Question("e-2", FoilKind.ORIGINAL), "e-2"),
    ]
    drawn = foils(with_foils(SAMPLE, shared, 0, 0.5))
    assert len(drawn) == 1
    assert drawn[0].item_id in ("h-2", "e-2")


def test_one_kind_stands_in_for_the_other_and_without_any_there_are_none() -> None:
    assert {one.foil for one in foils(with_foils(SAMPLE, HELD, 0, 0.3))} == {FoilKind.HELD}
    assert foils(with_foils(SAMPLE, [], 0, 0.5)) == []
    assert foils(with_foils(SAMPLE, CANDIDATES, 0, 0.0)) == []


def test_each_judge_s_record_tells_the_sample_from_both_kinds_of_foils() -> None:
    words = {
        "p000": {"human": Verdict.NO, "rule": Verdict.YES},
        "p001": {"human": Verdict.UNSURE},
        "picked": {"human": Verdict.NO},
    }
    ballots = [
        FoilJudgement(STUDY_ID, item, kind, verdict, "human", moment(1))
        for item, kind, verdict in (
            ("o1", FoilKind.ORIGINAL, Verdict.YES),
            ("o2", FoilKind.ORIGINAL, Verdict.NO),
            ("h1", FoilKind.HELD, Verdict.YES),
        )
    ]
    assert judge_records(SAMPLE, words, ballots) == (
        JudgeRecord("human", sample=(1, 2), originals=(1, 2), held=(0, 1)),
        JudgeRecord("rule", sample=(0, 1), originals=(0, 0), held=(0, 0)),
    )
