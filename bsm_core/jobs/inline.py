"""Jobs run in this process, one after the other: for tests and the command line. The same folders as ever."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa

from bsm_core.domain.jobs import JobSpec, JobState, JobStatus
from bsm_core.domain.teaching import TeacherCall
from bsm_core.jobs.disk import disk_errors
from bsm_core.jobs.events import Event
from bsm_core.jobs.execution import Handlers, execute
from bsm_core.jobs.root import JobRoot
from bsm_core.ports import JobResult


class InlineRunner:
    """A JobRunner without processes: ``submit`` returns when the job has ended, however it ended.

    ``on_event`` is given each event of a job as it happens. A KeyboardInterrupt leaves the running job INTERRUPTED,
    to be resumed from its last checkpoint, and goes on to the caller.
    """

    def __init__(
        self, jobs_root: Path, handlers: Handlers, on_event: Callable[[JobSpec, Event], None] | None = None
    ) -> None:
        self._jobs = JobRoot(jobs_root)
        self._handlers = handlers
        self._on_event = on_event

    def submit(self, spec: JobSpec, tables: dict[str, pa.Table]) -> None:
        self._jobs.create(spec, tables)
        self.start_waiting()

    def start_waiting(self) -> None:
        """Run all queued jobs, oldest first."""
        waiting = [name for name in self._jobs.job_ids() if self._jobs.folder(name).state() is JobState.QUEUED]
        for job_id in self._jobs.in_order(waiting):
            self._run(job_id)

    def _run(self, job_id: str) -> None:
        folder = self._jobs.folder(job_id)
        on_event = partial(self._on_event, folder.read_spec()) if self._on_event else None
        execute(folder, lambda: self._handlers, on_event=on_event)

    def status(self, job_id: str) -> JobStatus:
        return self._jobs.status(job_id)

    def calls(self, job_id: str) -> list[TeacherCall]:
        return self._jobs.calls(job_id)

    def result(self, job_id: str) -> JobResult:
        return self._jobs.result(job_id)

    def cancel(self, job_id: str) -> None:
        """Stops a waiting job at once, and a running one (from another thread, or from ``on_event``) at its next
        check."""
        folder = self._jobs.folder(job_id)
        if folder.state() in (JobState.QUEUED, JobState.RUNNING):
            with disk_errors(folder.path, f"cancel job {job_id}"):
                folder.cancel.touch()

    def resume(self, job_id: str) -> None:
        """The job runs at the next ``start_waiting``."""
        self._jobs.requeue(job_id)

    def job_ids(self) -> list[str]:
        return self._jobs.job_ids()

    def close(self) -> None:
        """Nothing is left open."""
