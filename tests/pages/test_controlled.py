"""The Self-test page in each of its states."""

from __future__ import annotations

from bsm_core.domain.controlled import NO_STUDY
from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.workbench import Workbench
from bsm_core.workflow.controlled import RESULT_EVENT, to_dict
from tests.controlled import make_result
from tests.pages.conftest import OpenPage, put_job, words_of


def test_before_the_first_run_it_explains_planting_and_starts_the_job(
    empty_workbench: Workbench, open_page: OpenPage
) -> None:
    page = open_page("controlled")
    assert "What planting means" in words_of(page)
    assert "About 2 minutes" in words_of(page)
    page.selectbox(key="controlled-seeds").set_value("Usual").run()
    assert "About 6 minutes" in words_of(page)
    page.button(key="controlled-start").click().run()
    assert not page.exception
    ((spec, _),) = empty_workbench.store.jobs.all(NO_STUDY)
    assert spec.kind is JobKind.CONTROLLED
    assert spec.params["plan"]["seeds"] == [0, 1, 2]  # type: ignore[index]  # JSON


def test_a_running_one_shows_progress_and_no_second_start(workbench: Workbench, open_page: OpenPage) -> None:
    put(workbench, JobState.RUNNING)
    page = open_page("controlled")
    assert "5 variants" in words_of(page)
    assert not [one for one in page.button if one.key == "controlled-start"]


def test_a_failed_one_says_why_and_can_be_resumed(workbench: Workbench, open_page: OpenPage) -> None:
    put(workbench, JobState.FAILED)
    page = open_page("controlled")
    assert "the word vectors are missing" in words_of(page)
    assert [one for one in page.button if one.label == "Resume"]
    assert page.button(key="controlled-start")


def test_an_interrupted_one_can_be_resumed(workbench: Workbench, open_page: OpenPage) -> None:
    put(workbench, JobState.INTERRUPTED)
    page = open_page("controlled")
    assert [one for one in page.button if one.label == "Resume"]


def test_a_finished_one_shows_verdict_table_figure_words_and_hypotheses(
    workbench: Workbench, open_page: OpenPage
) -> None:
    workbench.store.record(NO_STUDY, RESULT_EVENT, to_dict(make_result()))
    page = open_page("controlled")
    said = words_of(page)
    assert "The workbench finds them: clusters of unknown unknowns show 8 of 8 planted blind spots" in said
    table, removals = (page.dataframe[at].value for at in (0, 1))
    assert list(table["Variant"]) == ["CLEAN", "R", "P", "N", "PN"]
    assert list(table["UUs on praise"])[2] == "80 → 40 of 200"
    assert list(table["Fewer than trained on"])[2] == "50%"
    assert list(removals["Variant"]) == ["P", "N", "PN", "PN", "PN"]
    assert len(page.get("plotly_chart")) == 1
    told = "\n".join(one.value for one in page.text)
    assert "Reviews that praise with words such as superb, lovely, witty, moving are taken for negative." in told
    assert "Found among the unknown unknowns: 3" in said
    page.selectbox(key="controlled-cell").set_value("PN, seed 1").run()
    assert "Blame taken for positive" in words_of(page)


def test_a_record_of_another_version_is_an_error_with_a_remedy(workbench: Workbench, open_page: OpenPage) -> None:
    workbench.store.record(NO_STUDY, RESULT_EVENT, {"plan": "another"})
    assert "run it again" in words_of(open_page("controlled"))


def test_the_jobs_page_lists_it_without_a_study(workbench: Workbench, open_page: OpenPage) -> None:
    put(workbench, JobState.FAILED)
    assert "none (self-test)" in list(open_page("jobs").dataframe[0].value["Study"])


def put(workbench: Workbench, state: JobState) -> None:
    put_job(
        workbench,
        state,
        JobKind.CONTROLLED,
        title="Self-test: 5 variants",
        message="the word vectors are missing; run `make venv`",
        study_id=NO_STUDY,
    )
