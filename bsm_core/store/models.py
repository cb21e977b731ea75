"""Trained classifiers."""

from __future__ import annotations

import json

from bsm_core.domain.arms import Arm, Model
from bsm_core.errors import NotFoundError
from bsm_core.store.connection import Database, Row
from bsm_core.store.sql import Queries

_SQL = Queries("models")


class ModelTable:
    """Fulfils ports.Models."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, model_id: str) -> Model:
        row = self._database.row(_SQL["get"], {"model_id": model_id})
        if row is None:
            raise NotFoundError(f"there is no model {model_id!r}; train one, or choose one of the study's")
        return _model(row)

    def all(self, study_id: str, experiment_id: str | None = None) -> list[Model]:
        values = {"study_id": study_id, "experiment_id": experiment_id}
        return [_model(row) for row in self._database.rows(_SQL["all"], values)]

    def baseline(self, study_id: str) -> Model | None:
        row = self._database.row(_SQL["baseline"], {"study_id": study_id})
        return None if row is None else _model(row)


def _model(row: Row) -> Model:
    return Model(**{**row, "arm": Arm(row["arm"]), "card": json.loads(row["card"])})
