"""Making, starting and awaiting jobs in tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa

from bsm_core.domain.jobs import JobKind, JobSpec, JobState, JobStatus
from bsm_core.jobs.folder import JobFolder
from bsm_core.jobs.process import ProcessRunner
from bsm_core.ports import JobRunner
from tests.job_handlers import NAME
from tests.records import STUDY_ID, moment

TABLES = {"train": pa.table({"text": ["good film", "bad film"], "label": [1, 0]})}


def make_spec(behavior: str = "quick", job_id: str = "job-1", *, at: float = 0, **params: Any) -> JobSpec:
    values = {"behavior": behavior, **params}
    return JobSpec(job_id, STUDY_ID, JobKind.TRAIN, f"Train: {behavior}", 7, values, moment(at))


@contextmanager
def process_runner(root: Path) -> Iterator[ProcessRunner]:
    """A runner for ``tests.job_handlers``, whose workers do not outlive it."""
    runner = ProcessRunner(root, device="cpu", handlers=NAME)
    try:
        yield runner
    finally:
        runner.close()
        for path in root.glob("*"):
            kill(JobFolder(path))
            with suppress(FileNotFoundError, psutil.NoSuchProcess):
                psutil.Process(int((path / "partial/child").read_text())).kill()


def kill(folder: JobFolder) -> None:
    """kill -9 of the worker alone, not of what it started."""
    worker = folder.read_worker()
    if worker is not None and worker.is_alive:
        psutil.Process(worker.pid).kill()
        assert worker.wait(5)


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> float:
    """Seconds it took; fails after ``seconds``."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, f"waited {seconds:g} s in vain"
        time.sleep(0.02)
    return time.monotonic() - start


def ended(runner: JobRunner, job_id: str = "job-1", seconds: float = 20.0) -> JobStatus:
    """Tick like the server until the job has ended."""

    def has_ended() -> bool:
        runner.start_waiting()
        return runner.status(job_id).state not in (JobState.QUEUED, JobState.RUNNING)

    wait_until(has_ended, seconds)
    return runner.status(job_id)


def reached(runner: JobRunner, phase: str, job_id: str = "job-1") -> JobStatus:
    """Tick like the server until the job is running and says that it is in ``phase``."""

    def is_there() -> bool:
        runner.start_waiting()
        status = runner.status(job_id)
        assert status.state in (JobState.QUEUED, JobState.RUNNING), status
        return status.state is JobState.RUNNING and status.phase == phase

    wait_until(is_there)
    return runner.status(job_id)
