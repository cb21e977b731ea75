"""Hypotheses and their versions."""

from __future__ import annotations

from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.errors import NotFoundError
from bsm_core.store.connection import Database, Row
from bsm_core.store.records import row_of
from bsm_core.store.sql import Queries

_SQL = Queries("hypotheses")


class HypothesisTable:
    """Fulfils ports.Hypotheses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, hypothesis: Hypothesis) -> None:
        with self._database.writing() as session:
            session.insert("hypotheses", row_of(hypothesis))

    def get(self, hypothesis_id: str) -> Hypothesis:
        row = self._database.row(_SQL["get"], {"hypothesis_id": hypothesis_id})
        if row is None:
            raise NotFoundError(f"there is no hypothesis {hypothesis_id!r}; choose one of the study's")
        return hypothesis_of(row)

    def all(self, study_id: str) -> list[Hypothesis]:
        return [hypothesis_of(row) for row in self._database.rows(_SQL["all"], {"study_id": study_id})]

    def history(self, hypothesis_id: str) -> list[Hypothesis]:
        rows = self._database.rows(_SQL["history"], {"hypothesis_id": hypothesis_id})
        return [hypothesis_of(row) for row in rows]

    def for_item(self, study_id: str, item_id: str) -> list[Hypothesis]:
        """Current ones that rest on the item, oldest first."""
        rows = self._database.rows(_SQL["for_item"], {"study_id": study_id, "item_id": item_id})
        return [hypothesis_of(row) for row in rows]


def hypothesis_of(row: Row) -> Hypothesis:
    return Hypothesis(
        **{
            **row,
            "kind": HypothesisKind(row["kind"]),
            "agent": Agent(row["agent"]),
            "source_item_ids": tuple(row["source_item_ids"]),
        }
    )
