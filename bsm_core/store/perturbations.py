"""Attack runs and their results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TypeVar

import pyarrow as pa

from bsm_core.domain.attacks import AttackTally, LabelTally, Replay, UnknownTally
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import AttackOutcome, PairSide, Perturbation, PerturbationRecipe, PerturbationSet
from bsm_core.store.connection import Database, Row
from bsm_core.store.records import text_of
from bsm_core.store.sql import Queries

_SQL = Queries("perturbations")

Tally = TypeVar("Tally", AttackTally, UnknownTally)


class PerturbationTable:
    """Fulfils ports.Perturbations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sets(self, study_id: str, experiment_id: str | None = None) -> list[PerturbationSet]:
        """Oldest first."""
        values = {"study_id": study_id, "experiment_id": experiment_id}
        return [_set(row) for row in self._database.rows(_SQL["sets"], values)]

    def rows(self, set_id: str) -> list[Perturbation]:
        """In the order of the attack."""
        return [_perturbation(row) for row in self._database.rows(_SQL["rows"], {"set_id": set_id})]

    def successful(self, set_id: str) -> pa.Table:
        return self._database.table(_SQL["successful"], {"set_id": set_id})

    def tallies(self, set_ids: Sequence[str], tau: float) -> list[LabelTally]:
        """By set and label. Without the texts: a set of any size is counted in milliseconds."""
        rows = self._database.rows(_SQL["tallies"], {"set_ids": list(set_ids), "tau": tau})
        return [
            LabelTally(row["set_id"], row["label"], _part(AttackTally, row), _part(UnknownTally, row)) for row in rows
        ]

    def replays(self, set_ids: Sequence[str], tau: float) -> list[Replay]:
        rows = self._database.rows(_SQL["replays"], {"set_ids": list(set_ids), "tau": tau})
        return [
            Replay(row["set_id"], row["model_id"], row["answered"], row["wrong"], _part(UnknownTally, row))
            for row in rows
        ]


def _part(kind: type[Tally], row: Row) -> Tally:
    """Those columns that are the fields of a tally."""
    return kind(**{one.name: row[one.name] for one in fields(kind)})


def _set(row: Row) -> PerturbationSet:
    kinds = {"split": Split, "recipe": PerturbationRecipe, "side": PairSide}
    return PerturbationSet(**{**row, **{name: kind(row[name]) for name, kind in kinds.items()}})


def _perturbation(row: Row) -> Perturbation:
    return Perturbation(
        perturbation_id=row["perturbation_id"],
        example_id=row["example_id"],
        outcome=AttackOutcome(row["outcome"]),
        label=row["label"],
        original_text=text_of(row, "original_text"),
        perturbed_text=text_of(row, "perturbed_text"),
        original_probabilities=tuple(row["original_probabilities"]),
        perturbed_probabilities=tuple(row["perturbed_probabilities"]),
        queries=row["queries"],
        words_changed=row["words_changed"],
        words_total=row["words_total"],
        seconds=row["seconds"],
        note=row["note"],
    )
