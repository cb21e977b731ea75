"""What work and spending the store has records of."""

from __future__ import annotations

from bsm_core.domain.costs import Act, CallCost, Origin, SurveyTime
from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.store.connection import Database, Row
from bsm_core.store.sql import Queries

_SQL = Queries("costs")


class CostTable:
    """Fulfils ports.costs.Costs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def calls(self, study_id: str) -> list[CallCost]:
        return [
            CallCost(origin=_origin(row) if row.pop("used") else None, **_without_origin(row))
            for row in self._database.rows(_SQL["calls"], {"study_id": study_id})
        ]

    def acts(self, study_id: str) -> list[Act]:
        return [
            Act(_origin(row), row["created_at"]) for row in self._database.rows(_SQL["acts"], {"study_id": study_id})
        ]

    def surveys(self, study_id: str) -> list[SurveyTime]:
        return [
            SurveyTime(_kind(row["kind"]), row["seconds"], row["untimed"])
            for row in self._database.rows(_SQL["surveys"], {"study_id": study_id})
        ]


def _origin(row: Row) -> Origin:
    return Origin(None if row["agent"] is None else Agent(row["agent"]), _kind(row["kind"]))


def _kind(value: str | None) -> HypothesisKind | None:
    return None if value is None else HypothesisKind(value)


def _without_origin(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in ("agent", "kind")}
