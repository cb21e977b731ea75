"""The Overview's path of steps."""

from dataclasses import replace

from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import StepName, StepState, StudyCounts
from bsm_core.workflow.path import steps

FRESH = StudyCounts(4000, 800, 800, None, None, 0, 0, 0, 0, 0, 0, 0, 0, 0, None, None, None)
TRAINED = replace(FRESH, baseline_model_id="m", baseline_accuracy=0.861, natural_unknowns=12)


def states(counts: StudyCounts, active: tuple[JobKind, ...] = (), failed: tuple[JobKind, ...] = ()) -> dict:
    return {step.name: step.state for step in steps(counts, active, failed)}


def test_steps_of_a_new_study_offers_the_baseline_and_lets_the_rest_wait() -> None:
    found = states(FRESH)
    assert found[StepName.DATA] is StepState.DONE
    assert found[StepName.BASELINE] is StepState.READY
    assert set(list(found.values())[2:]) == {StepState.WAITING}


def test_steps_while_the_baseline_trains_shows_it_running_and_retrain_waiting() -> None:
    found = states(FRESH, active=(JobKind.TRAIN,))
    assert found[StepName.BASELINE] is StepState.RUNNING
    assert found[StepName.RETRAIN] is StepState.WAITING


def test_steps_while_an_arm_trains_leaves_the_baseline_done() -> None:
    found = states(TRAINED, active=(JobKind.TRAIN,))
    assert found[StepName.BASELINE] is StepState.DONE
    assert found[StepName.RETRAIN] is StepState.RUNNING


def test_steps_after_a_failed_discovery_shows_it_failed_until_it_succeeds() -> None:
    assert states(TRAINED, failed=(JobKind.DISCOVER,))[StepName.DISCOVER] is StepState.FAILED
    done = replace(TRAINED, perturbation_sets=1)
    assert states(done, failed=(JobKind.DISCOVER,))[StepName.DISCOVER] is StepState.DONE


def test_figures_state_counts_and_the_change_against_original() -> None:
    counts = replace(
        TRAINED, arms_evaluated=3, original_fresh_unknowns=200, best_arm="RELABEL", best_fresh_unknowns=150
    )
    figures = {step.name: step.figure for step in steps(counts, (), ())}
    assert figures[StepName.BASELINE] == "86.1% right"
    assert figures[StepName.COMPARE] == "200 to 150 UUs under a fresh attack (-25%), RELABEL"


def test_figure_of_compare_without_uus_before_states_no_change() -> None:
    counts = replace(TRAINED, arms_evaluated=1, original_fresh_unknowns=0, best_arm="RELABEL", best_fresh_unknowns=0)
    assert steps(counts, (), ())[-1].figure == "0 to 0 UUs under a fresh attack, RELABEL"
