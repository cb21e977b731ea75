"""Studies and their events."""

from __future__ import annotations

import json

import pyarrow as pa
from pydantic import TypeAdapter

from bsm_core.domain.studies import Study, StudyCounts
from bsm_core.domain.tasks import Dataset, Task
from bsm_core.domain.unknowns import check_tau
from bsm_core.errors import ConfigError, NotFoundError
from bsm_core.store.connection import Database, Row, Session, now
from bsm_core.store.records import EXAMPLES, text_columns
from bsm_core.store.sql import Queries

_SQL = Queries("studies")
_TASK = TypeAdapter(Task)


def record_event(session: Session, study_id: str, kind: str, payload: dict[str, object]) -> None:
    session.insert("events", {"study_id": study_id, "kind": kind, "payload": json.dumps(payload), "created_at": now()})


def latest_event(database: Database, study_id: str, kind: str) -> dict[str, object] | None:
    row = database.row(_SQL["latest_event"], {"study_id": study_id, "kind": kind})
    return None if row is None else json.loads(row["payload"])


class StudyTable:
    """Fulfils ports.Studies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, study: Study, dataset: Dataset) -> None:
        """The study and all its examples in one transaction. Raises StoreError when the id is taken."""
        _accept(study.tau)
        with self._database.writing() as session:
            session.insert(
                "studies",
                {
                    "study_id": study.study_id,
                    "name": study.name,
                    "task": _TASK.dump_json(study.task).decode(),
                    "config": json.dumps(study.config),
                    "data_hash": study.data_hash,
                    "dropped": json.dumps(study.dropped),
                    "created_at": study.created_at,
                },
            )
            session.insert_table("examples", _example_rows(study.study_id, dataset))
            if study.tau != study.config.get("tau"):
                record_event(session, study.study_id, "tau", {"tau": study.tau})

    def get(self, study_id: str) -> Study:
        row = self._database.row(_SQL["get"], {"study_id": study_id})
        if row is None:
            raise NotFoundError(f"there is no study {study_id!r}; choose one from the list of studies")
        return _study(row)

    def all(self) -> list[Study]:
        return [_study(row) for row in self._database.rows(_SQL["all"])]

    def set_tau(self, study_id: str, tau: float) -> None:
        _accept(tau)
        self.get(study_id)
        with self._database.writing() as session:
            record_event(session, study_id, "tau", {"tau": tau})

    def counts(self, study_id: str) -> StudyCounts:
        study = self.get(study_id)
        row = self._database.row(_SQL["counts"], {"study_id": study_id, "tau": study.tau})
        assert row is not None  # an aggregate without GROUP BY has exactly one row
        return StudyCounts(**row)


def _accept(tau: float) -> None:
    try:
        check_tau(tau)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _study(row: Row) -> Study:
    config = json.loads(row["config"])
    return Study(
        row["study_id"],
        row["name"],
        _TASK.validate_json(row["task"]),
        config,
        config["tau"] if row["tau"] is None else row["tau"],
        row["data_hash"],
        json.loads(row["dropped"]),
        row["created_at"],
    )


def _example_rows(study_id: str, dataset: Dataset) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "study_id": study_id,
                "example_id": example.example_id,
                "split": example.split.value,
                "row_number": number,
                "label": example.label,
                **text_columns(example.text),
            }
            for number, example in enumerate(dataset.examples)
        ],
        schema=EXAMPLES,
    )
