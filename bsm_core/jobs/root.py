"""All jobs of a workspace: one folder each. What both runners share: making, watching and requeueing jobs."""

from __future__ import annotations

import re
import signal
import threading
from pathlib import Path

import pyarrow as pa
from pydantic import TypeAdapter

from bsm_core.domain.jobs import JobSpec, JobState, JobStatus
from bsm_core.domain.teaching import TeacherCall
from bsm_core.errors import JobError, NotFoundError
from bsm_core.jobs.disk import disk_errors
from bsm_core.jobs.events import JobHistory, append_event, make_event
from bsm_core.jobs.folder import Failure, JobFolder
from bsm_core.jobs.results import read_result
from bsm_core.ports import JobResult
from bsm_core.workflow.streams import CALLS, read_records

_CALL = TypeAdapter(TeacherCall)
_NAME = re.compile(r"[A-Za-z0-9_-]+")

_CANCELLED = "cancelled; the work so far is kept, and resuming goes on with it"
_INTERRUPTED = "the worker died (killed, out of memory, or a restart); resume to go on from its last checkpoint"
_STOPPING = "stopping: the worker has up to 5 seconds to end by itself"


class JobRoot:
    """The ``jobs`` folder of a workspace. Keeps no state but what it has read of the events."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._histories: dict[str, tuple[JobSpec, JobHistory]] = {}
        self._lock = threading.Lock()

    def folder(self, job_id: str) -> JobFolder:
        """Raises NotFoundError for an id without a folder."""
        folder = JobFolder(self.path / job_id)
        if not _NAME.fullmatch(job_id) or not folder.path.is_dir():
            raise NotFoundError(f"there is no folder of job {job_id!r} in {self.path}; start the job anew")
        return folder

    def job_ids(self) -> list[str]:
        if not self.path.is_dir():
            return []
        return sorted(path.name for path in self.path.iterdir() if _NAME.fullmatch(path.name) and path.is_dir())

    def create(self, spec: JobSpec, tables: dict[str, pa.Table]) -> None:
        """Raises JobError for an id that cannot be a folder's name or is taken, and when the disk is full."""
        if not _NAME.fullmatch(spec.job_id):
            raise JobError(f"job id {spec.job_id!r} cannot be a folder's name; use letters, digits, _ and -")
        folder = JobFolder(self.path / spec.job_id)
        if folder.path.exists():
            raise JobError(f"job {spec.job_id} exists already in {self.path}")
        with disk_errors(self.path, f"write the inputs of job {spec.job_id}"):
            self.path.mkdir(parents=True, exist_ok=True)
            folder.create(spec, tables)

    def status(self, job_id: str) -> JobStatus:
        folder = self.folder(job_id)
        with self._lock:
            spec, history = self._history(job_id, folder)
            state = folder.state()  # before the events: an ended job's events are complete
            history.refresh()
            return JobStatus(
                spec=spec,
                state=state,
                phase=history.phase,
                done=history.done,
                total=history.total,
                seconds=0.0 if state is JobState.QUEUED else history.seconds(state is JobState.RUNNING),
                phase_from=history.phase_from,
                phase_seconds=history.phase_seconds(state is JobState.RUNNING),
                message=_message(folder, state, history),
                device=history.device,
                log=history.log,
                metrics=history.metrics,
            )

    def result(self, job_id: str) -> JobResult:
        """What a FINISHED job brings. Raises JobError when it is not finished, or cannot be read."""
        folder = self.folder(job_id)
        if not folder.result.is_dir():
            raise JobError(f"job {job_id} is {folder.state()}; only a finished job has a result")
        return read_result(folder.result, job_id)

    def calls(self, job_id: str) -> list[TeacherCall]:
        """As streamed to ``partial/``; a line torn by a kill is left out."""
        return read_records(self.folder(job_id).partial / CALLS, _CALL)

    def requeue(self, job_id: str) -> None:
        """Let a FAILED, CANCELLED or INTERRUPTED job wait for a worker again, or a FINISHED one whose result is
        damaged. Raises JobError for any other."""
        folder = self.folder(job_id)
        state = folder.state()
        if not state.is_resumable and not (state is JobState.FINISHED and self._is_damaged(job_id)):
            raise JobError(f"job {job_id} is {state}; only a failed, cancelled or interrupted job can be resumed")
        worker = folder.read_worker()
        if worker is not None:
            # Its job has ended, but its children may live on after a kill, or it may hang while shutting down.
            worker.send(signal.SIGKILL)
        with disk_errors(self.path, f"resume job {job_id}"):
            append_event(folder.events, make_event("log", message="resumed"))
            folder.requeue()

    def _is_damaged(self, job_id: str) -> bool:
        try:
            self.result(job_id)
        except JobError:
            return True
        return False

    def in_order(self, job_ids: list[str]) -> list[str]:
        """Those of ``job_ids``, oldest first. One without a readable spec fails, so that it blocks no other."""
        specs = []
        for job_id in job_ids:
            folder = self.folder(job_id)
            try:
                with self._lock:
                    specs.append(self._history(job_id, folder)[0])
            except JobError as error:
                folder.write_failure(Failure("JobError", str(error), ""))
        return [spec.job_id for spec in sorted(specs, key=lambda spec: (spec.created_at, spec.job_id))]

    def _history(self, job_id: str, folder: JobFolder) -> tuple[JobSpec, JobHistory]:
        if job_id not in self._histories:
            self._histories[job_id] = (folder.read_spec(), JobHistory(folder.events))
        return self._histories[job_id]


def _message(folder: JobFolder, state: JobState, history: JobHistory) -> str:
    failure = folder.read_failure() if state is JobState.FAILED else None
    if failure is not None:
        return failure.message
    if state is JobState.INTERRUPTED:
        return _INTERRUPTED
    if state is JobState.CANCELLED:
        return _CANCELLED
    if state is JobState.RUNNING and folder.cancel.exists():
        return _STOPPING
    return history.log[-1] if history.log else ""
