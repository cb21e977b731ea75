"""Hypotheses and samples from a file, on the Hypotheses page."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.ports import SampleFilter
from bsm_core.workbench import Workbench
from tests.factories import STUDY_ID
from tests.pages.conftest import OpenPage, words_of


def offers(page: AppTest) -> list[str]:
    return [button.label for button in page.button if (button.key or "").startswith("curated-import")]


def said(page: AppTest) -> str:
    return " ".join(text.value for text in page.text)


def upload(page: AppTest, content: object) -> AppTest:
    body = json.dumps(content).encode()
    page.file_uploader(key=f"curated-file-{STUDY_ID}").set_value(("mine.json", body, "application/json"))
    return page.run()


def test_shipped_set_comes_in_by_one_press_and_waits_for_decisions(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("hypotheses")
    assert "40 new hypotheses, 160 new samples" in said(page)
    assert "They are no survey participants" in words_of(page)
    page.button(key="curated-import-the curated set").click().run()
    assert "Imported" in words_of(page)
    assert "is in the study already" in said(page)
    assert not offers(page)
    written = workbench.store.samples.page(STUDY_ID, SampleFilter(agent=Agent.AUTHORS), limit=500).rows
    assert len(written) == 160
    assert {state.status for state in written} == {DecisionKind.PENDING}


def test_own_file_is_read_before_it_is_taken(workbench: Workbench, open_page: OpenPage) -> None:
    known = {hypothesis.hypothesis_id for hypothesis in workbench.store.hypotheses.all(STUDY_ID)}
    hypothesis = {"key": "a", "kind": "abstraction", "text": "It misses <b>irony</b>."}
    page = upload(open_page("hypotheses"), {"hypotheses": [hypothesis], "samples": []})
    assert "mine.json: 1 new hypothesis, 0 new samples" in said(page)
    page.button(key="curated-import-the file").click().run()
    (new,) = [one for one in workbench.store.hypotheses.all(STUDY_ID) if one.hypothesis_id not in known]
    assert (new.text, new.agent) == ("It misses <b>irony</b>.", Agent.HUMAN)


@pytest.mark.usefixtures("workbench")
def test_faulty_file_says_where_and_cannot_be_taken(open_page: OpenPage) -> None:
    hypothesis = {"key": "a", "kind": "guess", "text": "It misses irony."}
    page = upload(open_page("hypotheses"), {"hypotheses": [hypothesis], "samples": []})
    assert "'guess' is no kind" in page.error[0].value.replace("\\", "")
    assert offers(page) == ["Import the curated set"]
