import time

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from bsm_core.ui import downloads
from bsm_core.workbench import Workbench
from bsm_core.workbench.making import Export
from tests.pages.conftest import OpenPage, words_of

STUDY = "st-reviews"


def made(workbench: Workbench, page: AppTest, kind: Export) -> AppTest:
    """Press the button and wait until the file is there."""
    page.button(key=f"export-{kind}").click().run()
    for _ in range(400):
        if not workbench.making.is_busy:
            break
        time.sleep(0.05)
    return page.run()


def links(page: AppTest) -> list[str]:
    return [one.proto.url for one in page.get("link_button")]


def test_report_is_made_at_the_press_of_a_button_and_offered(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("report")
    assert not links(page)
    page = made(workbench, page, Export.REPORT)
    assert links(page) == [downloads.address(STUDY, "report.html")]
    assert page.button(key="export-report").label == "Make it anew"
    assert "No arm has been trained" not in words_of(page)


def test_report_page_says_what_went_wrong_in_words(workbench: Workbench, open_page: OpenPage) -> None:
    page = made(workbench, open_page("report"), Export.MODEL)
    assert "there are no weights" in page.error[0].value
    assert not links(page)


@pytest.mark.usefixtures("fresh_workbench")
def test_report_page_of_a_new_study_offers_what_there_is(open_page: OpenPage) -> None:
    page = open_page("report")
    assert "No arm has been trained and evaluated yet" in words_of(page)
    assert "train the original model first" in words_of(page)
    assert "approve samples, or train an arm first" in words_of(page)
    assert {one.key for one in page.button} >= {"export-report", "export-tables"}
    assert "export-model" not in {one.key for one in page.button}


@pytest.mark.usefixtures("empty_workbench")
def test_report_page_without_a_study_leads_to_one(open_page: OpenPage) -> None:
    assert "No study yet" in words_of(open_page("report"))


def test_choice_of_a_data_set_names_the_models(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("report")
    options = page.selectbox(key="export-choice-dataset").options
    assert options[0].startswith("All approved samples (")
    assert any("Relabelled UUs, seed 0 (m-relabel)" in one for one in options)
    assert not any("m-original" in one for one in options)
    assert len(page.selectbox(key="export-choice-model").options) == len(workbench.store.models.all(STUDY))


def test_download_is_a_file_for_those_who_were_given_its_address(workbench: Workbench) -> None:
    folder = workbench.settings.workspace / "exports" / STUDY
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<!DOCTYPE html> made before")
    client = TestClient(Starlette(routes=downloads.ROUTES))
    address = downloads.address(STUDY, "report.html")
    found = client.get(address)
    assert found.status_code == 200
    assert found.headers["content-disposition"] == 'attachment; filename="st-reviews-report.html"'
    assert found.headers["content-type"] == "application/octet-stream"
    assert found.text.startswith("<!DOCTYPE html>")
    guessed = address.replace(address.split("/")[2], "x" * 32)
    assert client.get(guessed).status_code == 404
    assert client.get(address.replace("report.html", "other.html")).status_code == 404
    assert client.get(address.replace("report.html", "..%2F..%2Fworkbench.duckdb")).status_code == 404
