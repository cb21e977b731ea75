"""Frozen plans of experiments, with every text that their cells add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
from pydantic import TypeAdapter

from bsm_core.domain.experiments import AddedText, Cell, ExperimentPlan, Source, UntargetedText
from bsm_core.errors import NotFoundError
from bsm_core.store.connection import Database, Session
from bsm_core.store.records import row_of, text_columns, text_of
from bsm_core.store.sql import Queries

_SQL = Queries("experiments")
_PLAN = TypeAdapter(ExperimentPlan)

_TEXTS = pa.schema(
    [
        ("experiment_id", pa.string()),
        ("arm", pa.string()),
        ("seed", pa.int64()),
        ("place", pa.int32()),
        ("text", pa.string()),
        ("text_b", pa.string()),
        ("label", pa.int16()),
        ("source", pa.string()),
        ("source_id", pa.string()),
    ]
)


def add_untargeted(session: Session, texts: Sequence[UntargetedText]) -> None:
    for one in texts:
        session.insert("untargeted_texts", row_of(one))


class ExperimentTable:
    """Fulfils ports.Experiments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, plan: ExperimentPlan, texts: Mapping[Cell, Sequence[AddedText]]) -> None:
        rows = [
            {
                "experiment_id": plan.experiment_id,
                "arm": cell.arm,
                "seed": cell.seed,
                "place": place,
                "label": one.label,
                "source": one.source,
                "source_id": one.source_id,
                **text_columns(one.text),
            }
            for cell, some in texts.items()
            for place, one in enumerate(some)
        ]
        head = {
            "experiment_id": plan.experiment_id,
            "study_id": plan.study_id,
            "fingerprint": plan.fingerprint,
            "plan": _PLAN.dump_json(plan).decode(),
            "created_at": plan.created_at,
        }
        with self._database.writing() as session:
            session.insert("experiments", head)
            session.insert_table("experiment_texts", pa.Table.from_pylist(rows, schema=_TEXTS))

    def get(self, experiment_id: str) -> ExperimentPlan:
        row = self._database.row(_SQL["get"], {"experiment_id": experiment_id})
        if row is None:
            raise NotFoundError(
                f"there is no experiment {experiment_id!r}; see the Experiments page for those there are"
            )
        return _PLAN.validate_json(row["plan"])

    def all(self, study_id: str) -> list[ExperimentPlan]:
        return [_PLAN.validate_json(row["plan"]) for row in self._database.rows(_SQL["all"], {"study_id": study_id})]

    def texts(self, experiment_id: str, cell: Cell) -> list[AddedText]:
        values = {"experiment_id": experiment_id, "arm": cell.arm, "seed": cell.seed}
        return [
            AddedText(text_of(row), row["label"], Source(row["source"]), row["source_id"])
            for row in self._database.rows(_SQL["texts"], values)
        ]

    def untargeted(self, study_id: str) -> list[UntargetedText]:
        return [
            UntargetedText(
                row["text_id"], row["study_id"], text_of(row), row["label"], row["call_id"], row["created_at"]
            )
            for row in self._database.rows(_SQL["untargeted"], {"study_id": study_id})
        ]
