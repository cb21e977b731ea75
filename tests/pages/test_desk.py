"""Writing a sample by hand, with the classifier's answer beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.answering.scripted import ScriptedAnswers
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.errors import ClassifierError
from bsm_core.ports import LiveAnswer, Neighbor, SampleFilter
from bsm_core.workbench import Workbench
from tests.factories import STUDY_ID
from tests.pages.conftest import OpenPage, make_workbench, served, words_of

TEXT = f"desk-text-0-{STUDY_ID}"
NEAR = Neighbor(("a <b>dull</b> film",), 0, 0.81, 0.95)


@pytest.fixture
def answers() -> ScriptedAnswers:
    return ScriptedAnswers(lambda _: LiveAnswer((0.08, 0.92), (NEAR,), 1.0))


@pytest.fixture
def workbench(tmp_path: Path, answers: ScriptedAnswers) -> Iterator[Workbench]:
    with served(make_workbench(tmp_path, answering=answers)) as made:
        yield made


def written(page: AppTest, text: str) -> AppTest:
    page.text_area(key=TEXT).set_value(text).run()
    return page


@pytest.mark.usefixtures("workbench")
def test_answer_and_neighbors_follow_what_is_written(open_page: OpenPage) -> None:
    page = open_page("samples", section="write")
    assert "The classifier answers here while you write" in words_of(page)
    said = words_of(written(page, "What a film to sleep through."))
    assert "An unknown unknown now" in said
    assert "92.0%" in said
    assert "a &lt;b&gt;dull&lt;/b&gt; film" in said
    assert "95% of yours stands in it" in said.replace("\\", "")
    page.button(key="desk-flip").click().run()
    assert "The classifier has it right" in words_of(page)


def test_sample_is_kept_taken_back_and_its_text_returns(workbench: Workbench, open_page: OpenPage) -> None:
    page = written(open_page("samples", section="write"), "What a film to sleep through.")
    page.button(key="write-keep").click().run()
    assert page.text_area(key=TEXT).value == ""
    (mine,) = workbench.store.samples.page(STUDY_ID, SampleFilter(search="to sleep through")).rows
    page.button(key="desk-undo").click().run()
    assert page.text_area(key=TEXT).value == "What a film to sleep through."
    assert workbench.store.samples.get(mine.sample.sample_id).status is DecisionKind.REJECTED


def test_draft_comes_back_after_a_reload(workbench: Workbench, open_page: OpenPage) -> None:
    page = written(open_page("samples", section="write"), "Half a sen")
    writer = str(page.query_params["writer"])
    assert workbench.desk.draft(STUDY_ID, writer) is not None
    assert open_page("samples", section="write", writer=writer).text_area(key=TEXT).value == "Half a sen"
    assert not open_page("samples", section="write").text_area(key=TEXT).value


@pytest.mark.usefixtures("workbench")
def test_loading_and_failing_models_are_said(answers: ScriptedAnswers, open_page: OpenPage) -> None:
    answers.answer = lambda _: None
    assert "is being loaded" in words_of(written(open_page("samples", section="write"), "A film."))

    def fail(_: object) -> LiveAnswer:
        raise ClassifierError("the model folder has no weights")

    answers.answer = fail
    assert "no weights" in words_of(written(open_page("samples", section="write"), "A film."))


@pytest.mark.usefixtures("workbench")
def test_pattern_is_put_behind_what_is_written(open_page: OpenPage) -> None:
    page = written(open_page("samples", section="write"), "Well.")
    page.selectbox(key=f"desk-starter-{STUDY_ID}-0").set_value("contrast").run()
    assert page.text_area(key=TEXT).value == "Well. The … looked …, but …"
