from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.domain.arms import Arm
from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.ports import JobContext, JobResult
from bsm_core.workbench import Workbench
from tests.pages.conftest import OpenPage, make_workbench, put_job, served, words_of

STUDY = "st-reviews"


def boxes(page: AppTest) -> dict[str, tuple[bool, bool]]:
    """Name to (ticked, disabled)."""
    return {box.label: (box.value, box.disabled) for box in page.checkbox}


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


@pytest.mark.usefixtures("fresh_workbench")
def test_retrain_without_a_baseline_leads_to_training_one(open_page: OpenPage) -> None:
    assert "No classifier yet" in words_of(open_page("retrain"))


def test_retrain_says_what_each_arm_has_and_why_one_cannot_run(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("retrain")
    ticked = boxes(page)
    assert ticked["Samples by rule"] == (True, False)
    assert ticked["Samples by language model"] == (False, True)
    assert ticked["Samples by human"] == (False, False)  # 2 texts would cut everybody's budget
    said = words_of(page).replace("\\", "")
    assert "6 texts to draw from" in said
    assert "no approved samples by agent lm" in said
    assert len(workbench.arm_plans(STUDY)) == len(Arm)


@pytest.mark.usefixtures("workbench")
def test_retrain_budget_is_that_of_the_poorest_chosen_arm(open_page: OpenPage) -> None:
    page = open_page("retrain")
    assert (metrics(page)["Every arm adds"], metrics(page)["Extended set"]) == ("6", "406")
    human = next(box for box in page.checkbox if box.label == "Samples by human")
    human.check().run()
    assert (metrics(page)["Every arm adds"], metrics(page)["Extended set"]) == ("2", "402")
    assert "“Samples by human” has only 2" in words_of(page)


@pytest.mark.usefixtures("workbench")
def test_retrain_without_a_ticked_arm_cannot_start(open_page: OpenPage) -> None:
    page = open_page("retrain")
    for name in [box.label for box in page.checkbox if box.value]:
        next(box for box in page.checkbox if box.label == name).uncheck().run()
    assert "Tick at least one arm" in words_of(page)
    assert page.button(key="retrain-start").disabled


def test_retrain_with_nothing_approved_offers_the_controls_only(workbench: Workbench, open_page: OpenPage) -> None:
    workbench.decide([s.sample.sample_id for s in workbench.store.samples.approved(STUDY)], DecisionKind.REJECTED)
    page = open_page("retrain")
    ticked = boxes(page)
    assert all(disabled for name, (_, disabled) in ticked.items() if name.startswith("Samples"))
    assert ticked["Relabelled UUs"] == (True, False)


def test_retrain_starts_the_arms_with_the_chosen_settings(tmp_path: Path, open_page: OpenPage) -> None:
    seen: list[JobSpec] = []

    def train(spec: JobSpec, _: JobContext) -> JobResult:
        seen.append(spec)
        return JobResult(spec.job_id)

    with served(make_workbench(tmp_path, handlers={JobKind.TRAIN: train})) as made:
        page = open_page("retrain")
        page.number_input(key=f"retrain-{STUDY}-epochs").set_value(2).run()
        page.button(key="retrain-start").click().run()
        plan = made.plans.current(STUDY)
    assert plan is not None
    assert plan.arms == (Arm.MORE_TRAINING, Arm.RELABEL, Arm.HYPOTHESIS_RULE)
    assert plan.budget == 6
    assert seen[0].params["arm"] == Arm.MORE_TRAINING
    assert seen[0].params["training"]["epochs"] == 2  # type: ignore[index]
    assert "Started." in words_of(page).replace("\\", "")


def test_retrain_while_a_job_runs_shows_it_and_does_not_start_another(
    workbench: Workbench, open_page: OpenPage
) -> None:
    put_job(workbench, JobState.RUNNING, JobKind.TRAIN, title="Retrain: RELABEL")
    page = open_page("retrain")
    assert page.button(key="retrain-start").disabled
    page.button(key="Cancel-job-put")


def test_retrain_shows_a_failed_job_with_its_message(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.FAILED, JobKind.TRAIN)
    page = open_page("retrain")
    assert "the model folder has no weights" in words_of(page).replace("\\", "")
    page.button(key="Resume-job-put")


def test_retrain_lists_what_is_trained(workbench: Workbench, open_page: OpenPage) -> None:
    table = open_page("retrain").dataframe[0].value
    assert list(table["Arm"]) == ["Samples by rule", "Relabelled UUs", "More training, nothing new"]
    assert set(table["Evaluated"]) == {"✓ on test"}
    assert len(workbench.store.models.all(STUDY)) == 4
