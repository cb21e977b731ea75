"""Jobs in real worker processes: cancelled, killed, resumed, and taken over by another runner."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bsm_core.domain.jobs import JobState
from bsm_core.errors import JobError
from bsm_core.jobs.folder import JobFolder
from bsm_core.jobs.process import ProcessRunner
from tests.job_handlers import NAME
from tests.job_world import TABLES, ended, kill, make_spec, process_runner, reached, wait_until


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "jobs"


@pytest.fixture
def runner(root: Path) -> Iterator[ProcessRunner]:
    with process_runner(root) as runner:
        yield runner


def test_cancelling_a_cooperative_job_is_quick_and_keeps_partial(runner: ProcessRunner, root: Path) -> None:
    runner.submit(make_spec("steps", steps=1000), TABLES)
    reached(runner, "stepping")

    runner.cancel("job-1")

    assert wait_until(lambda: runner.status("job-1").state is JobState.CANCELLED) < 2
    status = runner.status("job-1")
    assert status.message.startswith("cancelled; the work so far is kept")
    assert "cancelled" in status.log
    assert (root / "job-1/partial/steps").read_text()
    assert not (root / "job-1/error.json").exists()


@pytest.mark.parametrize("behavior", ["sleeping", "native"])
def test_cancelling_a_stuck_job_takes_effect_within_five_seconds_and_ends_its_children(
    runner: ProcessRunner, root: Path, behavior: str
) -> None:
    runner.submit(make_spec(behavior), TABLES)
    reached(runner, "sleeping" if behavior == "sleeping" else "stuck")
    folder = JobFolder(root / "job-1")
    worker = folder.read_worker()
    assert worker is not None

    runner.cancel("job-1")
    assert runner.status("job-1").message.startswith("stopping")

    assert wait_until(lambda: runner.status("job-1").state is JobState.CANCELLED) < 5
    assert worker.wait(1)
    if behavior == "native":
        child = int((folder.partial / "child").read_text())
        wait_until(lambda: not psutil.pid_exists(child), 2)


def test_cancellation_wrapped_by_a_library_still_counts_as_cancelled(runner: ProcessRunner) -> None:
    runner.submit(make_spec("wrapping"), TABLES)
    reached(runner, "waiting")
    runner.cancel("job-1")
    assert ended(runner).state is JobState.CANCELLED


def test_cancelling_a_waiting_job_is_immediate_and_it_never_runs(runner: ProcessRunner, root: Path) -> None:
    runner.submit(make_spec(), TABLES)
    runner.cancel("job-1")
    assert runner.status("job-1").state is JobState.CANCELLED
    runner.start_waiting()
    assert not (root / "job-1/worker.log").exists()


def test_cancelling_an_ended_job_changes_nothing(runner: ProcessRunner, root: Path) -> None:
    runner.submit(make_spec(), TABLES)
    ended(runner)
    runner.cancel("job-1")
    assert runner.status("job-1").state is JobState.FINISHED
    assert not (root / "job-1/cancel").exists()


def test_resumed_job_goes_on_from_its_checkpoint(runner: ProcessRunner, root: Path) -> None:
    runner.submit(make_spec("steps", steps=12), TABLES)
    reached(runner, "stepping")
    runner.cancel("job-1")
    ended(runner)
    done = len((root / "job-1/partial/steps").read_text())
    assert 0 < done < 12

    runner.resume("job-1")
    assert runner.status("job-1").state is JobState.QUEUED
    status = ended(runner)

    assert status.state is JobState.FINISHED
    assert (root / "job-1/result/steps").read_text() == "x" * 12
    assert "resumed" in status.log


@pytest.mark.parametrize("state", ["running", "finished"])
def test_resuming_a_job_that_has_not_stopped_is_refused(runner: ProcessRunner, state: str) -> None:
    runner.submit(make_spec("sleeping" if state == "running" else "quick"), TABLES)
    if state == "running":
        reached(runner, "sleeping")
    else:
        ended(runner)
    with pytest.raises(JobError, match=f"job-1 is {state}; only a failed, cancelled or interrupted job"):
        runner.resume("job-1")


def test_killed_worker_leaves_the_job_interrupted_and_resumable(runner: ProcessRunner) -> None:
    runner.submit(make_spec("killed"), TABLES)
    status = ended(runner)
    assert status.state is JobState.INTERRUPTED
    assert "resume to go on from its last checkpoint" in status.message

    runner.resume("job-1")
    assert ended(runner).state is JobState.FINISHED


def test_told_to_stop_without_a_cancel_the_job_is_interrupted(runner: ProcessRunner, root: Path) -> None:
    """As when the machine shuts down."""
    runner.submit(make_spec("sleeping"), TABLES)
    reached(runner, "sleeping")
    worker = JobFolder(root / "job-1").read_worker()
    assert worker is not None
    psutil.Process(worker.pid).terminate()
    assert ended(runner).state is JobState.INTERRUPTED


def test_resuming_after_a_kill_ends_the_children_the_worker_left(runner: ProcessRunner, root: Path) -> None:
    runner.submit(make_spec("native"), TABLES)
    reached(runner, "stuck")
    folder = JobFolder(root / "job-1")
    child = int((folder.partial / "child").read_text())
    kill(folder)
    assert psutil.pid_exists(child)

    runner.resume("job-1")

    wait_until(lambda: not psutil.pid_exists(child), 5)
    reached(runner, "stuck")


def test_two_runners_on_one_root_run_a_job_once(runner: ProcessRunner, root: Path) -> None:
    other = ProcessRunner(root, device="cpu", handlers=NAME)
    runner.submit(make_spec("steps", steps=5), TABLES)

    runner.start_waiting()
    other.start_waiting()  # the first worker has not claimed the job yet
    assert ended(runner).state is JobState.FINISHED

    assert (root / "job-1/result/steps").read_text() == "xxxxx"
    assert (root / "job-1/events.jsonl").read_text().count('"type": "started"') == 1
    refused = ("is held by another worker", "only a queued job can be run")
    wait_until(lambda: any(words in (root / "job-1/worker.log").read_text() for words in refused))
    other.close()


def test_new_runner_takes_over_a_live_worker_and_can_cancel_it(runner: ProcessRunner, root: Path) -> None:
    runner.submit(make_spec("steps", steps=1000), TABLES)
    reached(runner, "stepping")
    runner.close()

    successor = ProcessRunner(root, device="cpu", handlers=NAME)
    successor.submit(make_spec("quick", "job-2", at=1), TABLES)
    successor.start_waiting()
    status = successor.status("job-1")
    assert (status.state, status.phase) == (JobState.RUNNING, "stepping")
    assert successor.status("job-2").state is JobState.QUEUED  # the slot is taken

    successor.cancel("job-1")
    assert ended(successor).state is JobState.CANCELLED
    assert ended(successor, "job-2").state is JobState.FINISHED
    successor.close()


def test_cancel_left_by_a_dead_server_is_seen_through_by_the_next(runner: ProcessRunner, root: Path) -> None:
    runner.submit(make_spec("native"), TABLES)
    reached(runner, "stuck")
    (root / "job-1/cancel").touch()

    start = time.monotonic()
    successor = ProcessRunner(root, device="cpu", handlers=NAME)
    assert ended(successor).state is JobState.CANCELLED
    assert time.monotonic() - start < 5
    successor.close()


def test_closed_runner_starts_nothing_and_lets_workers_run_on(runner: ProcessRunner, root: Path) -> None:
    runner.submit(make_spec("steps", steps=20), TABLES)
    reached(runner, "stepping")
    runner.submit(make_spec("quick", "job-2", at=1), TABLES)
    runner.close()
    wait_until(lambda: JobFolder(root / "job-1").state() is JobState.FINISHED)
    runner.start_waiting()
    assert runner.status("job-2").state is JobState.QUEUED
