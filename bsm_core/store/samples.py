"""Synthetic samples with their checks and decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.synthesis import (
    BudgetUse,
    Check,
    CheckName,
    Decision,
    DecisionKind,
    DecisionRole,
    SampleState,
    SyntheticSample,
)
from bsm_core.domain.tasks import Text
from bsm_core.errors import NotFoundError
from bsm_core.ports import Page, SampleCount, SampleFilter, SampleMark, SamplePlace
from bsm_core.store.connection import Database, Row
from bsm_core.store.gates import check_of, sample_of
from bsm_core.store.records import CHECKS, DECISIONS, SAMPLES, floats, rows_of, text_of
from bsm_core.store.sql import Queries

_SQL = Queries("samples")


class SampleTable:
    """Fulfils ports.Samples."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, samples: Iterable[SyntheticSample]) -> None:
        with self._database.writing() as session:
            session.insert_table("samples", rows_of(samples, SAMPLES))

    def get(self, sample_id: str, reviewer: str = "") -> SampleState:
        """Also of a sample that was revised away."""
        row = self._database.row(_SQL["get"], {"sample_id": sample_id, "reviewer": reviewer})
        if row is None:
            raise NotFoundError(f"there is no sample {sample_id!r}; choose one of the study's")
        return self._states([row])[0]

    def page(self, study_id: str, samples: SampleFilter, *, limit: int = 25, offset: int = 0) -> Page[SampleState]:
        values = {**_values(study_id, samples), "limit": limit, "offset": offset}
        with self._database.reading() as session:
            rows = session.rows(_SQL.get("page", gate_states=_gates(samples)), values)
            # Beyond the last page there is no row to tell the total.
            counted = rows or session.rows(_SQL.get("total", gate_states=_gates(samples)), values)
        return Page(self._states(rows), counted[0]["total"])

    def marks(self, study_id: str, samples: SampleFilter) -> list[SampleMark]:
        rows = self._database.rows(_SQL["marks"], _values(study_id, samples))
        return [
            SampleMark(**{**row, "agent": Agent(row["agent"]), "status": DecisionKind(row["status"])}) for row in rows
        ]

    def place(self, study_id: str, samples: SampleFilter, sample_id: str | None) -> SamplePlace:
        query = _SQL.get("place", gate_states=_gates(samples))
        row = self._database.row(query, {**_values(study_id, samples), "sample_id": sample_id})
        assert row is not None  # it has no FROM
        return SamplePlace(**row)

    def tallies(self, study_id: str) -> list[SampleCount]:
        rows = self._database.rows(_SQL["tallies"], {"study_id": study_id})
        return [
            SampleCount(
                row["hypothesis_id"],
                HypothesisKind(row["kind"]),
                Agent(row["agent"]),
                DecisionKind(row["status"]),
                row["count"],
            )
            for row in rows
        ]

    def unchecked(self, study_id: str) -> list[SyntheticSample]:
        return [sample_of(row) for row in self._database.rows(_SQL["unchecked"], {"study_id": study_id})]

    def texts(self, study_id: str) -> list[Text]:
        return [text_of(row) for row in self._database.rows(_SQL["texts"], {"study_id": study_id})]

    def add_checks(self, checks: Iterable[Check]) -> None:
        with self._database.writing() as session:
            session.insert_table("checks", rows_of(checks, CHECKS))

    def decide(self, decisions: Iterable[Decision]) -> None:
        """All in one transaction."""
        with self._database.writing() as session:
            session.insert_table("decisions", rows_of(decisions, DECISIONS))

    def approved(self, study_id: str) -> list[SampleState]:
        return self._states(self._database.rows(_SQL["approved"], {"study_id": study_id}))

    def budget(self, study_id: str, agent: Agent | None = None) -> BudgetUse:
        """Raises NotFoundError for an unknown study."""
        values = {"study_id": study_id, "agent": None if agent is None else agent.value}
        row = self._database.row(_SQL["budget"], values)
        if row is None:
            raise NotFoundError(f"there is no study {study_id!r}; choose one from the list of studies")
        return BudgetUse(
            allowed_abstraction=round(row["abstraction_share"] * row["train"]),
            allowed_extrapolation=round(row["extrapolation_share"] * row["train"]),
            approved_abstraction=row["approved_abstraction"],
            approved_extrapolation=row["approved_extrapolation"],
        )

    def _states(self, rows: Sequence[Row]) -> list[SampleState]:
        checks: dict[str, list[Check]] = {}
        ids = [row["sample_id"] for row in rows]
        for row in self._database.rows(_SQL["checks"], {"sample_ids": ids}) if ids else ():
            checks.setdefault(row["sample_id"], []).append(check_of(row))
        return [_state(row, checks.get(row["sample_id"], ())) for row in rows]


def _gates(samples: SampleFilter) -> str:
    """Which query tells how the gates stand: none where the filter does not ask."""
    asked = samples.passed is not None or samples.gate is not None or samples.overruled
    return "gate_states" if asked else "ungated"


def _values(study_id: str, samples: SampleFilter) -> dict[str, object]:
    values = {**asdict(samples), "study_id": study_id}
    values["hypothesis_ids"] = None if samples.hypothesis_ids is None else list(samples.hypothesis_ids)
    return values


def decision_of(row: Row) -> Decision:
    """Of a struct with the fields of Decision."""
    kinds = {
        "kind": DecisionKind(row["kind"]),
        "agent": Agent(row["agent"]),
        "role": DecisionRole(row["role"]),
    }
    return Decision(**{**row, **kinds})


def _state(row: Row, checks: Sequence[Check]) -> SampleState:
    order = list(CheckName)
    decision = row["decision"]
    return SampleState(
        sample=sample_of(row),
        hypothesis_text=row["hypothesis_text"],
        hypothesis_kind=HypothesisKind(row["hypothesis_kind"]),
        hypothesis_agent=Agent(row["hypothesis_agent"]),
        checks=tuple(sorted(checks, key=lambda check: order.index(check.name))),
        decision=None if decision is None else decision_of(decision),
        probabilities=floats(row["probabilities"]),
        opinions=row["opinions"],
        disagreed=row["disagreed"],
        mine=None if row["mine"] is None else DecisionKind(row["mine"]),
    )
