"""Who is asked about what: no overlap unless wanted, balance, and people's hypotheses for people."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.survey import Basis, QuestionKind, Survey, SurveyPlan
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import UnknownUnknown, UUOrigin
from bsm_core.errors import ConfigError, NothingToDoError
from bsm_core.workflow.survey_assign import Pool, check_plan, make_participants, make_questions
from bsm_core.workflow.survey_texts import load_texts
from tests.factories import START, STUDY_ID, make_hypothesis

TEXTS = load_texts("sa")
PLAN = SurveyPlan(participants=4, abstractions=3, extrapolations=2, generations=3, attention=2)


def unknown(number: int) -> UnknownUnknown:
    label = number % 2
    return UnknownUnknown(
        f"u{number}", "m", f"e{number}", UUOrigin.ADVERSARIAL, Split.VALIDATION, (f"text {number}",),
        (f"txet {number}",), "deepwordbug", label, 1 - label, 0.9, (0.1, 0.9), (0.9, 0.1), None,
    )  # fmt: skip


def survey_of(plan: SurveyPlan) -> Survey:
    return Survey("sv", STUDY_ID, "Pilot", plan, TEXTS, ("negative", "positive"), ("text",), "sentence", START)


def dealt(plan: SurveyPlan, pool: Pool) -> dict[str, list]:
    survey = survey_of(plan)
    questions = make_questions(survey, make_participants(survey, 0), pool)
    by_person: dict[str, list] = {}
    for question in questions:
        by_person.setdefault(question.participant_id, []).append(question)
    return by_person


def pool(size: int, spots: dict[str, str] | None = None) -> Pool:
    return Pool(tuple(map(unknown, range(size))), (), spots or {})


@pytest.mark.parametrize("redundancy", [1, 2, 3])
def test_every_text_goes_to_as_many_people_as_wanted_and_never_twice_to_one(redundancy: int) -> None:
    people = dealt(replace(PLAN, redundancy=redundancy), pool(40))
    asked = [[one.item_id for one in own if one.kind is QuestionKind.ABSTRACTION] for own in people.values()]
    assert all(len(items) == len(set(items)) == 3 for items in asked)
    assert set(Counter(item for items in asked for item in items).values()) == {redundancy}


def test_each_person_sees_both_labels_and_different_spots() -> None:
    spots = {f"u{number}": f"spot {number % 4 // 2}" for number in range(40)}
    for own in dealt(replace(PLAN, abstractions=4), pool(40, spots)).values():
        asked = [one for one in own if one.kind is QuestionKind.ABSTRACTION]
        assert Counter(one.label for one in asked) == {0: 2, 1: 2}
        assert Counter(spots[one.item_id] for one in asked) == {"spot 0": 2, "spot 1": 2}


def test_own_answers_are_gone_on_from_and_checks_are_spread() -> None:
    for own in dealt(PLAN, pool(40)).values():
        assert [one.position for one in own] == list(range(1, 11))
        ids = {one.question_id: one for one in own}
        for one in own:
            if one.kind is QuestionKind.EXTRAPOLATION:
                assert ids[one.follows_id].kind is QuestionKind.ABSTRACTION
            if one.kind is QuestionKind.GENERATION:
                assert ids[one.follows_id].position < one.position
                assert one.label == ids[one.follows_id].label
        checks = [one.position for one in own if one.kind is QuestionKind.ATTENTION]
        assert len(checks) == 2
        assert checks[0] > 1
        assert checks[1] - checks[0] > 1


def test_people_see_people_s_hypotheses_only() -> None:
    hypotheses = [make_hypothesis(f"h{n}", agent=Agent.HUMAN) for n in range(12)]
    hypotheses += [make_hypothesis(f"x{agent}", agent=agent) for agent in Agent if agent is not Agent.HUMAN]
    found = Pool(pool(40).unknowns, tuple(hypotheses), {})
    people = dealt(replace(PLAN, basis=Basis.STUDY), found)
    shown = [one.hypothesis_id for own in people.values() for one in own if one.hypothesis_id]
    assert set(shown) <= {f"h{n}" for n in range(12)}
    starts = [one.hypothesis_id for own in people.values() for one in own if one.kind is QuestionKind.EXTRAPOLATION]
    assert len(set(starts)) == len(starts) == 8
    assert {h.kind for h in hypotheses} == {HypothesisKind.ABSTRACTION}


def test_too_few_texts_are_counted() -> None:
    with pytest.raises(NothingToDoError, match=r"needs 12 UUs and there are 11: .* raise the redundancy \(now 1\)"):
        dealt(PLAN, pool(11))
    assert dealt(replace(PLAN, redundancy=2), pool(11))
    with pytest.raises(NothingToDoError, match="needs 8 hypotheses by humans and there are 0"):
        dealt(replace(PLAN, basis=Basis.STUDY), pool(40))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"participants": 0}, "0 participants; use 1 to 500"),
        ({"abstractions": 300}, "questions a participant; use at most 200"),
        ({"attention": 4}, "4 attention checks; the texts 'sa' have 3"),
        ({"redundancy": 5}, "redundancy 5 for 4 participants; use 1 to 4"),
        ({"allowed_failures": 3}, "3 attention checks may be failed; use 0 to 2"),
        ({"abstractions": 0, "extrapolations": 0, "generations": 0}, "no question besides attention checks"),
        ({"abstractions": 0}, "start from the participant's own answers, and no abstraction is asked"),
        ({"pay_per_hour": float("nan")}, "pay of nan an hour; use 0 or more"),
    ],
)
def test_impossible_plan_is_refused_with_the_value(changes: dict, told: str) -> None:
    with pytest.raises(ConfigError, match="the survey cannot be made") as caught:
        check_plan(replace(PLAN, **changes), TEXTS)
    assert told in str(caught.value)
