"""The researcher's side of a survey: make it, watch it, decide on what people wrote."""

from __future__ import annotations

from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.survey import DecisionWord, QuestionKind, Stage
from bsm_core.workbench import Workbench
from tests.factories import STUDY_ID
from tests.pages.conftest import OpenPage, words_of
from tests.surveys import complete, make_survey, of_kind


def test_survey_is_made_and_its_links_are_shown_once(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("survey")
    assert "No survey yet" in words_of(page)
    key = f"survey-make-{STUDY_ID}"
    page.number_input(key=f"{key}-people").set_value(2).run()
    page.number_input(key=f"{key}-abstractions").set_value(2).run()
    page.button(key=f"{key}-go").click().run()
    assert not page.exception
    links = page.code[0].value.splitlines()
    assert len(links) == 2
    token = links[0].split("?t=")[1]
    seat = workbench.survey.seats.seat(token)
    assert seat is not None
    assert seat.participant.number == 1
    page.button(key="survey-links-away").click().run()
    assert not page.code
    assert token not in words_of(open_page("survey"))


def test_impossible_survey_is_refused_with_the_figures(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("survey")
    page.number_input(key=f"survey-make-{STUDY_ID}-people").set_value(100).run()
    page.button(key=f"survey-make-{STUDY_ID}-go").click().run()
    assert "the survey needs 500 UUs" in page.error[0].value.replace("\\", "")
    assert workbench.store.surveys.all(STUDY_ID) == []


def test_page_without_a_baseline_says_what_comes_first(fresh_workbench: Workbench, open_page: OpenPage) -> None:
    assert fresh_workbench.store.surveys.all(STUDY_ID) == []
    assert "train the baseline first" in words_of(open_page("survey"))


def test_progress_quality_and_codes_are_shown(workbench: Workbench, open_page: OpenPage) -> None:
    made = make_survey(workbench.store)
    complete(workbench.store, made)
    table = open_page("survey").dataframe[0].value
    assert list(table["State"]) == ["✓ finished", "○ invited", "○ invited"]
    assert list(table["Answered"]) == ["6 of 6", "0 of 6", "0 of 6"]
    assert table["Completion code"][0] == made.participants[0].completion_code


def test_person_is_shut_out_excluded_and_given_a_new_link(workbench: Workbench, open_page: OpenPage) -> None:
    made = make_survey(workbench.store)
    first, second, _ = (one.participant_id for one in made.participants)
    page = open_page("survey")
    picker = f"survey-person-{made.survey.survey_id}"
    page.selectbox(key=picker).select(first).run()
    page.button(key="survey-renew").click().run()
    assert workbench.survey.seats.seat(made.tokens[first]) is None
    assert workbench.survey.seats.seat(page.code[0].value.split("?t=")[1]) is not None
    page.selectbox(key=picker).select(second).run()
    page.text_input(key=f"survey-why-{second}").set_value("asked for it").run()
    page.button(key="survey-revoke").click().run()
    page.button(key="survey-exclude").click().run()
    person = workbench.survey.results(made.survey.survey_id).people[1]
    assert (person.stage, person.excluded) == (Stage.REVOKED, True)
    assert workbench.store.surveys.own_events(second)[0].reason == "asked for it"


def test_answers_are_accepted_rejected_and_taken_back(workbench: Workbench, open_page: OpenPage) -> None:
    made = make_survey(workbench.store)
    own = made.survey.survey_id
    complete(workbench.store, made)
    why = of_kind(workbench.store, made, QuestionKind.ABSTRACTION)
    page = open_page("survey", session_state={"survey-view": "Answers"})
    page.button(key=f"survey-reject-{why.question_id}").click().run()
    page.segmented_control(key=f"survey-answers-{own}-filter").set_value("Rejected").run()
    page.button(key=f"survey-reopen-{why.question_id}").click().run()
    page.segmented_control(key=f"survey-answers-{own}-filter").set_value("To decide").run()
    page.button(key=f"survey-accept-{why.question_id}").click().run()
    assert not page.exception
    decision = workbench.store.surveys.decisions(own)[why.question_id]
    assert decision.word is DecisionWord.ACCEPTED
    assert workbench.store.hypotheses.get(str(decision.hypothesis_id)).agent is Agent.HUMAN
    page.button(key="survey-accept-pool").click().run()
    assert "3 answers accepted" in page.success[0].value
    assert "Nothing to decide on" in words_of(page)


def test_flagged_answer_needs_a_reason(workbench: Workbench, open_page: OpenPage) -> None:
    made = make_survey(workbench.store)
    own = made.survey.survey_id
    complete(workbench.store, made)
    workbench.survey.exclude(made.participants[0].participant_id, "a friend helped")
    why = of_kind(workbench.store, made, QuestionKind.ABSTRACTION)
    page = open_page("survey", session_state={"survey-view": "Answers"})
    page.segmented_control(key=f"survey-answers-{own}-filter").set_value("Flagged").run()
    assert "excluded by the researcher" in words_of(page)
    page.button(key=f"survey-accept-{why.question_id}").click().run()
    assert "say why you accept it" in page.error[0].value
    page.text_input(key=f"survey-because-{why.question_id}").set_value("it is good all the same").run()
    page.button(key=f"survey-accept-{why.question_id}").click().run()
    assert workbench.store.surveys.decisions(own)[why.question_id].reason == "it is good all the same"


def test_cost_and_files_are_shown(workbench: Workbench, open_page: OpenPage) -> None:
    made = make_survey(workbench.store)
    complete(workbench.store, made)
    workbench.survey.accept_pool(made.survey.survey_id)
    page = open_page("survey", session_state={"survey-view": "Cost and agreement"})
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown == {
        "Minutes of work": "6.0",
        "In all": "1.20 USD",
        "A hypothesis": "0.40 USD",
        "An approved sample": "–",
    }
    assert "No text has two answers" in words_of(page)
    page = open_page("survey", session_state={"survey-view": "Files"})
    assert len(page.get("download_button")) == 2


def test_agreement_is_shown_where_two_people_judged_one_text(workbench: Workbench, open_page: OpenPage) -> None:
    made = make_survey(workbench.store, redundancy=3)
    for number in (1, 2, 3):
        complete(workbench.store, made, number)
    page = open_page("survey", session_state={"survey-view": "Cost and agreement"})
    shown = {metric.label: metric.value for metric in page.metric}
    found = workbench.survey.results(made.survey.survey_id).agreement
    assert shown["Texts with several answers"] == str(found.shared) == "2"
    assert shown["Words shared"] == f"{found.overlap:.0%}"
