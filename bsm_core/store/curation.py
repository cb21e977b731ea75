"""Decisions one by one, and pre-tests of hypotheses. Append-only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bsm_core.domain.curation import Candidate, HypothesisWord, LaterEffect, Pretest, PretestVerdict, Standing
from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.domain.synthesis import Decision, DecisionKind
from bsm_core.store.connection import Database
from bsm_core.store.hypotheses import hypothesis_of
from bsm_core.store.records import row_of
from bsm_core.store.samples import decision_of
from bsm_core.store.sql import Queries

_SQL = Queries("curation")


class DecisionLog:
    """Fulfils ports.Decisions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standings(self, sample_ids: Sequence[str]) -> list[Standing]:
        rows = self._database.rows(_SQL["standings"], {"sample_ids": list(sample_ids)})
        return [
            Standing(
                **{
                    **row,
                    "writers": tuple(row["writers"]),
                    "status": DecisionKind(row["status"]),
                    "decision": None if row["decision"] is None else decision_of(row["decision"]),
                }
            )
            for row in rows
        ]

    def words(self, sample_ids: Sequence[str]) -> list[Decision]:
        rows = self._database.rows(_SQL["words"], {"sample_ids": list(sample_ids)})
        return [decision_of(row) for row in rows]

    def batch(self, batch_id: str) -> list[str]:
        return [row["sample_id"] for row in self._database.rows(_SQL["batch"], {"batch_id": batch_id})]

    def opinions(self, study_id: str) -> list[dict[str, DecisionKind]]:
        said: dict[str, dict[str, DecisionKind]] = {}
        for row in self._database.rows(_SQL["opinions"], {"study_id": study_id}):
            said.setdefault(row["sample_id"], {})[row["reviewer"]] = DecisionKind(row["kind"])
        return list(said.values())


class PretestTable:
    """Fulfils ports.Pretests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def candidates(self, study_id: str, model_id: str, tau: float) -> list[Candidate]:
        values = {"study_id": study_id, "model_id": model_id, "tau": tau}
        return [Candidate(**row) for row in self._database.rows(_SQL["candidates"], values)]

    def controls(self, model_id: str, tau: float, wanted: Mapping[int, int], seed: int) -> list[Candidate]:
        values: dict[str, object] = {"model_id": model_id, "tau": tau, "seed": str(seed)}
        with self._database.reading() as session:
            return [
                Candidate(**row)
                for label, size in sorted(wanted.items())
                for row in session.rows(_SQL["controls"], {**values, "label": label, "size": size})
            ]

    def add(self, pretests: Iterable[Pretest]) -> None:
        with self._database.writing() as session:
            for one in pretests:
                session.insert("pretests", row_of(one))

    def all(self, study_id: str) -> dict[str, Pretest]:
        rows = self._database.rows(_SQL["pretests"], {"study_id": study_id})
        return {
            row["hypothesis_id"]: Pretest(
                **{
                    **row,
                    "verdict": PretestVerdict(row["verdict"]),
                    "sample_ids": tuple(row["sample_ids"]),
                    "control_ids": tuple(row["control_ids"]),
                }
            )
            for row in rows
        }

    def say(self, word: HypothesisWord) -> None:
        with self._database.writing() as session:
            session.insert("hypothesis_words", row_of(word))

    def words(self, study_id: str) -> dict[str, HypothesisWord]:
        rows = self._database.rows(_SQL["hypothesis_words"], {"study_id": study_id})
        return {
            row["hypothesis_id"]: HypothesisWord(**{**row, "verdict": PretestVerdict(row["verdict"])})
            for row in rows
            if row["verdict"] is not None
        }

    def effects(self, study_id: str, model_id: str) -> list[LaterEffect]:
        rows = self._database.rows(_SQL["effects"], {"study_id": study_id, "model_id": model_id})
        return [LaterEffect(**row) for row in rows]

    def earlier(self, study_id: str) -> dict[str, list[Hypothesis]]:
        found: dict[str, list[Hypothesis]] = {}
        for row in self._database.rows(_SQL["earlier"], {"study_id": study_id}):
            found.setdefault(row.pop("current_id"), []).append(hypothesis_of(row))
        return found
