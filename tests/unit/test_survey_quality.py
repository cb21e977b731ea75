"""Signs of bad faith: each is seen, and careful answers have none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bsm_core.domain.survey import Answer, FlagKind, Question, QuestionKind
from bsm_core.workflow.survey_quality import flags, least_seconds, mash
from tests.factories import moment

ORIGINAL = "a warm and thoroughly enjoyable family film that never loses its way"
GOOD = "It depends on one strong word of praise, and a typing error in it hides the praise."


def question(number: int = 1, person: str = "p1", kind: QuestionKind = QuestionKind.ABSTRACTION) -> Question:
    return Question(f"q{number}", "sv", person, number, kind, item_id="u1", label=1, predicted=0, original=(ORIGINAL,),
                    perturbed=(ORIGINAL.replace("enjoyable", "enjoyalbe"),))  # fmt: skip


def answer(text: str, number: int = 1, person: str = "p1", seconds: float | None = 60.0) -> Answer:
    return Answer(f"q{number}", person, (text,), "", None, seconds, True, moment(number))


def kinds(text: str, **changes: object) -> list[FlagKind]:
    asked, said = question(), replace(answer(text), **changes)  # type: ignore[arg-type]
    return [flag.kind for flag in flags([asked], {"q1": said}, {})["q1"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, []),
        ("The property of being underlined and strewn with rhythm and syntax errors, probably.", []),
        ("   ", [FlagKind.EMPTY]),
        ("typos", [FlagKind.SHORT]),
        (ORIGINAL, [FlagKind.COPY]),
        ("asdf jkl asdfgh qwer dfgh sdfg", [FlagKind.MASH]),
        ("aaaaaaaaaa bbbbbbbb cccccccc dddddd", [FlagKind.MASH]),
        ("good good good good good good good", [FlagKind.MASH]),
        ("dfg hjkl xcvb nmqw rtzp sdfk", [FlagKind.MASH]),
    ],
)
def test_answer_is_flagged_for_what_is_wrong_with_it(text: str, expected: list[FlagKind]) -> None:
    assert kinds(text) == expected


def test_time_is_held_against_reading_and_typing() -> None:
    least = least_seconds(question(), answer(GOOD), "")
    assert 8 < least < 11
    assert kinds(GOOD, seconds=least - 0.1) == [FlagKind.TOO_FAST]
    assert kinds(GOOD, seconds=least) == []
    assert kinds(GOOD, seconds=None) == []


def test_repeats_of_oneself_count_at_any_length_and_of_others_when_long() -> None:
    short = "It misses typing errors"
    asked = [question(1), question(2), question(3, "p2"), question(4, "p2"), question(5, "p1")]
    said = [answer(short, 1), answer(short, 2), answer(short, 3, "p2"), answer(GOOD, 4, "p2"), answer(GOOD, 5)]
    found = flags(asked, {one.question_id: one for one in said}, {})
    assert {own: [flag.kind for flag in told] for own, told in found.items()} == {
        "q1": [], "q2": [FlagKind.REPEATED], "q3": [], "q4": [], "q5": [FlagKind.REPEATED],
    }  # fmt: skip


def test_sample_needs_forty_characters_and_no_echo_of_the_hypothesis() -> None:
    asked = replace(question(kind=QuestionKind.GENERATION), original=None, perturbed=None, hypothesis=GOOD)
    assert [one.kind for one in flags([asked], {"q1": answer("I liked it a lot.")}, {})["q1"]] == [FlagKind.SHORT]
    assert [one.kind for one in flags([asked], {"q1": answer(GOOD)}, {"q1": GOOD})["q1"]] == [FlagKind.COPY]


def test_drafts_and_attention_checks_are_not_judged() -> None:
    check = replace(question(2), kind=QuestionKind.ATTENTION)
    said = {"q1": replace(answer(""), submitted=False), "q2": answer("", 2)}
    assert flags([question(), check], said, {}) == {}


def test_real_reviews_are_no_mash() -> None:
    from tests.factories import review

    assert [text for text in (review(n, n % 2) for n in range(200)) if mash(text)] == []
