"""Texts to judge, and what was said of those that are no UUs. Append-only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from bsm_core.domain.foils import Candidate, FoilJudgement, FoilKind, Question
from bsm_core.domain.tasks import Text
from bsm_core.domain.unknowns import Verdict
from bsm_core.errors import NotFoundError
from bsm_core.ports import QuestionText
from bsm_core.store.connection import Database, Row
from bsm_core.store.records import FOIL_JUDGEMENTS, rows_of, text_of
from bsm_core.store.sql import Queries

_SQL = Queries("foils")


class FoilLog:
    """Fulfils ports.Foils."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def candidates(self, model_id: str) -> list[Candidate]:
        rows = self._database.rows(_SQL["candidates"], {"model_id": model_id})
        return [Candidate(Question(row["item_id"], _kind(row)), row["example_id"]) for row in rows]

    def texts(self, study_id: str, questions: Sequence[Question]) -> list[QuestionText]:
        originals = [one for one in questions if one.foil is FoilKind.ORIGINAL]
        perturbed = [one for one in questions if one.foil is not FoilKind.ORIGINAL]
        rows = self._rows("originals", study_id, originals) | self._rows("perturbed", study_id, perturbed)
        return [QuestionText(one, text_of(rows[one]), rows[one]["label"]) for one in questions]

    def pairs(self, study_id: str, questions: Sequence[Question]) -> list[tuple[Question, Text, Text]]:
        rows = self._rows("perturbed", study_id, questions)
        return [(one, text_of(rows[one], "original_text"), text_of(rows[one])) for one in questions]

    def add(self, judgements: Iterable[FoilJudgement]) -> None:
        with self._database.writing() as session:
            session.insert_table("foil_judgements", rows_of(judgements, FOIL_JUDGEMENTS))

    def ballots(self, study_id: str) -> list[FoilJudgement]:
        rows = self._database.rows(_SQL["ballots"], {"study_id": study_id})
        return [FoilJudgement(**{**row, "kind": _kind(row), "verdict": Verdict(row["verdict"])}) for row in rows]

    def _rows(self, name: str, study_id: str, questions: Sequence[Question]) -> dict[Question, Row]:
        wanted = pa.table({"item_id": pa.array([one.item_id for one in questions], pa.string())})
        with self._database.reading() as session, session.seeing("incoming", wanted):
            found = {row["item_id"]: row for row in session.rows(_SQL.get(name), {"study_id": study_id})}
        missing = [one.item_id for one in questions if one.item_id not in found]
        if missing:
            raise NotFoundError(f"study {study_id!r} has no attacked text {missing[0]!r}; draw the sample again")
        return {one: found[one.item_id] for one in questions}


def _kind(row: Row) -> FoilKind | None:
    """None of a perturbed text that fooled the model."""
    return None if row["kind"] is None else FoilKind(row["kind"])
