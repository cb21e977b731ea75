"""Synthetic samples with their checks and decisions."""

from __future__ import annotations

from collections.abc import Iterable

from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.synthesis import (
    BudgetUse,
    Check,
    CheckName,
    Decision,
    DecisionKind,
    SampleState,
    SyntheticSample,
)
from bsm_core.domain.tasks import Text
from bsm_core.errors import NotFoundError
from bsm_core.ports import Page, SampleFilter, SampleMark
from bsm_core.store.connection import Database, Row
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

    def get(self, sample_id: str) -> SampleState:
        """Also of a sample that was revised away."""
        row = self._database.row(_SQL["get"], {"sample_id": sample_id})
        if row is None:
            raise NotFoundError(f"there is no sample {sample_id!r}; choose one of the study's")
        return _state(row)

    def page(self, study_id: str, samples: SampleFilter, *, limit: int = 25, offset: int = 0) -> Page[SampleState]:
        values = {**_values(study_id, samples), "limit": limit, "offset": offset}
        with self._database.reading() as session:
            rows = session.rows(_SQL["page"], values)
            total = session.rows(_SQL["total"], values)[0]["total"]
        return Page([_state(row) for row in rows], total)

    def marks(self, study_id: str, samples: SampleFilter) -> list[SampleMark]:
        rows = self._database.rows(_SQL["marks"], _values(study_id, samples))
        return [
            SampleMark(**{**row, "agent": Agent(row["agent"]), "status": DecisionKind(row["status"])}) for row in rows
        ]

    def unchecked(self, study_id: str) -> list[SyntheticSample]:
        return [_sample(row) for row in self._database.rows(_SQL["unchecked"], {"study_id": study_id})]

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
        return [_state(row) for row in self._database.rows(_SQL["approved"], {"study_id": study_id})]

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


def _values(study_id: str, samples: SampleFilter) -> dict[str, object]:
    return {
        "study_id": study_id,
        "status": None if samples.status is None else samples.status.value,
        "agent": samples.agent,
        "hypothesis_id": samples.hypothesis_id,
        "passed": samples.passed,
        "search": samples.search,
    }


def _sample(row: Row) -> SyntheticSample:
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
    )


def _state(row: Row) -> SampleState:
    order = list(CheckName)
    checks = [Check(**{**check, "name": CheckName(check["name"])}) for check in row["checks"] or []]
    decision = row["decision"]
    return SampleState(
        sample=_sample(row),
        hypothesis_text=row["hypothesis_text"],
        hypothesis_kind=HypothesisKind(row["hypothesis_kind"]),
        hypothesis_agent=Agent(row["hypothesis_agent"]),
        checks=tuple(sorted(checks, key=lambda check: order.index(check.name))),
        decision=None
        if decision is None
        else Decision(**{**decision, "kind": DecisionKind(decision["kind"]), "agent": Agent(decision["agent"])}),
        probabilities=floats(row["probabilities"]),
    )
