"""What participants of a survey see: their questions, and nothing else of the study."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.domain.survey import QuestionKind
from bsm_core.ui.components.survey_frame import CLOSED, SAVING_FAILED, UNAVAILABLE
from bsm_core.ui.contributing import KEY, ONLY
from bsm_core.workbench import Workbench
from tests.pages.conftest import OpenPage, words_of
from tests.surveys import answer_all, complete, make_survey, stored

TEXT = "It clings to the one strong word of praise, and is lost as soon as that word is misspelled."


def begun(workbench: Workbench, open_page: OpenPage, number: int = 1) -> AppTest:
    """The page of a person who has agreed and stands before the first question."""
    made = make_survey(workbench.store)
    return start(workbench, open_page, made.tokens[made.participants[number - 1].participant_id])


def start(workbench: Workbench, open_page: OpenPage, token: str) -> AppTest:
    seat = workbench.survey.seats.seat(token)
    assert seat is not None
    workbench.survey.seats.consent(seat.participant.participant_id)
    page = open_page("contribute", t=token)
    return page.button(key="survey-start").click().run()


def write(page: AppTest, text: str) -> AppTest:
    return page.text_area[0].set_value(text).run()


def test_consent_comes_first_and_without_it_nothing_is_stored(workbench: Workbench, open_page: OpenPage) -> None:
    made = make_survey(workbench.store)
    person = made.participants[0].participant_id
    page = open_page("contribute", t=made.tokens[person])
    assert page.button(key="survey-agree").disabled
    page.checkbox[0].check().run()
    assert page.button(key="survey-agree").disabled
    page.button(key="survey-decline").click().run()
    assert "Nothing was stored" in words_of(page)
    assert workbench.store.surveys.own_events(person) == ()
    page.button(key="survey-back-to-start").click().run()
    for tick in page.checkbox:
        tick.check()
    page.run().button(key="survey-agree").click().run()
    assert "Before you begin" in words_of(page)
    assert len(workbench.store.surveys.own_events(person)) == 1


def test_page_tells_nothing_of_the_study(workbench: Workbench, open_page: OpenPage) -> None:
    study = workbench.store.studies.all()[0]
    page = begun(workbench, open_page)
    said = words_of(page)
    assert study.name not in said
    assert "Blind Spot" not in said
    assert "study" not in page.query_params
    assert not page.sidebar.selectbox
    assert page.title[0].value == "Why could the program fail here?"


@pytest.mark.parametrize("what", ["wrong", "missing", "replaced", "revoked", "used up"])
def test_every_closed_link_looks_the_same(workbench: Workbench, open_page: OpenPage, what: str) -> None:
    made = make_survey(workbench.store)
    person = made.participants[0].participant_id
    token = made.tokens[person]
    if what == "wrong":
        token = "x" * len(token)
    elif what == "missing":
        token = ""
    elif what == "replaced":
        workbench.survey.renew(person)
    elif what == "revoked":
        workbench.survey.revoke(person)
    else:
        complete(workbench.store, made)
    page = open_page("contribute", t=token)
    assert [one.value for one in page.title] == ["This link is not open"]
    assert [one.value for one in page.markdown] == [CLOSED]
    assert not page.button


def test_draft_is_kept_on_change_and_there_after_a_reload(workbench: Workbench, open_page: OpenPage) -> None:
    made = make_survey(workbench.store)
    token = made.tokens[made.participants[0].participant_id]
    page = write(start(workbench, open_page, token), TEXT)
    seat = workbench.survey.seats.seat(token)
    assert seat is not None
    answer = stored(workbench.store, seat.questions[0])
    assert (answer.text, answer.submitted) == ((TEXT,), False)
    again = open_page("contribute", t=token)
    assert again.text_area[0].value == TEXT
    assert "Question 1 of 6" in words_of(page)


def test_next_hands_in_back_goes_back_and_an_empty_answer_is_asked_about(
    workbench: Workbench, open_page: OpenPage
) -> None:
    page = begun(workbench, open_page)
    page.button(key="survey-next").click().run()
    assert "Please write an answer" in page.info[0].value
    write(page, TEXT).button(key="survey-next").click().run()
    assert "Question 2 of 6" in words_of(page)
    page.button(key="survey-previous").click().run()
    assert page.text_area[0].value == TEXT
    write(page, TEXT + " Always.")
    page.button(key="survey-next").click().run()
    page.button(key="survey-previous").click().run()
    assert page.text_area[0].value == TEXT + " Always."


def test_whole_way_to_the_completion_code(workbench: Workbench, open_page: OpenPage) -> None:
    made = make_survey(workbench.store)
    person = made.participants[0]
    page = start(workbench, open_page, made.tokens[person.participant_id])
    questions = workbench.store.surveys.questions(made.survey.survey_id, person.participant_id)
    for question in questions:
        if question.kind is QuestionKind.ATTENTION:
            page.radio[0].set_value(question.right).run()
        elif question.kind is QuestionKind.EXTRAPOLATION:
            page.button(key="survey-skip").click().run()
            continue
        else:
            write(page, f"{TEXT} ({question.position})")
        page.button(key="survey-next").click().run()
        assert not page.exception
    assert "Have a last look" in words_of(page)
    page.button(key="survey-finish").click().run()
    assert page.code[0].value == person.completion_code
    answers = workbench.store.surveys.answers(made.survey.survey_id)
    assert all(answers[question.question_id].submitted for question in questions)
    page.run()
    assert page.code[0].value == person.completion_code


def test_going_on_from_an_empty_answer_says_so(workbench: Workbench, open_page: OpenPage) -> None:
    made = make_survey(workbench.store)
    page = start(workbench, open_page, made.tokens[made.participants[0].participant_id])
    own = workbench.store.surveys.questions(made.survey.survey_id, made.participants[0].participant_id)
    place = next(one.position for one in own if one.kind is QuestionKind.EXTRAPOLATION) - 1
    for question in own[:place]:
        if question.kind is QuestionKind.ATTENTION:
            page.radio[0].set_value(0).run().button(key="survey-next").click().run()
        else:
            page.button(key="survey-skip").click().run()
    assert "which is empty" in page.info[0].value
    assert not page.text_area
    page.button(key="survey-skip").click().run()
    assert f"Question {place + 2} of 6" in words_of(page)


def test_two_people_at_once_do_not_tread_on_each_other(workbench: Workbench, open_page: OpenPage) -> None:
    made = make_survey(workbench.store, redundancy=3)
    tokens = [made.tokens[person.participant_id] for person in made.participants[:2]]
    pages = [start(workbench, open_page, token) for token in tokens]
    for number, page in enumerate(pages):
        write(page, f"{TEXT} {number}")
    for number, page in enumerate(pages):
        page.button(key="survey-next").click().run()
        page.button(key="survey-previous").click().run()
        assert page.text_area[0].value == f"{TEXT} {number}"


def test_link_closed_meanwhile_is_told_and_what_was_saved_is_kept(workbench: Workbench, open_page: OpenPage) -> None:
    made = make_survey(workbench.store)
    person = made.participants[0].participant_id
    page = write(start(workbench, open_page, made.tokens[person]), TEXT)
    workbench.survey.revoke(person)
    write(page, TEXT + " And more.")
    assert SAVING_FAILED in page.error[0].value.replace("\\", "")
    assert page.title[0].value == "This link is not open"
    assert next(iter(workbench.store.surveys.answers(made.survey.survey_id).values())).text == (TEXT,)


def test_hostile_words_stay_words(workbench: Workbench, open_page: OpenPage) -> None:
    hostile = "<img src=x onerror=alert(1)> ![x](http://evil.test/x.png) and a few more words"
    made = make_survey(workbench.store)
    person = made.participants[0]
    own = workbench.store.surveys.questions(made.survey.survey_id, person.participant_id)
    answer_all(workbench.survey, person, [replace(one) for one in own])
    for question in own:
        if question.kind is not QuestionKind.ATTENTION:
            workbench.survey.seats.save(
                person.participant_id, question.question_id, (hostile,), hostile, None, 60, submitted=True
            )
    page = open_page("contribute", t=made.tokens[person.participant_id])
    for place in range(len(own)):
        page.button(key=f"survey-to-{place}").click().run()
        assert not page.exception
        assert "<img" not in words_of(page)
        page.session_state["survey-at"] = len(own)
        page.run()
    workbench.survey.seats.finish(person.participant_id)
    shown = open_page("survey", session_state={"survey-view": "Answers"})
    assert "<img" not in words_of(shown)
    assert "&lt;img" in words_of(shown)


@pytest.mark.parametrize("name", ["overview", "browse", "survey", "settings", "contribute"])
def test_contribute_only_server_serves_nothing_else(
    workbench: Workbench, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(ONLY, "1")
    page = open_page(name)
    assert [one.value for one in page.title] == ["This link is not open"]
    assert workbench.store.studies.all()[0].name not in words_of(page)
    assert not page.sidebar.selectbox


@pytest.mark.parametrize(
    ("key", "said", "opens"),
    [
        ("a-long-key-of-letters", "a-long-key-of-letters", True),
        ("a-long-key-of-letters", "a-long-key-of-letterz", False),
        ("a-long-key-of-letters", "", False),
        ("short", "short", False),
        ("", "", False),
    ],
)
def test_researcher_s_key_opens_the_app_on_such_a_server(
    workbench: Workbench, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, key: str, said: str, opens: bool
) -> None:
    monkeypatch.setenv(ONLY, "1")
    monkeypatch.setenv(KEY, key)
    made = make_survey(workbench.store)
    page = open_page("survey", key=said)
    assert (page.title[0].value == "Survey") is opens
    assert (made.survey.title in str(page.selectbox)) is opens
    assert ("key" in page.query_params) is not opens
    page.run()
    assert (page.title[0].value == "Survey") is opens


def test_trouble_with_the_workspace_is_not_told_to_participants(
    workbench: Workbench, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bsm_core.errors import StoreError

    def broken(_: str) -> None:
        raise StoreError("the disk /secret/place is full")

    monkeypatch.setattr(workbench.survey.seats, "seat", broken)
    page = open_page("contribute", t="whatever")
    assert [one.value for one in page.markdown] == [UNAVAILABLE]


def test_second_tab_neither_hides_nor_overwrites_what_the_first_wrote(
    workbench: Workbench, open_page: OpenPage
) -> None:
    made = make_survey(workbench.store)
    token = made.tokens[made.participants[0].participant_id]
    first, second = start(workbench, open_page, token), open_page("contribute", t=token)
    second.button(key="survey-start").click().run()
    write(first, TEXT)
    second.button(key="survey-next").click().run()
    assert "Question 1 of 6" in words_of(second)
    assert second.text_area[0].value == TEXT
    answers = list(workbench.store.surveys.answers(made.survey.survey_id).values())
    assert [answer.text for answer in answers] == [(TEXT,)]
    write(second, TEXT + " Always.")
    first.run()
    assert first.text_area[0].value == TEXT + " Always."
