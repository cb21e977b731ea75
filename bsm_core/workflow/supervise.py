"""Jobs between their folders and the store: finished ones are ingested exactly once, dead ones are marked."""

from __future__ import annotations

from dataclasses import replace

from bsm_core.domain.jobs import JobSpec, JobState, JobStatus
from bsm_core.errors import JobError
from bsm_core.ports import JobRunner, Store

_SETTLED = (JobState.INGESTED,)


class JobWatch:
    """Sees a job as its folder and the store together tell it."""

    def __init__(self, store: Store, runner: JobRunner) -> None:
        self._store = store
        self._runner = runner

    def status(self, spec: JobSpec, stored: JobState) -> JobStatus:
        """INGESTED is known to the store alone, everything else to the folder. A job whose folder is gone is FAILED."""
        try:
            live = self._runner.status(spec.job_id)
        except JobError as error:
            state = stored if stored in _SETTLED else JobState.FAILED
            return JobStatus(spec, state, message="" if stored in _SETTLED else str(error))
        if stored in _SETTLED:
            return replace(live, state=stored)
        if stored is JobState.FAILED and live.state is JobState.FINISHED:  # its result could not be ingested
            return replace(live, state=stored)
        return live

    def collect(self) -> None:
        """Ingest finished jobs, and write down state changes, for every job that is not settled."""
        for spec, stored in self._store.jobs.all(limit=1_000_000):
            if stored in _SETTLED:
                continue
            status = self.status(spec, stored)
            if status.state is JobState.FINISHED:
                self._ingest(spec)
            elif status.state is not stored:
                self._store.jobs.mark(spec.job_id, status.state, status.message)

    def _ingest(self, spec: JobSpec) -> None:
        try:
            result = self._runner.result(spec.job_id)
        except JobError as error:
            self._store.jobs.mark(spec.job_id, JobState.FAILED, str(error))
            return
        self._store.ingest(result)
