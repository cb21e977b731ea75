"""The main job without a browser, with the real parts: the smoke preset from import to comparison."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bsm_core.bootstrap import build_workbench
from bsm_core.config import load_settings
from bsm_core.domain.jobs import JobState
from bsm_core.domain.studies import StepState
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.ports import SampleFilter

pytestmark = pytest.mark.slow

_PROJECT = Path(__file__).resolve().parents[2]
_ARMS = ["ORIGINAL", "MORE_TRAINING", "RELABEL", "HYPOTHESIS_RULE", "HYPOTHESIS_AUTHORS"]


def start(workspace: Path, *more: str, command: Sequence[str] = ("run", "--preset", "smoke")) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bsm_core", *command, "--workspace", str(workspace), *more]
    return subprocess.Popen(
        command, cwd=_PROJECT, env=os.environ.copy(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str]:
    """A run that was interrupted by Ctrl-C in its first training, and then finished with --resume."""
    workspace = tmp_path_factory.mktemp("headless")
    first = start(workspace)
    wait_for_training(workspace, first)
    first.send_signal(signal.SIGINT)
    _, told = first.communicate(timeout=120)
    assert first.returncode == 130, told
    assert "--resume" in told
    second = start(workspace, "--resume", "--json", str(workspace / "comparison.json"))
    shown, told = second.communicate(timeout=900)
    assert second.returncode == 0, told
    return workspace, json.loads((workspace / "comparison.json").read_text("utf-8")), shown + told


def wait_for_training(workspace: Path, run: subprocess.Popen[str]) -> None:
    events = (workspace / "jobs").glob
    wait_for(run, lambda: any("metric" in path.read_text("utf-8") for path in events("*/events.jsonl")))


def wait_for(run: subprocess.Popen[str], what: Callable[[], bool]) -> None:
    """Fails when the run ends first, or after two minutes."""
    deadline = time.monotonic() + 120
    while not what():
        assert run.poll() is None, run.communicate()[1]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def test_comparison_has_every_arm_at_one_budget(finished: tuple[Path, dict[str, Any], str]) -> None:
    _, comparison, shown = finished
    assert [arm["arm"] for arm in comparison["arms"]] == _ARMS
    assert len({arm["budget"] for arm in comparison["arms"][1:]}) == 1
    assert comparison["arms"][1]["budget"] > 0
    assert comparison["arms"][0]["budget"] == 0
    for arm in _ARMS:
        assert arm in shown


def test_every_arm_is_evaluated_clean_frozen_and_fresh(finished: tuple[Path, dict[str, Any], str]) -> None:
    _, comparison, _ = finished
    sizes = {(arm["test_size"], arm["frozen"]["size"], arm["fresh"]["size"]) for arm in comparison["arms"]}
    assert len(sizes) == 1, "all arms look at the same texts"
    test, frozen, fresh = sizes.pop()
    assert test == 200
    assert 0 < frozen <= fresh == 30
    assert all(0.5 < arm["accuracy"] <= 1 for arm in comparison["arms"])
    assert comparison["test_looks"] == len(_ARMS)


def test_app_finds_the_same_workspace_with_every_step_done(finished: tuple[Path, dict[str, Any], str]) -> None:
    workspace, comparison, _ = finished
    workbench = build_workbench(load_settings(workspace))
    try:
        study = workbench.store.studies.get(comparison["study"]["id"])
        assert {step.state for step in workbench.steps(study.study_id)} == {StepState.DONE}
        assert {status.state for status in workbench.jobs(study.study_id)} == {JobState.INGESTED}
        approved = workbench.store.samples.page(study.study_id, SampleFilter(status=DecisionKind.APPROVED)).rows
        assert approved
        assert all(state.decision is not None and state.decision.policy == "gated" for state in approved)
        assert all(state.passed for state in approved)
    finally:
        workbench.close()


def test_no_long_step_is_silent(finished: tuple[Path, dict[str, Any], str]) -> None:
    _, _, shown = finished
    for title in ("Attack validation", "Write ", "Retrain: RELABEL", "Evaluate on test: ORIGINAL"):
        assert title in shown


def test_experiment_killed_in_the_middle_is_finished_by_resume_and_does_nothing_twice(
    finished: tuple[Path, dict[str, Any], str],
) -> None:
    workspace, comparison, _ = finished
    study_id = comparison["study"]["id"]
    asked = ("experiment", "--study", study_id, "--arms", "RELABEL", "--seeds", "0-1")
    first = start(workspace, command=asked)
    wait_for(first, lambda: len(list((workspace / "jobs").glob("*-train-*"))) > len(_ARMS))
    trained = sorted((workspace / "jobs").glob("*-train-*"))[-1]
    wait_for(first, (trained / "result" / "model" / "card.json").is_file)
    first.kill()
    first.communicate(timeout=60)
    second = start(workspace, "--resume", "--json", str(workspace / "experiment.json"), command=asked)
    shown, told = second.communicate(timeout=600)
    assert second.returncode == 0, told
    assert "Decides: unknown unknowns after a fresh attack" in shown
    assert "RELABEL" in shown
    told_json = json.loads((workspace / "experiment.json").read_text("utf-8"))
    arms = told_json["sets"]["deepwordbug"]["arms"]
    assert [(arm["arm"], arm["seed"]) for arm in arms] == [("ORIGINAL", 0), ("RELABEL", 0), ("RELABEL", 1)]
    workbench = build_workbench(load_settings(workspace))
    try:
        (plan,) = workbench.store.experiments.all(study_id)
        assert [(one.arm, one.seed) for one in workbench.store.models.all(study_id, plan.experiment_id)] == [
            (cell.arm, cell.seed) for cell in plan.cells
        ]
        assert len(list((workspace / "jobs").glob("*-train-*"))) == len(_ARMS) + 2
        assert trained.exists()
        assert {status.state for status in workbench.jobs(study_id)} == {JobState.INGESTED}
    finally:
        workbench.close()
