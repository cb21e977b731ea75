import json
from pathlib import Path

import pytest

from bsm_core.config import TeacherConfig
from bsm_core.errors import TeacherKeyError
from bsm_core.workbench import Workbench
from tests.factories import make_call
from tests.pages.conftest import OpenPage, make_workbench, served, words_of

ENDPOINT = TeacherConfig(endpoint="http://127.0.0.1:9/v1", model="scripted", key_variable="MY_KEY")


@pytest.mark.usefixtures("workbench")
def test_settings_says_that_the_embedded_model_is_small_and_needs_no_key(open_page: OpenPage) -> None:
    said = words_of(open_page("settings"))
    assert "A real endpoint does better" in said
    assert "needs no key" in said


def test_settings_saves_an_endpoint_with_its_prices(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("settings")
    page.segmented_control(key="teacher-kind").set_value(False).run()
    page.text_input(key="teacher-endpoint").set_value(" http://127.0.0.1:9/v1 ").run()
    page.text_input(key="teacher-model").set_value("big-model").run()
    page.number_input(key="teacher-price_prompt").set_value(2.5).run()
    page.button(key="teacher-save").click().run()
    saved = workbench.settings.teacher
    assert (saved.endpoint, saved.model, saved.price_prompt) == ("http://127.0.0.1:9/v1", "big-model", 2.5)
    assert saved.price_completion is None
    stored = json.loads((workbench.settings.workspace / "settings.json").read_text())
    assert stored["teacher"]["model"] == "big-model"


def test_settings_impossible_value_is_refused_and_what_was_typed_stays(
    workbench: Workbench, open_page: OpenPage
) -> None:
    page = open_page("settings")
    page.segmented_control(key="teacher-kind").set_value(False).run()
    page.text_input(key="teacher-endpoint").set_value("ftp://nowhere").run()
    page.text_input(key="teacher-model").set_value("big-model").run()
    page.button(key="teacher-save").click().run()
    assert "is not a URL" in words_of(page)
    assert page.text_input(key="teacher-endpoint").value == "ftp://nowhere"
    assert workbench.settings.teacher.is_embedded


def test_settings_names_the_key_variable_and_never_the_value(tmp_path: Path, open_page: OpenPage) -> None:
    made = make_workbench(tmp_path, teacher=ENDPOINT)
    with served(made):
        page = open_page("settings")
        assert "MY\\_KEY" in words_of(page)
        assert "not found" in words_of(page)
        made._read_key = lambda _: "sk-very-secret"
        page.run()
        everything = words_of(page) + "".join(str(code.value) for code in page.code)
    assert "not found" not in everything
    assert "sk-very-secret" not in everything


def test_settings_try_shows_the_answer(tmp_path: Path, open_page: OpenPage) -> None:
    with served(make_workbench(tmp_path, teacher=ENDPOINT, answers=["Hello <img src=x>"])):
        page = open_page("settings")
        page.button(key="teacher-try").click().run()
        assert "The teacher answers." in words_of(page)
        assert "Hello <img src=x>" in [code.value for code in page.code]
        page.run()
        assert "The teacher answers." in words_of(page)


def test_settings_try_shows_what_went_wrong(tmp_path: Path, open_page: OpenPage) -> None:
    answers = [TeacherKeyError("the endpoint refused the key in MY_KEY (401)")]
    with served(make_workbench(tmp_path, teacher=ENDPOINT, answers=answers)):
        page = open_page("settings")
        page.button(key="teacher-try").click().run()
        assert "refused the key in MY_KEY" in words_of(page).replace("\\", "")


def test_settings_log_has_totals_and_raw_answers_of_failed_calls(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("settings")
    shown = {metric.label: metric.value for metric in page.metric}
    calls, prompt_tokens, completion_tokens, _ = workbench.store.calls.totals("st-reviews")
    assert shown["Calls"] == f"{calls}"
    assert shown["Tokens read"] == f"{prompt_tokens}"
    assert shown["Tokens written"] == f"{completion_tokens}"
    assert "I would rather not." in [code.value for code in page.code]


def test_settings_log_turns_pages(workbench: Workbench, open_page: OpenPage) -> None:
    for number in range(12):
        workbench.store.calls.add(make_call(f"call-{number}", at=200 + number))
    page = open_page("settings")
    assert "1–8 of 16 calls" in words_of(page)
    page.pagination(key="calls-page-st-reviews").set_value(2).run()
    assert "9–16 of 16 calls" in words_of(page)


def test_settings_keeps_tau_for_the_study_on_request(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("settings")
    page.slider(key="tau-slider").set_value(0.8).run()
    page.button(key="tau-keep").click().run()
    assert workbench.store.studies.get("st-reviews").tau == 0.8


@pytest.mark.usefixtures("workbench")
def test_settings_shows_the_gates_of_the_study(open_page: OpenPage) -> None:
    gates = open_page("settings").dataframe[0].value
    assert gates["Limit"].iloc[0] == "at least 40 characters"


@pytest.mark.usefixtures("empty_workbench")
def test_settings_in_an_empty_workspace_offers_the_teacher_alone(open_page: OpenPage) -> None:
    page = open_page("settings")
    assert page.button(key="teacher-save").label == "Save"
    assert "to try the teacher" in words_of(page)
    assert not page.metric
