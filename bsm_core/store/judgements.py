"""Answers to "is the label still right?". Append-only."""

from __future__ import annotations

from bsm_core.domain.unknowns import Judgement, Verdict
from bsm_core.store.connection import Database
from bsm_core.store.records import row_of
from bsm_core.store.sql import Queries

_SQL = Queries("judgements")


class JudgementLog:
    """Fulfils ports.Judgements."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, judgement: Judgement) -> None:
        with self._database.writing() as session:
            session.insert("judgements", row_of(judgement))

    def ballots(self, study_id: str) -> list[Judgement]:
        rows = self._database.rows(_SQL["ballots"], {"study_id": study_id})
        return [Judgement(**{**row, "verdict": Verdict(row["verdict"])}) for row in rows]

    def latest(self, study_id: str, item_id: str) -> Verdict | None:
        row = self._database.row(_SQL["latest"], {"study_id": study_id, "item_id": item_id})
        return None if row is None else Verdict(row["verdict"])
