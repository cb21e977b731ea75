"""Jobs as processes of their own, which outlive the server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

import bsm_core
from bsm_core.domain.jobs import JobSpec, JobState, JobStatus
from bsm_core.domain.teaching import TeacherCall
from bsm_core.jobs.disk import disk_errors
from bsm_core.jobs.folder import Failure, JobFolder
from bsm_core.jobs.liveness import MARK_VARIABLE
from bsm_core.jobs.root import JobRoot
from bsm_core.jobs.stopping import stop_worker
from bsm_core.jobs.worker import DEFAULT_HANDLERS, EXIT_ENDED, EXIT_FINISHED, EXIT_REFUSED
from bsm_core.ports import JobResult

_PROJECT = Path(bsm_core.__file__).resolve().parent.parent

_ENVIRONMENT = {
    "PYTHONUNBUFFERED": "1",  # a killed worker's last words reach worker.log
    "PYTHONFAULTHANDLER": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TQDM_DISABLE": "1",
    "PYTHONHASHSEED": "0",  # the order of sets of strings, and with it what a seed gives
}
"""Quiet and repeatable, unless the user's own environment says otherwise."""

_RETRY = 30.0
"""Seconds before a worker that could not even say why it did not start is tried again."""


class ProcessRunner:
    """A JobRunner with at most ``slots`` workers at a time; further jobs wait, oldest first.

    Everything is read from the folders, so that a new runner on the same root takes over live workers.
    ``device`` goes to the workers as BSM_DEVICE. ``handlers`` names the function the workers get their handlers from.
    """

    def __init__(
        self, jobs_root: Path, device: str | None = None, slots: int = 1, handlers: str = DEFAULT_HANDLERS
    ) -> None:
        self._jobs = JobRoot(jobs_root)
        self._device = device
        self._slots = slots
        self._handlers = handlers
        self._guard = threading.RLock()
        self._spawned: dict[str, subprocess.Popen[bytes]] = {}
        self._not_before: dict[str, float] = {}
        self._stoppers: dict[str, threading.Thread] = {}
        self._closed = False

    def submit(self, spec: JobSpec, tables: dict[str, pa.Table]) -> None:
        """Write the folder. The worker starts with the next ``start_waiting``."""
        self._jobs.create(spec, tables)

    def start_waiting(self) -> None:
        """Start queued jobs while there is a free slot, and see to it that cancelled ones stop."""
        with self._guard:
            if self._closed:
                return
            busy, waiting = self._survey()
            for job_id in self._jobs.in_order(waiting)[: max(0, self._slots - busy)]:
                self._spawn(job_id)

    def _survey(self) -> tuple[int, list[str]]:
        """How many slots are taken, and the jobs that wait."""
        busy, waiting = 0, []
        for job_id in self._jobs.job_ids():
            folder = self._jobs.folder(job_id)
            state = folder.state()
            if state is JobState.RUNNING or (state is JobState.QUEUED and job_id in self._spawned):
                busy += 1
            elif state is JobState.QUEUED and self._not_before.get(job_id, 0.0) <= time.monotonic():
                waiting.append(job_id)
            if state is JobState.RUNNING and folder.cancel.exists():
                self._stop(folder)
        return busy, waiting

    def _spawn(self, job_id: str) -> None:
        folder = self._jobs.folder(job_id)
        # -P: a random.py in the present folder must not stand in for Python's own.
        command = [sys.executable, "-P", "-m", "bsm_core.jobs.worker", str(folder.path), "--handlers", self._handlers]
        with disk_errors(folder.path, f"start job {job_id}"), folder.worker_log.open("ab") as log:
            worker = subprocess.Popen(
                command,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._spawned[job_id] = worker
        threading.Thread(target=self._collect, args=(folder, worker), name=f"collect-{job_id}", daemon=True).start()

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH"))))
        device = {"BSM_DEVICE": self._device} if self._device else {}
        return {**_ENVIRONMENT, **os.environ, **device, "PYTHONPATH": path, MARK_VARIABLE: uuid4().hex}

    def _collect(self, folder: JobFolder, worker: subprocess.Popen[bytes]) -> None:
        """Wait for the worker, so that it leaves no zombie; and speak for it if it never got to its job."""
        code = worker.wait()
        job_id = folder.path.name
        with self._guard:
            if self._spawned.get(job_id) is not worker:
                return  # resumed since: the job is no longer this worker's
            del self._spawned[job_id]
            if code in (EXIT_FINISHED, EXIT_ENDED, EXIT_REFUSED) or folder.state() is not JobState.QUEUED:
                return
            self._not_before[job_id] = time.monotonic() + _RETRY
            with suppress(FileNotFoundError):  # the folder was deleted: nobody is left to be told
                message = f"the worker could not start (exit code {code}): {_last_words(folder)}"
                folder.write_failure(Failure("JobError", message, ""))

    def status(self, job_id: str) -> JobStatus:
        return self._jobs.status(job_id)

    def calls(self, job_id: str) -> list[TeacherCall]:
        return self._jobs.calls(job_id)

    def result(self, job_id: str) -> JobResult:
        return self._jobs.result(job_id)

    def cancel(self, job_id: str) -> None:
        """A waiting job is cancelled at once, a running one within 5 s: asked first, then told, then killed.

        Does not block. Does nothing to a job that has ended.
        """
        folder = self._jobs.folder(job_id)
        if folder.state() not in (JobState.QUEUED, JobState.RUNNING):
            return
        with disk_errors(folder.path, f"cancel job {job_id}"):
            folder.cancel.touch()
        self._stop(folder)

    def _stop(self, folder: JobFolder) -> None:
        with self._guard:
            running = self._stoppers.get(folder.path.name)
            if running is None or not running.is_alive():
                stopper = threading.Thread(target=stop_worker, args=(folder,), name="stop", daemon=True)
                self._stoppers[folder.path.name] = stopper
                stopper.start()

    def resume(self, job_id: str) -> None:
        """The job is QUEUED again and goes on from its last checkpoint with the next ``start_waiting``."""
        with self._guard:
            self._jobs.requeue(job_id)
            self._spawned.pop(job_id, None)
            self._not_before.pop(job_id, None)

    def job_ids(self) -> list[str]:
        return self._jobs.job_ids()

    def close(self) -> None:
        """Start nothing more. Workers go on; only those being cancelled are seen off first (at most 5 s)."""
        with self._guard:
            self._closed = True
            stoppers = list(self._stoppers.values())
        for stopper in stoppers:
            stopper.join(timeout=5.0)


def _last_words(folder: JobFolder) -> str:
    lines = folder.worker_log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else f"{folder.worker_log} is empty"
