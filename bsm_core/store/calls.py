"""What was said to the teacher and what it answered. Append-only."""

from __future__ import annotations

import json

from pydantic import TypeAdapter

from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import NotFoundError
from bsm_core.ports import Page
from bsm_core.store.connection import Database, Row, Session
from bsm_core.store.records import row_of
from bsm_core.store.sql import Queries

_SQL = Queries("calls")
_PROMPT = TypeAdapter(Prompt)


def add_call(session: Session, call: TeacherCall) -> None:
    """One that is there already is left as it is: a stopped job's calls are kept at once, and come again with its
    result."""
    if session.row(_SQL["known"], {"call_id": call.call_id}) is None:
        _insert(session, call)


def _insert(session: Session, call: TeacherCall) -> None:
    session.insert("teacher_calls", {**row_of(call), "prompt": json.dumps(_PROMPT.dump_python(call.prompt))})


class CallLog:
    """Fulfils ports.Calls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, call: TeacherCall) -> None:
        with self._database.writing() as session:
            add_call(session, call)

    def get(self, call_id: str) -> TeacherCall:
        row = self._database.row(_SQL["get"], {"call_id": call_id})
        if row is None:
            raise NotFoundError(f"there is no teacher call {call_id!r}")
        return _call(row)

    def page(self, study_id: str, *, limit: int = 25, offset: int = 0) -> Page[TeacherCall]:
        with self._database.reading() as session:
            rows = session.rows(_SQL["page"], {"study_id": study_id, "limit": limit, "offset": offset})
            total = session.rows(_SQL["totals"], {"study_id": study_id})[0]["calls"]
        return Page([_call(row) for row in rows], total)

    def totals(self, study_id: str) -> tuple[int, int, int, float]:
        row = self._database.rows(_SQL["totals"], {"study_id": study_id})[0]
        return row["calls"], row["prompt_tokens"], row["completion_tokens"], row["cost"]

    def answer_tokens(self, study_id: str, model: str) -> dict[str, float]:
        rows = self._database.rows(_SQL["answer_tokens"], {"study_id": study_id, "model": model})
        return {row["purpose"]: row["tokens"] for row in rows}


def _call(row: Row) -> TeacherCall:
    return TeacherCall(**{**row, "prompt": _PROMPT.validate_json(row["prompt"])})
