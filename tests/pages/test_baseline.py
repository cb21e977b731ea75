from dataclasses import replace
from pathlib import Path

import pytest

from bsm_core.config import EMBEDDED_LLAMA, TrainingConfig, bilstm_defaults, lora_defaults
from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.ports import JobContext, JobResult
from bsm_core.workbench import Workbench
from tests.factories import make_dataset, make_study
from tests.pages.conftest import OpenPage, make_workbench, put_job, served, words_of


def test_baseline_shows_accuracy_calibration_and_both_charts(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("baseline")
    accuracy = workbench.store.studies.counts("st-reviews").baseline_accuracy
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown["Accuracy"] == f"{accuracy:.1%}"
    assert "Calibration error" in shown
    assert shown["Validation texts"] == "60"
    assert len(page.get("plotly_chart")) == 2


@pytest.mark.usefixtures("workbench")
def test_baseline_counts_natural_unknowns_at_the_tau_of_the_address(open_page: OpenPage) -> None:
    def natural(**params: str) -> int:
        page = open_page("baseline", **params)
        return next(int(metric.value) for metric in page.metric if metric.label.startswith("Natural"))

    assert natural(tau="0.99") < natural(tau="0.55")


@pytest.mark.usefixtures("fresh_workbench")
def test_baseline_of_a_fresh_study_offers_training_with_the_presets_settings(open_page: OpenPage) -> None:
    page = open_page("baseline")
    assert page.number_input(key="baseline-st-reviews-epochs").value == 3
    assert page.text_input(key="baseline-st-reviews-base").value == "all-MiniLM-L6-v2"
    assert page.button(key="train-baseline").label == "Train the baseline"


def test_baseline_training_starts_a_job_with_the_chosen_settings(tmp_path: Path, open_page: OpenPage) -> None:
    seen: list[JobSpec] = []

    def train(spec: JobSpec, _: JobContext) -> JobResult:
        seen.append(spec)
        return JobResult(spec.job_id)

    data = make_dataset()
    with served(make_workbench(tmp_path, filled=False, handlers={JobKind.TRAIN: train})) as made:
        made.store.studies.create(make_study(data), data)
        page = open_page("baseline")
        page.number_input(key="baseline-st-reviews-epochs").set_value(2).run()
        page.button(key="train-baseline").click().run()
    assert seen[0].params["training"]["epochs"] == 2  # type: ignore[index]
    assert "Training has started" in words_of(page)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("bilstm", bilstm_defaults()),
        ("lora", replace(lora_defaults(EMBEDDED_LLAMA), max_length=128)),
    ],
)
def test_baseline_training_of_another_kind_starts_with_its_own_settings(
    kind: str, expected: TrainingConfig, tmp_path: Path, open_page: OpenPage
) -> None:
    seen: list[JobSpec] = []

    def train(spec: JobSpec, _: JobContext) -> JobResult:
        seen.append(spec)
        return JobResult(spec.job_id)

    data = make_dataset()
    with served(make_workbench(tmp_path, filled=False, handlers={JobKind.TRAIN: train})) as made:
        made.store.studies.create(make_study(data), data)
        page = open_page("baseline")
        page.button_group(key="baseline-st-reviews-kind").set_value(kind).run()
        page.button(key="train-baseline").click().run()
    assert seen[0].params["training"] == expected.to_dict()
    assert seen[0].params["base"] == expected.base


def test_baseline_while_training_shows_progress_log_and_curve_and_no_second_start(
    fresh_workbench: Workbench, open_page: OpenPage
) -> None:
    put_job(fresh_workbench, JobState.RUNNING, title="Train the baseline", arm="ORIGINAL")
    page = open_page("baseline")
    assert len(page.get("plotly_chart")) == 1
    assert "reading 400 texts" in page.code[0].value
    assert not any(button.key == "train-baseline" for button in page.button)


def test_baseline_leaves_the_retraining_of_an_arm_to_other_pages(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.RUNNING, title="Retrain: RELABEL", arm="RELABEL")
    page = open_page("baseline")
    assert not any(button.label == "Cancel" for button in page.button)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED])
def test_baseline_after_training_stopped_early_offers_to_resume(
    fresh_workbench: Workbench, open_page: OpenPage, state: JobState
) -> None:
    put_job(fresh_workbench, state, arm="ORIGINAL")
    page = open_page("baseline")
    assert page.button(key="Resume-job-put").label == "Resume"
    assert page.button(key="train-baseline").label == "Train the baseline"
