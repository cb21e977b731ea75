"""Condition 3: the sample that is judged, the judges, and what several of them together say."""

from __future__ import annotations

import pytest

from bsm_core.domain.foils import Candidate, FoilJudgement, FoilKind, Question
from bsm_core.domain.unknowns import Judgement, Verdict
from bsm_core.errors import TeacherAnswerError
from bsm_core.tasks.cards import load_task
from bsm_core.workflow.judge import Draw, by_rule, corrected, decide, draw_sample, ledger, parse_verdict
from tests.records import STUDY_ID, make_task, moment

YES, NO, UNSURE = Verdict.YES, Verdict.NO, Verdict.UNSURE
ITEMS = [f"p{number:03}" for number in range(200)]


def ballot(item: str, verdict: Verdict, agent: str = "human") -> Judgement:
    return Judgement(STUDY_ID, item, verdict, agent, moment(1))


def test_sample_depends_on_seed_and_ids_alone() -> None:
    sample = draw_sample(ITEMS, 3, 20)
    assert sample == draw_sample(reversed(ITEMS), 3, 20)
    assert sample != draw_sample(ITEMS, 4, 20)
    assert len(set(sample)) == 20
    assert draw_sample(ITEMS, 3, 50)[:20] == sample
    assert set(draw_sample(ITEMS, 3, 999)) == set(ITEMS)


def test_sample_of_a_higher_tau_goes_on_with_the_same_texts() -> None:
    confident = ITEMS[::2]
    assert [item for item in draw_sample(ITEMS, 3, 200) if item in set(confident)] == list(
        draw_sample(confident, 3, 200)
    )


def test_every_item_is_as_likely_as_any_other() -> None:
    drawn = [item for seed in range(400) for item in draw_sample(ITEMS[:10], seed, 3)]
    counts = [drawn.count(item) for item in ITEMS[:10]]
    assert all(80 < count < 165 for count in counts)  # 120 expected, more than four standard errors either way


def test_ledger_estimates_from_the_sample_and_not_from_what_was_picked() -> None:
    sample = draw_sample(ITEMS, 0, 20)
    picked = next(item for item in ITEMS if item not in sample)
    ballots = [ballot(sample[0], NO), ballot(sample[1], YES), ballot(sample[2], UNSURE), ballot(picked, NO)]
    found = ledger(ITEMS, [*ballots, ballot("elsewhere", NO)], Draw(0, 20), "human")
    assert (found.corrected.raw, found.corrected.judged, found.corrected.invalid) == (200, 3, 1)
    assert found.corrected.estimate == pytest.approx(200 * 2 / 3)
    assert (found.unsure, found.outside) == (1, 1)
    assert [one.item_id for one in found.open_questions] == list(sample[3:])
    assert found.answered == 3
    other = ledger(ITEMS, ballots, Draw(0, 20), "human:ada")
    assert other.open_questions == other.questions


def test_foils_are_asked_and_answered_and_no_part_of_the_count() -> None:
    candidates = [Candidate(Question(f"o{number}", FoilKind.ORIGINAL), f"e{number}") for number in range(20)]
    draw = Draw(0, 20, 0.5)
    asked = ledger(ITEMS, [], draw, "human", candidates).questions
    shown = [one for one in asked if one.foil]
    assert len(shown) > 3
    said = [FoilJudgement(STUDY_ID, one.item_id, FoilKind.ORIGINAL, NO, "human", moment(1)) for one in shown]
    found = ledger(ITEMS, [], draw, "human", candidates, said)
    assert found.open_questions == tuple(one for one in asked if not one.foil)
    assert (found.corrected.raw, found.corrected.judged, found.outside) == (200, 0, 0)
    assert found.records[0].originals == (len(shown), len(shown))
    assert ledger(ITEMS, [], draw, "human:ada", candidates, said).open_questions == asked


