"""Jobs between their folders and the store: finished ones are ingested exactly once, dead ones are marked."""

from __future__ import annotations

from dataclasses import replace

from bsm_core.domain.jobs import JobSpec, JobState, JobStatus
from bsm_core.errors import JobError, NotFoundError, StoreError
from bsm_core.ports import JobRunner, Store

_ALL = 1_000_000
_REFUSED = "its result could not be taken into the store; resume to try again"


class JobWatch:
    """Sees a job as its folder and the store together tell it."""

    def __init__(self, store: Store, runner: JobRunner) -> None:
        self._store = store
        self._runner = runner
        self._refusals: dict[str, str] = {}
        """Why results could not be taken in, by job. The store remembers it too, but the folder does not."""

    def status(self, spec: JobSpec, stored: JobState) -> JobStatus:
        """INGESTED is known to the store alone, everything else to the folder. A job that is not ingested and whose
        folder is gone is FAILED, and so is one whose result was refused."""
        try:
            live = self._runner.status(spec.job_id)
        except (JobError, NotFoundError) as error:
            if stored is JobState.INGESTED:
                return JobStatus(spec, stored)
            return JobStatus(spec, JobState.FAILED, message=str(error))
        if stored is JobState.INGESTED:
            return replace(live, state=stored)
        if stored is JobState.FAILED and live.state is JobState.FINISHED:
            return replace(live, state=stored, message=self._refusals.get(spec.job_id, _REFUSED))
        return live

    def collect(self) -> None:
        """Ingest finished jobs, and write down state changes, for every job that is not ingested; oldest first, since
        a result may rest on an earlier one."""
        for spec, stored in reversed(self._store.jobs.all(limit=_ALL)):
            if stored is JobState.INGESTED:
                continue
            status = self.status(spec, stored)
            if status.state is JobState.FINISHED:
                self._ingest(spec.job_id)
            elif status.state is not stored:
                self._store.jobs.mark(spec.job_id, status.state, status.message)
                if status.state.is_resumable:
                    self._keep_calls(spec.job_id)

    def resume(self, job_id: str) -> None:
        """Let a failed, cancelled or interrupted job go on: a good result that the store refused is offered to it
        again, everything else runs again. Raises JobError when there is nothing to resume, NotFoundError when the
        job's folder is gone."""
        if self._store.jobs.state(job_id) is JobState.INGESTED:
            raise JobError(f"job {job_id} is done and its result is in the store; there is nothing to resume")
        if not self._has_result(job_id):
            self._runner.resume(job_id)
        self._store.jobs.mark(job_id, JobState.QUEUED, "resumed")

    def _ingest(self, job_id: str) -> None:
        """A result that is damaged, or that the store refuses, fails its job and no other."""
        try:
            self._store.ingest(self._runner.result(job_id))
        except (JobError, StoreError) as error:
            self._refusals[job_id] = f"{error}; resume to try again"
            self._store.jobs.mark(job_id, JobState.FAILED, str(error))

    def _keep_calls(self, job_id: str) -> None:
        """What was asked of the teacher was paid for, whatever became of the job."""
        try:
            calls = self._runner.calls(job_id)
        except NotFoundError:
            return  # its folder is gone, and with it what it asked
        for call in calls:
            self._store.calls.add(call)

    def _has_result(self, job_id: str) -> bool:
        try:
            self._runner.result(job_id)
        except JobError:
            return False
        return True
