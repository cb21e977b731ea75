"""The main job without a browser, with the real parts: the smoke preset from import to comparison."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
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


def start(workspace: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bsm_core", "run", "--preset", "smoke", "--workspace", str(workspace), *more]
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
    deadline = time.monotonic() + 120
    while not any("metric" in path.read_text("utf-8") for path in (workspace / "jobs").glob("*/events.jsonl")):
        assert run.poll() is None, run.communicate()[1]
        assert time.monotonic() < deadline, "training did not begin"
        time.sleep(0.2)


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