def test_corrected_count_of_a_part_rests_on_what_of_the_sample_is_in_it() -> None:
    sample = draw_sample(ITEMS, 0, 20)
    part = [*sample[:5], *(item for item in ITEMS if item not in sample)][:30]
    picked = part[-1]
    ballots = [ballot(sample[0], NO), ballot(sample[1], YES), ballot(sample[9], NO), ballot(picked, NO)]
    found = corrected(ITEMS, ballots, Draw(0, 20), [*part, "of another model"])
    assert (found.raw, found.judged, found.invalid) == (30, 2, 1)
    whole = corrected(ITEMS, ballots, Draw(0, 20))
    assert whole == ledger(ITEMS, ballots, Draw(0, 20), "human").corrected


def test_ledger_without_texts_or_judgements_says_so() -> None:
    found = ledger([], [], Draw(0, 20), "human")
    assert (found.sample, found.corrected.raw, found.corrected.estimate) == ((), 0, None)
    found = ledger(ITEMS, [], Draw(0, 20), "human")
    assert (found.corrected.low, found.corrected.high, found.agreement.alpha) == (0, 200, None)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({"human": NO, "lm:big": YES, "rule": YES}, NO),
        ({"lm:big": YES, "rule": NO}, YES),
        ({"rule": NO}, NO),
        ({"human:ada": YES, "human:bo": NO}, UNSURE),
        ({"human:ada": YES, "human:bo": NO, "human": NO}, NO),
        ({"human:ada": YES, "human:bo": UNSURE}, YES),
        ({"human:ada": UNSURE, "lm:big": NO}, UNSURE),
    ],
)
def test_humans_go_before_machines_and_majorities_before_singles(said: dict[str, Verdict], verdict: Verdict) -> None:
    assert decide(said) is verdict


def test_agreement_tells_each_pair_of_judges_and_all() -> None:
    words = {"human": "yynn", "lm:big": "yyny", "rule": "yy"}
    ballots = [
        ballot(item, YES if letter == "y" else NO, agent)
        for agent, letters in words.items()
        for item, letter in zip(ITEMS, letters, strict=False)
    ]
    found = ledger(ITEMS, ballots, Draw(0, 20), "human").agreement
    assert found.judges == (("human", 4), ("lm:big", 4), ("rule", 2))
    assert found.shared == 4
    assert found.pairs[0] == ("human", "lm:big", 4, pytest.approx(0.5))
    assert found.pairs[1] == ("human", "rule", 2, None)
    assert found.alpha == pytest.approx(1 - 9 * 2 / (10**2 - 7**2 - 3**2))


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("a brilliant film", "a briliant film", YES),
        ("a brilliant film", "a dull film", NO),
        ("this is not good", "this is good", NO),
        ("this is good", "this is not good", NO),
        ("this is not good", "this is nto good", YES),
        ("this is not good", "this is now good", UNSURE),
        ("a good film", "a goad film", UNSURE),
        ("a good film", "a go0d fi1m", UNSURE),
        ("a brilliant film", "a brilli4nt film", YES),
        ("a brilliant film", "a brіllіant film", YES),
        ("a film about trains", "a film about boats", UNSURE),
        ("一部好电影", "一部坏电影", UNSURE),
    ],
)
def test_rule_knows_slips_of_the_pen_and_turned_opinions(before: str, after: str, verdict: Verdict) -> None:
    assert by_rule(make_task(), (before,), (after,)) is verdict


def test_rule_says_no_only_where_the_label_is_an_opinion() -> None:
    text = ("Is it good?", "It is not good.")
    assert by_rule(load_task("qnli"), text, ("Is it good?", "It is good.")) is UNSURE


@pytest.mark.parametrize(
    ("answer", "verdict"), [("Yes\nbecause", YES), ("**no**", NO), (' "Unsure."', UNSURE), ("YES, it is", YES)]
)
def test_teacher_s_first_word_is_its_verdict(answer: str, verdict: Verdict) -> None:
    assert parse_verdict(answer) is verdict


@pytest.mark.parametrize("answer", ["", "42", "The label is right: yes", "maybe", "nope", "是"])
def test_answer_that_is_no_verdict_is_refused(answer: str) -> None:
    with pytest.raises(TeacherAnswerError, match="does not begin with yes, no or unsure"):
        parse_verdict(answer)
