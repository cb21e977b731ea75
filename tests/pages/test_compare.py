import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.domain.arms import Arm, Transition
from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.metrics.comparison import comparison_rows
from bsm_core.ports import JobResult
from bsm_core.workbench import Workbench
from tests.factories import FROZEN_SET_ID, make_model
from tests.pages.conftest import OpenPage, put_job, words_of

STUDY = "st-reviews"


def table(page: AppTest) -> str:
    return next(str(one.value) for one in page.get("html") if "bsm-table" in str(one.value))


@pytest.mark.usefixtures("fresh_workbench")
def test_compare_before_any_evaluation_leads_to_the_arms(open_page: OpenPage) -> None:
    assert "Nothing to compare yet" in words_of(open_page("compare"))


def test_compare_table_has_every_model_with_counts_intervals_and_change(
    workbench: Workbench, open_page: OpenPage
) -> None:
    shown = table(open_page("compare"))
    rows = comparison_rows(workbench.store.evaluations.results(STUDY, 0.65))
    assert rows[0].result.arm is Arm.ORIGINAL
    for row in rows:
        assert f"<b>{row.fresh.count}</b> of {row.fresh.size}" in shown
        assert f"{row.correct.share:.1%}" in shown
        assert f"{row.frozen.interval.low:.0%} to {row.frozen.interval.high:.0%}" in shown
    assert "not resolvable" in shown


@pytest.mark.usefixtures("workbench")
def test_compare_is_careful_with_one_seed_and_counts_the_looks_at_test(open_page: OpenPage) -> None:
    said = words_of(open_page("compare"))
    assert "One seed (0)" in said
    assert "looked at 4 times" in said


def test_compare_counts_again_when_tau_moves(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("compare")
    before = table(page)
    page.slider(key="tau-slider").set_value(0.9).run()
    row = comparison_rows(workbench.store.evaluations.results(STUDY, 0.9))[0]
    assert table(page) != before
    assert f"<b>{row.fresh.count}</b> of {row.fresh.size}" in table(page)
    assert workbench.store.studies.get(STUDY).tau == 0.65


@pytest.mark.usefixtures("workbench")
def test_compare_draws_intervals_transitions_and_both_before_and_after_charts(open_page: OpenPage) -> None:
    assert len(open_page("compare").get("plotly_chart")) == 4


def test_compare_lists_the_texts_of_a_transition_named_in_the_address(
    workbench: Workbench, open_page: OpenPage
) -> None:
    page = open_page("compare", model="m-relabel", transition="persistent")
    counts = workbench.store.evaluations.transitions("m-original", "m-relabel", FROZEN_SET_ID, 0.65)
    kind = page.segmented_control(key="transition-kind")
    assert kind.value == Transition.PERSISTENT
    assert f"Persistent ({counts[Transition.PERSISTENT]})" in str(kind.proto)
    assert f"of {counts[Transition.PERSISTENT]} persistent texts" in words_of(page)
    assert "Retrained model" in words_of(page)


def test_compare_transitions_on_clean_texts_have_no_diff(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("compare", model="m-hypothesis_rule", transition="fixed")
    assert "<ins " in words_of(page)
    page.segmented_control(key="transition-set").set_value(False).run()
    assert page.query_params["set"] == "clean"
    assert "<ins " not in words_of(page)
    counts = workbench.store.evaluations.transitions("m-original", "m-hypothesis_rule", None, 0.65)
    assert f"of {counts[Transition.FIXED]} fixed texts" in words_of(page)


@pytest.mark.usefixtures("workbench")
def test_compare_says_when_no_text_made_a_transition(open_page: OpenPage) -> None:
    page = open_page("compare", tau="1")
    assert "No fixed texts at tau 1" in words_of(page)


def test_compare_names_models_that_wait_for_their_evaluation(workbench: Workbench, open_page: OpenPage) -> None:
    spec = put_job(workbench, JobState.INGESTED)
    workbench.store.ingest(JobResult(spec.job_id, models=(make_model(Arm.HYPOTHESIS_LM, at=200),)))
    assert "Trained but not evaluated yet: Samples by language model" in words_of(open_page("compare"))


def test_compare_shows_a_running_evaluation(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.RUNNING, JobKind.EVALUATE, title="Evaluate on test: RELABEL")
    page = open_page("compare")
    page.button(key="Cancel-job-put")
    assert "bsm-table" in words_of(page)


def test_compare_shows_a_failed_evaluation_with_its_message(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.FAILED, JobKind.EVALUATE, message="the disk is full")
    assert "the disk is full" in words_of(open_page("compare")).replace("\\", "")
