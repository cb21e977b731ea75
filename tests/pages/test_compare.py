from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.domain.arms import Arm, Transition
from bsm_core.domain.comparison import Endpoint
from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.metrics.verdicts import answer
from bsm_core.ports import JobResult
from bsm_core.ui import words
from bsm_core.ui.components.comparison_answer import FRESH
from bsm_core.workbench import Workbench
from bsm_core.workflow.compare import comparison, scaling_control
from tests.factories import FROZEN_SET_ID, make_evaluation, make_model
from tests.pages.conftest import OpenPage, put_job, words_of

STUDY = "st-reviews"


def table(page: AppTest) -> str:
    return next(str(one.value) for one in page.get("html") if "bsm-table" in str(one.value))


def shown_tests(page: AppTest) -> str:
    return next(str(one.value) for one in page.get("html") if "only before" in str(one.value))


@pytest.mark.usefixtures("fresh_workbench")
def test_compare_before_any_evaluation_leads_to_the_arms(open_page: OpenPage) -> None:
    assert "Nothing to compare yet" in words_of(open_page("compare"))


def test_compare_table_has_every_model_with_counts_intervals_and_change(
    workbench: Workbench, open_page: OpenPage
) -> None:
    shown = table(open_page("compare"))
    rows = comparison(workbench.store, STUDY, 0.65).rows
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
    row = comparison(workbench.store, STUDY, 0.9).rows[0]
    assert table(page) != before
    assert f"<b>{row.fresh.count}</b> of {row.fresh.size}" in table(page)
    assert workbench.store.studies.get(STUDY).tau == 0.65


def test_compare_answers_first_and_shows_every_test(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("compare")
    found = comparison(workbench.store, STUDY, 0.65)
    told = answer(found.primary, words.ARMS.__getitem__, FRESH, "the original model")
    assert f"Did it help? {told.short}." in words_of(page)
    assert told.long in words_of(page)
    assert "Against relabelling:" in words_of(page)
    for effect in found.primary:
        (test,) = effect.tests
        assert f"<td>{test.only_before} / {test.only_after}</td>" in words_of(page)
    assert len(page.get("plotly_chart")) == 1


def test_compare_tests_against_relabelling_on_another_endpoint(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("compare", against="RELABEL", endpoint="natural")
    compared = comparison(workbench.store, STUDY, 0.65).against(Arm.RELABEL, Endpoint.NATURAL)
    shown = shown_tests(page)
    assert [effect.arm for effect in compared] == [Arm.MORE_TRAINING, Arm.HYPOTHESIS_RULE]
    for effect in compared:
        assert f"<td>{effect.before:.4g}</td><td>{effect.after:.4g}</td>" in shown
    page.segmented_control(key="compare-endpoint").set_value(Endpoint.WRONG).run()
    assert page.query_params["endpoint"] == "wrong"
    assert shown_tests(page) != shown


def test_compare_of_several_seeds_puts_the_answer_before_the_many_models(
    workbench: Workbench, open_page: OpenPage
) -> None:
    spec = put_job(workbench, JobState.INGESTED)
    again = replace(make_model(Arm.RELABEL, "m-relabel-1", at=200), seed=1)
    made = make_evaluation("m-relabel-1", FROZEN_SET_ID, FROZEN_SET_ID, at=210)
    workbench.store.ingest(JobResult(spec.job_id, models=(again,), evaluations=(made,)))
    page = open_page("compare")
    assert page.expander[0].label == "Every model, seed by seed"
    assert "2 seeds (0, 1)" in words_of(page)
    assert "2 seeds, " in shown_tests(page)


def test_compare_shows_what_scaling_alone_would_do(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("compare", section="calibration")
    found = comparison(workbench.store, STUDY, 0.65)
    assert found.original is not None
    control = scaling_control(workbench.store, found.original, 0.65)
    assert control is not None
    assert f"alone would leave {control.fresh} of its {control.fresh_before}" in words_of(page)
    assert f"temperature **{control.temperature:.2f}**" in words_of(page)
    assert f"from **{control.fresh_before}** to **{control.fresh}**" in words_of(page)
    assert f"{control.calibration.brier:.3f}" in words_of(page)
    assert len(page.get("plotly_chart")) == 1


def test_compare_corrects_by_the_judged_sample_or_leads_to_judging(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("compare", section="labels")
    judged = workbench.judging.corrected(STUDY, "m-original", 0.65)
    assert f"{judged.invalid} of {judged.judged} judged texts" in words_of(page)
    assert "Nobody has judged" in words_of(open_page("compare", section="labels", tau="1"))


@pytest.mark.usefixtures("workbench")
def test_compare_draws_a_curve_a_transition_chart_and_both_before_and_after_charts(open_page: OpenPage) -> None:
    assert len(open_page("compare", section="tau").get("plotly_chart")) == 1
    assert len(open_page("compare", section="texts").get("plotly_chart")) == 3


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
    page = open_page("compare", tau="1", section="texts")
    assert "No new texts at tau 1" in words_of(page)  # what a sceptic asks for first


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
