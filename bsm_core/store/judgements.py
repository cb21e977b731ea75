"""Answers to "is the label still right?". Append-only."""

from __future__ import annotations

from collections.abc import Iterable

from bsm_core.domain.unknowns import Judgement, Verdict
from bsm_core.store.connection import Database, Row
from bsm_core.store.records import JUDGEMENTS, row_of, rows_of
from bsm_core.store.sql import Queries

_SQL = Queries("judgements")


class JudgementLog:
    """Fulfils ports.Judgements."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, judgement: Judgement) -> None:
        with self._database.writing() as session:
            session.insert("judgements", row_of(judgement))

    def add_all(self, judgements: Iterable[Judgement]) -> None:
        with self._database.writing() as session:
            session.insert_table("judgements", rows_of(judgements, JUDGEMENTS))

    def history(self, study_id: str, item_id: str) -> list[Judgement]:
        rows = self._database.rows(_SQL["history"], {"study_id": study_id, "item_id": item_id})
        return [_judgement(row) for row in rows]

    def items(self, model_id: str, set_id: str) -> list[str]:
        return [row["item_id"] for row in self._database.rows(_SQL["items"], {"model_id": model_id, "set_id": set_id})]

    def ballots(self, study_id: str) -> list[Judgement]:
        rows = self._database.rows(_SQL["ballots"], {"study_id": study_id})
        return [_judgement(row) for row in rows]

    def latest(self, study_id: str, item_id: str) -> Verdict | None:
        row = self._database.row(_SQL["latest"], {"study_id": study_id, "item_id": item_id})
        return None if row is None else Verdict(row["verdict"])


def _judgement(row: Row) -> Judgement:
    return Judgement(**{**row, "verdict": Verdict(row["verdict"])})
