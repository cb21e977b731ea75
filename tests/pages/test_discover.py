import re
from dataclasses import replace
from pathlib import Path

import pytest

from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.domain.unknowns import AttackGoal, PairSide, PerturbationRecipe
from bsm_core.metrics.attack import attack_statistics
from bsm_core.ports import JobContext, JobResult
from bsm_core.workbench import Workbench
from tests.factories import make_dataset, make_model, make_study, make_task
from tests.pages.conftest import OpenPage, make_workbench, put_job, served, words_of


def test_discover_shows_the_attack_statistics_of_the_stored_attack(workbench: Workbench, open_page: OpenPage) -> None:
    statistics = attack_statistics(workbench.store.perturbations.rows("set-validation"))
    page = open_page("discover")
    rows = re.findall(r'row">([^<]*)<small>[^<]*</small></th><td>([^<]*)</td>', words_of(page))
    shown = dict(rows)
    assert shown["Original accuracy"] == f"{statistics.original_accuracy:.1%}"
    assert shown["Accuracy under attack"] == f"{statistics.accuracy_under_attack:.1%}"
    assert shown["Attack success rate"] == f"{statistics.success_rate:.1%}"
    assert shown["Average number of queries"] == f"{statistics.queries:.1f}"
    assert f"<b>{statistics.successful}</b> fooled" in words_of(page)
    assert len(page.get("plotly_chart")) == 1


@pytest.mark.usefixtures("workbench")
def test_discover_offers_validation_only(open_page: OpenPage) -> None:
    split = open_page("discover").selectbox(key="discover-split")
    assert split.options == ["Validation"]
    assert split.disabled


@pytest.mark.usefixtures("fresh_workbench")
def test_discover_without_a_baseline_leads_to_training_one(open_page: OpenPage) -> None:
    assert "No classifier yet" in words_of(open_page("discover"))


def test_discover_starts_an_attack_on_as_many_texts_as_asked_for(tmp_path: Path, open_page: OpenPage) -> None:
    seen: list[JobSpec] = []

    def discover(spec: JobSpec, _: JobContext) -> JobResult:
        seen.append(spec)
        return JobResult(spec.job_id)

    with served(make_workbench(tmp_path, handlers={JobKind.DISCOVER: discover})):
        page = open_page("discover")
        page.number_input(key="discover-size-st-reviews").set_value(20).run()
        page.button(key="discover-start").click().run()
    assert seen[0].params["recipe"] == "deepwordbug"
    assert "The attack has started" in words_of(page)


def test_discover_starts_the_recipe_and_the_goal_that_were_chosen(tmp_path: Path, open_page: OpenPage) -> None:
    seen: list[JobSpec] = []

    def discover(spec: JobSpec, _: JobContext) -> JobResult:
        seen.append(spec)
        return JobResult(spec.job_id)

    with served(make_workbench(tmp_path, handlers={JobKind.DISCOVER: discover})):
        page = open_page("discover")
        page.selectbox(key="discover-recipe").set_value(PerturbationRecipe.TEXTFOOLER_LOCAL).run()
        assert "not TextFooler's" in words_of(page)
        page.selectbox(key="discover-goal-st-reviews").set_value(AttackGoal.UNKNOWN_UNKNOWN).run()
        assert "tau, 0.65" in words_of(page)
        page.button(key="discover-start").click().run()
    params = seen[0].params
    assert (params["recipe"], params["goal"], params["tau"]) == ("textfooler-local", "unknown-unknown", 0.65)
    assert seen[0].title == "Attack validation: textfooler-local, unknown-unknown at 0.65"


def test_discover_of_pairs_asks_which_text_may_be_changed(tmp_path: Path, open_page: OpenPage) -> None:
    seen: list[JobSpec] = []

    def discover(spec: JobSpec, _: JobContext) -> JobResult:
        seen.append(spec)
        return JobResult(spec.job_id)

    made = make_workbench(tmp_path, handlers={JobKind.DISCOVER: discover})
    data = make_dataset(replace(make_task(pair=True), entailment=True), train=10, validation=6, test=4)
    made.store.studies.create(make_study(data, "st-pairs"), data)
    made.store.ingest(JobResult("job-pairs", models=(make_model(model_id="m-pairs", study_id="st-pairs"),)))
    with served(made):
        assert not any("side" in (box.key or "") for box in open_page("discover", study="st-reviews").selectbox)
        page = open_page("discover", study="st-pairs")
        assert page.selectbox(key="discover-side-st-pairs-deepwordbug").value == PairSide.BOTH
        page.selectbox(key="discover-recipe").set_value(PerturbationRecipe.TEXTFOOLER_LOCAL).run()
        box = page.selectbox(key="discover-side-st-pairs-textfooler-local")
        assert box.value == PairSide.SECOND
        assert "Only words of the second text" in words_of(page)
        box.set_value(PairSide.FIRST).run()
        page.button(key="discover-start").click().run()
    assert seen[0].params["side"] == "first"


def test_discover_moves_tau_and_keeps_it_for_the_study_on_request(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("discover")
    page.slider(key="tau-slider").set_value(0.8).run()
    assert page.query_params["tau"] == "0.8"
    assert workbench.store.studies.get("st-reviews").tau == 0.65
    page.button(key="tau-keep").click().run()
    assert workbench.store.studies.get("st-reviews").tau == 0.8


def test_discover_while_attacking_shows_progress_and_no_second_start(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.RUNNING, JobKind.DISCOVER)
    page = open_page("discover")
    assert page.button(key="Cancel-job-put").label == "Cancel"
    assert not any(button.key == "discover-start" for button in page.button)


def test_discover_after_a_failed_attack_says_why(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.FAILED, JobKind.DISCOVER, message="the word list is missing")
    page = open_page("discover")
    assert "the word list is missing" in page.error[0].value
