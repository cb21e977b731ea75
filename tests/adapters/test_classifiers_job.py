"""The training job, from its folder to its result, with a real trainer and classifier."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bsm_core.bootstrap import worker_handlers
from bsm_core.classifiers.predict import load_classifier
from bsm_core.classifiers.train import ClassifierTrainer
from bsm_core.config import TrainingConfig
from bsm_core.domain.arms import Arm
from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.domain.tasks import Example, Split, example_id
from bsm_core.jobs.events import Event
from bsm_core.jobs.inline import InlineRunner
from bsm_core.tasks.assets import find_asset
from bsm_core.workflow.tables import example_table, labelled_table
from bsm_core.workflow.train import train
from tests.encoders import POLARITY, make_tiny_encoder, polar_rows

TRAIN = polar_rows(96)
VALIDATION = [Example(example_id(row.text), Split.VALIDATION, row.text, row.label) for row in polar_rows(24, seed=1)]
TRAINING = TrainingConfig(base="tiny", epochs=2, learning_rate=3e-3, batch_size=8, max_length=32)
HANDLER = partial(train, trainer=ClassifierTrainer(find_asset), load_classifier=load_classifier)


def spec(base: Path, job_id: str = "j1", **changes: Any) -> JobSpec:
    params: dict[str, object] = {
        "arm": "ORIGINAL",
        "model_id": "m1",
        "parent_model_id": None,
        "base": str(base),
        "budget": 0,
        "training": TRAINING.to_dict(),
        "label_names": list(POLARITY),
        "plan_id": None,
    }
    return JobSpec(job_id, "s1", JobKind.TRAIN, "Train", 3, params | changes, datetime.now(UTC))


def make_runner(root: Path, events: list[Event] | None = None) -> InlineRunner:
    def on_event(_spec: JobSpec, event: Event) -> None:
        if events is not None:
            events.append(event)

    return InlineRunner(root, {JobKind.TRAIN: HANDLER}, on_event)


def submit(runner: InlineRunner, job: JobSpec) -> JobState:
    runner.submit(job, {"train": labelled_table(TRAIN), "validation": example_table(VALIDATION)})
    return runner.status(job.job_id).state


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_encoder(tmp_path_factory.mktemp("base"))


def test_train_job_brings_the_model_and_its_validation_predictions(base: Path, tmp_path: Path) -> None:
    runner = make_runner(tmp_path / "jobs")
    assert submit(runner, spec(base)) is JobState.FINISHED
    result = runner.result("j1")
    (model,) = result.models
    assert (model.model_id, model.study_id, model.arm, model.job_id) == ("m1", "s1", Arm.ORIGINAL, "j1")
    assert (model.seed, model.budget, model.parent_model_id) == (3, 0, None)
    classifier = load_classifier(tmp_path / model.path)  # relative to the workspace
    ((model_id, table),) = result.predictions
    assert model_id == "m1"
    assert table["item_id"].to_pylist() == [example.example_id for example in VALIDATION]
    assert set(table["item_kind"].to_pylist()) == {"example"}
    stored = np.array(table["probabilities"].to_pylist())
    assert stored == pytest.approx(classifier.probabilities([example.text for example in VALIDATION]), abs=1e-7)
    right = (stored.argmax(axis=1) == [example.label for example in VALIDATION]).mean()
    assert model.card["accuracy"] == pytest.approx(right)


def test_train_job_shows_curves_and_leaves_no_checkpoint(base: Path, tmp_path: Path) -> None:
    runner = make_runner(tmp_path / "jobs")
    submit(runner, spec(base))
    status = runner.status("j1")
    assert [metric.step for metric in status.metrics if metric.name == "accuracy"] == [1, 2]
    assert [metric.step for metric in status.metrics if metric.name == "loss"] == [5, 10, 12, 15, 20, 24]
    assert any("epoch 2 of 2: loss" in line for line in status.log)
    assert not (tmp_path / "jobs" / "j1" / "partial").exists()
    files = {path.name for path in (tmp_path / "jobs" / "j1" / "result" / "model").iterdir()}
    assert {"config.json", "model.safetensors", "card.json", "tokenizer.json"} <= files


def test_train_job_of_an_arm_goes_on_from_its_parent(base: Path, tmp_path: Path) -> None:
    runner = make_runner(tmp_path / "jobs")
    submit(runner, spec(base))
    parent = tmp_path / runner.result("j1").models[0].path
    arm = spec(parent, "j2", arm="RELABEL", model_id="m2", parent_model_id="m1", budget=2)
    assert submit(runner, arm) is JobState.FINISHED
    (model,) = runner.result("j2").models
    assert (model.arm, model.parent_model_id, model.budget) == (Arm.RELABEL, "m1", 2)
    assert model.card["base_sha256"] == runner.result("j1").models[0].card["weights_sha256"]
    assert any("from m1" in line for line in runner.status("j2").log)


def test_train_job_cancelled_and_resumed_goes_on_after_the_last_epoch(base: Path, tmp_path: Path) -> None:
    whole = make_runner(tmp_path / "whole")
    submit(whole, spec(base))
    events: list[Event] = []
    runner = make_runner(tmp_path / "jobs", events)

    class Cancelling(list[Event]):
        def append(self, event: Event) -> None:
            if str(event.get("phase", "")).startswith("epoch 2 "):
                runner.cancel("j1")

    stopping = make_runner(tmp_path / "jobs", Cancelling())
    assert submit(stopping, spec(base)) is JobState.CANCELLED
    runner.resume("j1")
    runner.start_waiting()
    assert runner.status("j1").state is JobState.FINISHED
    assert not any(str(event.get("phase", "")).startswith("epoch 1 ") for event in events)
    weights = "j1/result/model/model.safetensors"
    assert (tmp_path / "jobs" / weights).read_bytes() == (tmp_path / "whole" / weights).read_bytes()


def test_train_job_from_a_folder_without_weights_fails_with_the_remedy(base: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "config.json").write_text((base / "config.json").read_text())
    runner = make_runner(tmp_path / "jobs")
    assert submit(runner, spec(empty)) is JobState.FAILED
    assert "without weights" in runner.status("j1").message
    assert not (tmp_path / "jobs" / "j1" / "result").exists()


def test_train_job_with_an_impossible_setting_fails(base: Path, tmp_path: Path) -> None:
    runner = make_runner(tmp_path / "jobs")
    assert submit(runner, spec(base, training=TRAINING.to_dict() | {"epochs": 0})) is JobState.FAILED
    assert "epochs is 0" in runner.status("j1").message


@pytest.mark.parametrize(("own", "expected"), [({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")])
def test_worker_threads_do_not_spin_unless_the_user_says_so(
    own: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", own)
    worker_handlers()
    assert own["OMP_WAIT_POLICY"] == expected
