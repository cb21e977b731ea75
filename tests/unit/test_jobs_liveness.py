"""Who is alive, and who may be killed: never a stranger with a recycled pid."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from bsm_core.domain.jobs import JobState
from bsm_core.errors import JobError
from bsm_core.jobs.claim import ClaimRefusedError, claim
from bsm_core.jobs.folder import Failure, JobFolder
from bsm_core.jobs.liveness import MARK_VARIABLE, WorkerRecord
from tests.job_world import TABLES, make_spec, wait_until


@contextmanager
def sleeper(mark: str = "mine") -> Iterator[subprocess.Popen[bytes]]:
    """A process that leads a session of its own."""
    process = subprocess.Popen(["sleep", "60"], start_new_session=True, env={**os.environ, MARK_VARIABLE: mark})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def orphan(mark: str) -> Iterator[tuple[int, psutil.Process]]:
    """(pid of the dead leader of a session, a process it left behind)."""
    script = "import subprocess; print(subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL).pid)"
    environment = {**os.environ, MARK_VARIABLE: mark}
    command = [sys.executable, "-W", "ignore", "-c", script]
    with subprocess.Popen(command, start_new_session=True, env=environment, stdout=subprocess.PIPE) as leader:
        assert leader.stdout is not None
        left = psutil.Process(int(leader.stdout.readline()))
        leader.wait()
    try:
        yield leader.pid, left
    finally:
        if is_running(left):
            left.kill()


def is_running(process: psutil.Process) -> bool:
    """Not even as a zombie that init has yet to collect."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def record(pid: int, mark: str = "mine", create_time: float | None = None) -> WorkerRecord:
    return WorkerRecord(pid, create_time or psutil.Process(pid).create_time(), mark)


@pytest.fixture
def folder(tmp_path: Path) -> JobFolder:
    folder = JobFolder(tmp_path / "job-1")
    folder.create(make_spec(), TABLES)
    return folder


def test_worker_is_alive_until_it_ends_and_a_zombie_is_dead() -> None:
    with sleeper() as process:
        worker = record(process.pid)
        assert worker.is_alive
        assert not worker.wait(0.1)
        process.kill()
        assert worker.wait(2)
        assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
        assert not worker.is_alive


def test_recycled_pid_is_not_the_worker_and_is_never_signalled() -> None:
    with sleeper() as process:
        worker = record(process.pid, mark="dead since", create_time=time.time() - 3600)
        assert not worker.is_alive
        worker.send(signal.SIGKILL)
        assert process.poll() is None


def test_job_run_inline_is_never_signalled() -> None:
    with sleeper() as process:
        record(process.pid, mark="").send(signal.SIGKILL)
        assert process.poll() is None


def test_children_left_by_a_dead_worker_are_ended() -> None:
    with orphan("mine") as (leader, left):
        record(leader, create_time=time.time()).send(signal.SIGKILL)
        wait_until(lambda: not is_running(left), 5)


def test_session_of_a_stranger_with_the_same_pid_is_left_alone() -> None:
    with orphan("another's") as (leader, left):
        record(leader, create_time=time.time()).send(signal.SIGKILL)
        time.sleep(0.1)
        assert is_running(left)


def test_state_follows_from_the_files_alone(folder: JobFolder) -> None:
    assert folder.state() is JobState.QUEUED
    folder.write_worker(record(os.getpid(), mark=""))
    assert folder.state() is JobState.RUNNING
    folder.mark_stopped()
    assert folder.state() is JobState.INTERRUPTED
    folder.cancel.touch()
    assert folder.state() is JobState.CANCELLED
    folder.write_failure(Failure("ValueError", "no", ""))
    assert folder.state() is JobState.FAILED
    folder.draft.mkdir()
    folder.publish()
    assert folder.state() is JobState.FINISHED


def test_requeue_keeps_partial_and_forgets_the_end(folder: JobFolder) -> None:
    folder.partial.mkdir()
    folder.write_worker(record(os.getpid(), mark=""))
    folder.cancel.touch()
    folder.mark_stopped()
    folder.requeue()
    assert folder.state() is JobState.QUEUED
    assert folder.partial.exists()
    assert folder.read_worker() is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}'])
def test_unreadable_worker_record_is_that_of_a_dead_worker(folder: JobFolder, content: str) -> None:
    (folder.path / "worker.json").write_text(content)
    assert folder.state() is JobState.INTERRUPTED


def test_unreadable_failure_still_says_that_the_job_failed(folder: JobFolder) -> None:
    (folder.path / "error.json").write_text('{"type"')
    failure = folder.read_failure()
    assert failure is not None
    assert "the job failed, and" in failure.message


@pytest.mark.parametrize("content", [None, "", "{}", "[1]"])
def test_unreadable_spec_is_refused_with_the_remedy(folder: JobFolder, content: str | None) -> None:
    path = folder.path / "spec.json"
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(JobError, match=r"spec\.json cannot be read .*; delete the folder and start the job anew"):
        folder.read_spec()


def test_claimed_job_is_refused_to_everybody_else(folder: JobFolder) -> None:
    with claim(folder, ""):
        assert folder.state() is JobState.RUNNING
        with pytest.raises(ClaimRefusedError, match="held by another worker"), claim(folder, ""):
            pytest.fail("claimed twice")
    folder.mark_stopped()
    with (
        pytest.raises(ClaimRefusedError, match="job-1 is interrupted; only a queued job can be run"),
        claim(folder, ""),
    ):
        pytest.fail("claimed a job that does not wait")


def test_job_requeued_while_its_last_worker_shuts_down_is_claimed_once_that_is_gone(folder: JobFolder) -> None:
    """The old worker holds the lock for a moment longer."""
    script = (
        "import sys, time; from pathlib import Path; from bsm_core.jobs.claim import claim\n"
        "from bsm_core.jobs.folder import JobFolder\n"
        "folder = JobFolder(Path(sys.argv[1]))\n"
        "with claim(folder, 'old'):\n"
        "    folder.mark_stopped(); folder.requeue(); print(flush=True); time.sleep(0.5)\n"
    )
    command = [sys.executable, "-c", script, str(folder.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as old:
        assert old.stdout is not None
        old.stdout.readline()
        assert folder.state() is JobState.QUEUED
        with claim(folder, ""):
            assert folder.state() is JobState.RUNNING
