"""The job-directory contract: every fact about a job is a file in its folder, and its state follows from them alone.

The server writes ``spec.json``, ``inputs/*.parquet`` and ``cancel`` (a marker: please stop); the worker ``lock``,
``worker.json``, ``events.jsonl``, ``partial/`` (checkpoints and streamed results; they survive a kill), ``error.json``,
and ``result.tmp/``, which it renames to ``result/`` as its last act.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from bsm_core.domain.jobs import JobSpec, JobState
from bsm_core.errors import JobError
from bsm_core.jobs.damage import what_is_wrong
from bsm_core.jobs.liveness import WorkerRecord

_SPEC = TypeAdapter(JobSpec)
_WORKER = TypeAdapter(WorkerRecord)


@dataclass(frozen=True, slots=True)
class Failure:
    """The contents of ``error.json``. ``message`` is shown as it stands."""

    type: str
    message: str
    traceback: str


_FAILURE = TypeAdapter(Failure)


@dataclass(frozen=True, slots=True)
class JobFolder:
    """One job's folder. Reads and writes its files; knows nothing of running."""

    path: Path

    @property
    def inputs(self) -> Path:
        return self.path / "inputs"

    @property
    def partial(self) -> Path:
        return self.path / "partial"

    @property
    def draft(self) -> Path:
        """Results in the making."""
        return self.path / "result.tmp"

    @property
    def result(self) -> Path:
        return self.path / "result"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def worker_log(self) -> Path:
        """Standard output and error of the worker: what libraries print, and crashes."""
        return self.path / "worker.log"

    @property
    def cancel(self) -> Path:
        return self.path / "cancel"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def reserve(self) -> Path:
        """Room kept while a worker runs, so that it can still say that the disk is full."""
        return self.path / "reserve"

    @property
    def _spec(self) -> Path:
        return self.path / "spec.json"

    @property
    def _worker(self) -> Path:
        return self.path / "worker.json"

    @property
    def _error(self) -> Path:
        return self.path / "error.json"

    # ------------------------------------------------------------ state

    def state(self) -> JobState:
        """QUEUED, RUNNING, FINISHED, FAILED, CANCELLED or INTERRUPTED. (INGESTED is known by the store only.)"""
        ended = self._ended()
        if ended is not None:
            return ended
        worker = self.read_worker()
        if worker is not None and worker.is_alive:
            return JobState.RUNNING
        # A worker that is dead now may have written its end after the first look; what it wrote is all there now.
        ended = self._ended()
        if ended is not None:
            return ended
        if self.cancel.exists():
            return JobState.CANCELLED
        return JobState.QUEUED if worker is None else JobState.INTERRUPTED

    def _ended(self) -> JobState | None:
        if self.result.exists():
            return JobState.FINISHED
        return JobState.FAILED if self._error.exists() else None

    # ------------------------------------------------------------ the server's side

    def create(self, spec: JobSpec, tables: dict[str, pa.Table]) -> None:
        """Write the folder; it appears under its name only when it is complete."""
        new = JobFolder(self.path.with_name(self.path.name + ".new"))
        shutil.rmtree(new.path, ignore_errors=True)  # left by a server that died in here
        try:
            new.inputs.mkdir(parents=True)
            _write_json(new._spec, _SPEC.dump_python(spec, mode="json"))
            for name, table in tables.items():
                pq.write_table(table, new.inputs / f"{name}.parquet")
            new.path.rename(self.path)
        except OSError:
            shutil.rmtree(new.path, ignore_errors=True)
            raise

    def requeue(self) -> None:
        """Make an ended job QUEUED again. ``partial/`` and the events stay. The order keeps the old state valid until
        the last removal."""
        shutil.rmtree(self.draft, ignore_errors=True)
        if self.result.exists():
            self.result.rename(self.draft)  # whole or not at all, as when it came
        for path in (self._worker, self.cancel, self._error):
            path.unlink(missing_ok=True)

    def read_spec(self) -> JobSpec:
        """Raises JobError when the file is missing or is not a spec."""
        try:
            return _SPEC.validate_json(self._spec.read_bytes())
        except (OSError, ValidationError) as error:
            raise JobError(
                f"{self._spec} cannot be read ({what_is_wrong(error)}); delete the folder and start the job anew"
            ) from error

    def read_failure(self) -> Failure | None:
        try:
            return _FAILURE.validate_json(self._error.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            return Failure("JobError", f"the job failed, and {self._error} cannot be read ({what_is_wrong(error)})", "")

    def read_worker(self) -> WorkerRecord | None:
        """None when no worker has claimed the job. An unreadable record counts as that of a dead worker."""
        try:
            return _WORKER.validate_json(self._worker.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError:
            return WorkerRecord(pid=0, create_time=0.0, mark="", ended=True)

    # ------------------------------------------------------------ the worker's side

    def write_worker(self, worker: WorkerRecord) -> None:
        _write_json(self._worker, _WORKER.dump_python(worker, mode="json"))

    def mark_stopped(self) -> None:
        """The worker works on the job no more: CANCELLED with the ``cancel`` marker, INTERRUPTED without."""
        worker = self.read_worker()
        if worker is not None:
            self.write_worker(replace(worker, ended=True))

    def write_failure(self, failure: Failure) -> None:
        _write_json(self._error, _FAILURE.dump_python(failure, mode="json"))

    def publish(self) -> None:
        """The last act: the result appears whole, or not at all."""
        self.draft.rename(self.result)


def _write_json(path: Path, value: Any) -> None:
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(json.dumps(value, indent=1), encoding="utf-8")
    draft.replace(path)
