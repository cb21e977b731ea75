import time

import pytest

from bsm_core.domain.jobs import JobState
from bsm_core.ui import words
from bsm_core.workbench import Workbench
from tests.pages.conftest import OpenPage, put_job, words_of


@pytest.mark.usefixtures("empty_workbench")
def test_jobs_of_an_empty_workspace_says_what_would_be_here(open_page: OpenPage) -> None:
    assert "No jobs yet" in words_of(open_page("jobs"))


def test_jobs_lists_all_newest_first_with_their_states(workbench: Workbench, open_page: OpenPage) -> None:
    table = open_page("jobs").dataframe[0].value
    assert list(table["Job"]) == [job.spec.title for job in workbench.jobs()]
    assert any("failed" in state for state in table["State"])
    assert any("done" in state for state in table["State"])


@pytest.mark.parametrize("state", [state for state in JobState if state is not JobState.INGESTED])
def test_jobs_shows_a_job_in_every_state(workbench: Workbench, open_page: OpenPage, state: JobState) -> None:
    put_job(workbench, state, title="The one in question")
    page = open_page("jobs", job="job-put")
    assert words.JOB_STATES[state] in page.dataframe[0].value["State"].iloc[0]
    said = words_of(page)
    assert f"**The one in question** — {words.JOB_STATES[state]}" in said
    labels = [button.label for button in page.button]
    assert ("Cancel" in labels) is state.is_active
    assert ("Resume" in labels) is state.is_resumable


def test_jobs_of_a_failed_job_shows_its_error_log_and_curve(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.FAILED, message="no space left on the disk")
    page = open_page("jobs")
    assert "no space left" in page.error[0].value
    assert "reading 400 texts" in page.code[0].value
    assert len(page.get("plotly_chart")) == 1


def test_jobs_cancel_stops_the_running_job(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.RUNNING)
    open_page("jobs").button(key="Cancel-job-put").click().run()
    deadline = time.monotonic() + 5
    while workbench.job("job-put").state is JobState.RUNNING and time.monotonic() < deadline:
        time.sleep(0.02)
    assert workbench.job("job-put").state is JobState.CANCELLED


def test_jobs_resume_lets_a_stopped_job_run_again(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.FAILED)
    page = open_page("jobs", job="job-put")
    page.button(key="Resume-job-put").click().run()
    assert workbench.job("job-put").log.count("reading 400 texts") == 2
