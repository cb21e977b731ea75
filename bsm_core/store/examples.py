"""The study's texts."""

from __future__ import annotations

import pyarrow as pa

from bsm_core.domain.tasks import Example, Split
from bsm_core.ports import ExampleRow, Page
from bsm_core.store.connection import Database, Row
from bsm_core.store.records import floats, text_of
from bsm_core.store.sql import Queries

_SQL = Queries("examples")


class ExampleTable:
    """Fulfils ports.Examples."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        study_id: str,
        split: Split,
        *,
        search: str = "",
        label: int | None = None,
        limit: int = 25,
        offset: int = 0,
    ) -> Page[ExampleRow]:
        values = {
            "study_id": study_id,
            "split": split.value,
            "search": search,
            "label": label,
            "limit": limit,
            "offset": offset,
        }
        wanted = {"chosen": "searched"} if search else {}
        with self._database.reading() as session:
            rows = session.rows(_SQL.get("page", **wanted), values)
            total = session.rows(_SQL.get("total", **wanted), values)[0]["total"]
        return Page([_example_row(row) for row in rows], total)

    def counts(self, study_id: str) -> list[tuple[Split, int, int]]:
        rows = self._database.rows(_SQL["counts"], {"study_id": study_id})
        return [(Split(row["split"]), row["label"], row["total"]) for row in rows]

    def table(self, study_id: str, split: Split) -> pa.Table:
        return self._database.table(_SQL["table"], {"study_id": study_id, "split": split.value})


def _example_row(row: Row) -> ExampleRow:
    example = Example(row["example_id"], Split(row["split"]), text_of(row), row["label"])
    return ExampleRow(example, floats(row["probabilities"]))
