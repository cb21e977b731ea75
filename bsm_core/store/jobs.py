"""The store's memory of jobs: specs, and the marks that say what became of them."""

from __future__ import annotations

import json

from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.store.connection import Database, Row, Session, now
from bsm_core.store.records import row_of
from bsm_core.store.sql import Queries

_SQL = Queries("jobs")


def mark_job(session: Session, job_id: str, state: JobState, message: str = "") -> None:
    session.insert("job_marks", {"job_id": job_id, "state": state.value, "message": message, "created_at": now()})


class JobLog:
    """Fulfils ports.Jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, spec: JobSpec) -> None:
        with self._database.writing() as session:
            session.insert("jobs", row_of(spec))

    def mark(self, job_id: str, state: JobState, message: str = "") -> None:
        with self._database.writing() as session:
            mark_job(session, job_id, state, message)

    def state(self, job_id: str) -> JobState:
        row = self._database.row(_SQL["state"], {"job_id": job_id})
        return JobState.QUEUED if row is None else JobState(row["state"])

    def all(self, study_id: str | None = None, *, limit: int = 100) -> list[tuple[JobSpec, JobState]]:
        rows = self._database.rows(_SQL["all"], {"study_id": study_id, "limit": limit})
        return [(_spec(row), JobState(row["state"])) for row in rows]


def _spec(row: Row) -> JobSpec:
    return JobSpec(
        row["job_id"],
        row["study_id"],
        JobKind(row["kind"]),
        row["title"],
        row["seed"],
        json.loads(row["params"]),
        row["created_at"],
    )
