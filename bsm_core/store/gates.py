"""Earlier verdicts of the gates, and humans' words against them."""

from __future__ import annotations

from collections.abc import Iterable

from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.synthesis import Check, CheckName, Overrule, SyntheticSample
from bsm_core.store.connection import Database, Row
from bsm_core.store.records import OVERRULES, rows_of, text_of
from bsm_core.store.sql import Queries

_SQL = Queries("gates")


class GateLog:
    """Fulfils ports.Gates."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def overrule(self, overrules: Iterable[Overrule]) -> None:
        with self._database.writing() as session:
            session.insert_table("overrules", rows_of(overrules, OVERRULES))

    def overrules(self, sample_id: str) -> list[Overrule]:
        return [overrule_of(row) for row in self._database.rows(_SQL["overrules"], {"sample_id": sample_id})]

    def history(self, sample_id: str) -> list[Check]:
        return [check_of(row) for row in self._database.rows(_SQL["history"], {"sample_id": sample_id})]

    def outdated(self, study_id: str, rules: str) -> list[SyntheticSample]:
        rows = self._database.rows(_SQL["outdated"], {"study_id": study_id, "rules": rules})
        return [sample_of(row) for row in rows]

    def values(self, study_id: str, name: CheckName) -> list[float]:
        rows = self._database.rows(_SQL["values"], {"study_id": study_id, "name": name.value})
        return [row["value"] for row in rows]


def check_of(row: Row) -> Check:
    """Of a row, or a struct, of ``checks``; with the overrule where the row has one."""
    overrule = row.get("overrule")
    return Check(
        **{**row, "name": CheckName(row["name"]), "overrule": None if overrule is None else overrule_of(overrule)}
    )


def overrule_of(row: Row) -> Overrule:
    return Overrule(**{**row, "name": CheckName(row["name"])})


def sample_of(row: Row) -> SyntheticSample:
    return SyntheticSample(
        sample_id=row["sample_id"],
        study_id=row["study_id"],
        hypothesis_id=row["hypothesis_id"],
        text=text_of(row),
        label=row["label"],
        agent=Agent(row["agent"]),
        reasoning=row["reasoning"],
        call_id=row["call_id"],
        revises_id=row["revises_id"],
        created_at=row["created_at"],
        writers=tuple(row["writers"]),
    )
