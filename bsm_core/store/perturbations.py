"""Attack runs and their results."""

from __future__ import annotations

import pyarrow as pa

from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import AttackOutcome, Perturbation, PerturbationRecipe, PerturbationSet
from bsm_core.store.connection import Database, Row
from bsm_core.store.records import text_of
from bsm_core.store.sql import Queries

_SQL = Queries("perturbations")


class PerturbationTable:
    """Fulfils ports.Perturbations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sets(self, study_id: str) -> list[PerturbationSet]:
        """Oldest first."""
        return [_set(row) for row in self._database.rows(_SQL["sets"], {"study_id": study_id})]

    def rows(self, set_id: str) -> list[Perturbation]:
        """In the order of the attack."""
        return [_perturbation(row) for row in self._database.rows(_SQL["rows"], {"set_id": set_id})]

    def successful(self, set_id: str) -> pa.Table:
        return self._database.table(_SQL["successful"], {"set_id": set_id})


def _set(row: Row) -> PerturbationSet:
    return PerturbationSet(**{**row, "split": Split(row["split"]), "recipe": PerturbationRecipe(row["recipe"])})


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
