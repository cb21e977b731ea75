from pathlib import Path

import pytest

from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.domain.studies import StepName
from bsm_core.errors import WorkspaceLockedError
from bsm_core.ui import resources, words
from bsm_core.ui.server import Server
from bsm_core.workbench import Workbench
from tests.pages.conftest import OpenPage, make_workbench, put_job, words_of


def test_overview_of_a_finished_study_shows_every_step_with_its_figure(
    workbench: Workbench, open_page: OpenPage
) -> None:
    said = words_of(open_page("overview"))
    for step in workbench.steps("st-reviews"):
        assert step.figure
        assert step.figure in said
    assert "The whole path is done" in said
    assert "Nothing is running" in said


@pytest.mark.usefixtures("fresh_workbench")
def test_overview_of_a_fresh_study_sends_to_the_baseline(open_page: OpenPage) -> None:
    page = open_page("overview")
    assert page.button(key="next-action").label == "Go to Baseline"
    page.button(key="next-action").click().run()
    assert page.title[0].value == "Baseline"


def test_overview_shows_the_running_job_with_its_progress(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.RUNNING, title="Retrain: RELABEL")
    page = open_page("overview")
    assert "Retrain" in words_of(page)
    assert page.button(key="Cancel-job-put").label == "Cancel"


def test_overview_after_a_failed_job_shows_why_and_sends_to_jobs(
    fresh_workbench: Workbench, open_page: OpenPage
) -> None:
    put_job(fresh_workbench, JobState.FAILED, JobKind.TRAIN, message="no space left <b>on</b> the disk")
    page = open_page("overview")
    assert page.button(key="next-action").label == "Go to Jobs"
    [error] = page.error
    assert "no space left \\<b\\>on" in error.value
    assert page.button(key="Resume-job-put").label == "Resume"


def test_overview_between_two_jobs_of_a_plan_says_that_the_next_one_comes(
    fresh_workbench: Workbench, open_page: OpenPage
) -> None:
    fresh_workbench.plans.make("st-reviews", (StepName.BASELINE, StepName.DISCOVER))
    assert "next job of the plan starts in a moment" in words_of(open_page("overview"))


@pytest.mark.usefixtures("empty_workbench")
def test_overview_of_an_empty_workspace_leads_to_making_a_study(open_page: OpenPage) -> None:
    assert "No study yet" in words_of(open_page("overview"))


@pytest.mark.usefixtures("empty_workbench")
def test_overview_on_the_first_start_says_that_the_demo_is_being_made(open_page: OpenPage) -> None:
    resources.server().preparing = True
    assert "demo study is being made" in words_of(open_page("overview"))


@pytest.mark.usefixtures("workbench")
def test_overview_with_an_unknown_study_in_the_address_says_so(open_page: OpenPage) -> None:
    page = open_page("overview", study="st-gone")
    assert any("st\\-gone" in error.value for error in page.error)


def test_overview_of_a_locked_workspace_says_who_holds_it_and_opens_it_later(
    tmp_path: Path, open_page: OpenPage
) -> None:
    refusals = [WorkspaceLockedError("process 4242 has this workspace open")]

    def build() -> Workbench:
        if refusals:
            raise refusals.pop()
        return make_workbench(tmp_path / "workspace")

    server = Server(build, interval=60)
    server.open()
    resources.use(server)
    try:
        page = open_page("overview")
        assert "process 4242" in page.error[0].value
        page.button[0].click().run()
        assert "The whole path is done" in words_of(page)
    finally:
        resources.forget()
        server.close()


def test_every_step_has_words() -> None:
    assert set(words.STEPS) == set(StepName)
