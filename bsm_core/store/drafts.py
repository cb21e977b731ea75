"""Drafts that were not taken, and how near extrapolations are to their abstractions. Append-only."""

from __future__ import annotations

from collections.abc import Sequence

from bsm_core.domain.authoring import DraftKind, Nearness, RejectedDraft
from bsm_core.ports import Page
from bsm_core.store.connection import Database, Session
from bsm_core.store.records import row_of
from bsm_core.store.sql import Queries

_SQL = Queries("drafts")


def add_rejected(session: Session, drafts: Sequence[RejectedDraft]) -> None:
    for draft in drafts:
        session.insert("rejected_drafts", row_of(draft))


def add_nearness(session: Session, measured: Sequence[Nearness]) -> None:
    for one in measured:
        session.insert("nearness", row_of(one))


class DraftLog:
    """Fulfils ports.Drafts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rejected(self, study_id: str, *, limit: int = 25, offset: int = 0) -> Page[RejectedDraft]:
        with self._database.reading() as session:
            rows = session.rows(_SQL["page"], {"study_id": study_id, "limit": limit, "offset": offset})
            total = session.rows(_SQL["total"], {"study_id": study_id})[0]["total"]
        return Page([RejectedDraft(**{**row, "kind": DraftKind(row["kind"])}) for row in rows], total)

    def nearness(self, study_id: str) -> dict[str, Nearness]:
        rows = self._database.rows(_SQL["nearness"], {"study_id": study_id})
        return {row["hypothesis_id"]: Nearness(**row) for row in rows}
