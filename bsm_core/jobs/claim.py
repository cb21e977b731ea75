"""One job, one worker: the right to run a job, held by a lock on its folder for as long as the run lasts."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from bsm_core.domain.jobs import JobState
from bsm_core.errors import JobError
from bsm_core.jobs.folder import JobFolder
from bsm_core.jobs.liveness import WorkerRecord

_PATIENCE = 5.0
"""Seconds. A worker whose job has ended holds the lock until its interpreter has shut down."""
_POLL = 0.05


class ClaimRefusedError(JobError):
    """The job is not waiting for a worker, or another worker was faster."""


@contextmanager
def claim(folder: JobFolder, mark: str) -> Iterator[None]:
    """Hold the job: write ``worker.json`` and keep the lock until the block ends. ``mark``: as in WorkerRecord.

    Only a QUEUED job can be claimed, and under the lock nobody else can be about to claim it, so that two workers
    started for one job (by a server killed in between, or by two servers) run it once. Raises ClaimRefusedError.
    """
    with folder.lock.open("ab") as lock:
        _take(lock, folder)
        try:
            state = folder.state()
            if state is not JobState.QUEUED:
                raise ClaimRefusedError(f"job {folder.path.name} is {state}; only a queued job can be run")
            folder.write_worker(WorkerRecord.of_this_process(mark))
            yield
        finally:
            # Closing would not do: a forked child that outlives the run shares the lock.
            fcntl.flock(lock, fcntl.LOCK_UN)


def _take(lock: IO[bytes], folder: JobFolder) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if folder.state() is not JobState.QUEUED or time.monotonic() > deadline:
                raise ClaimRefusedError(f"job {folder.path.name} is held by another worker") from error
            time.sleep(_POLL)
        else:
            return
