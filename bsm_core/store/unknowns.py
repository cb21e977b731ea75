"""The UU view: wrong predictions, filtered, counted, binned and paged."""

from __future__ import annotations

from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import UnknownUnknown, UUOrigin, Verdict
from bsm_core.errors import NotFoundError
from bsm_core.ports import ConfidenceBin, Page, Position, UnknownCounts, UnknownFilter
from bsm_core.store.connection import Database, Row
from bsm_core.store.records import floats, text_of
from bsm_core.store.sql import Queries

_SQL = Queries("unknowns")


class UnknownView:
    """Fulfils ports.Unknowns. A confidence range takes [low, high), and a high of 1 includes 1: so a bar of the
    histogram and the page filtered by its range hold the same texts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, unknowns: UnknownFilter, *, limit: int = 25, offset: int = 0) -> Page[UnknownUnknown]:
        values = {**_values(unknowns), "limit": limit, "offset": offset}
        with self._database.reading() as session:
            rows = session.rows(_query("page", unknowns), values)
            total = session.rows(_query("total", unknowns), values)[0]["total"]
        return Page([_unknown(row) for row in rows], total)

    def counts(self, unknowns: UnknownFilter) -> UnknownCounts:
        return UnknownCounts(**self._database.rows(_query("counts", unknowns), _values(unknowns))[0])

    def histogram(self, unknowns: UnknownFilter, bins: int = 20) -> list[ConfidenceBin]:
        with self._database.reading() as session:
            labels = session.row(_SQL["label_count"], _values(unknowns))
            if labels is None:
                return []
            low = 1 / labels["label_count"]
            width = (1 - low) / bins
            rows = session.rows(
                _query("histogram", unknowns), {**_values(unknowns), "low": low, "width": width, "bins": bins}
            )
        found = {row["bin"]: (row["natural"], row["adversarial"]) for row in rows}
        return [
            ConfidenceBin(low + i * width, 1.0 if i == bins - 1 else low + (i + 1) * width, *found.get(i, (0, 0)))
            for i in range(bins)
        ]

    def label_pairs(self, unknowns: UnknownFilter) -> list[tuple[int, int, int]]:
        rows = self._database.rows(_query("label_pairs", unknowns), _values(unknowns))
        return [(row["label"], row["predicted"], row["total"]) for row in rows]

    def get(self, model_id: str, item_id: str) -> UnknownUnknown:
        row = self._database.row(_SQL["get"], {"model_id": model_id, "item_id": item_id})
        if row is None:
            raise NotFoundError(f"model {model_id!r} makes no mistake on {item_id!r}; go back to the list")
        return _unknown(row)

    def position(self, unknowns: UnknownFilter, item_id: str) -> Position | None:
        row = self._database.row(_query("position", unknowns), {**_values(unknowns), "item_id": item_id})
        return None if row is None else Position(**row)


def _query(name: str, unknowns: UnknownFilter) -> str:
    """Without search text the texts need not be joined at all."""
    return _SQL.get(name, chosen="searched") if unknowns.search else _SQL[name]


def _values(unknowns: UnknownFilter) -> dict[str, object]:
    return {
        "model_id": unknowns.model_id,
        "tau": unknowns.tau,
        "split": unknowns.split.value,
        "origin": None if unknowns.origin is None else unknowns.origin.value,
        "recipe": unknowns.recipe,
        "label": unknowns.label,
        "predicted": unknowns.predicted,
        "low": unknowns.confidence_low,
        "high": unknowns.confidence_high,
        "search": unknowns.search,
        "verdict": unknowns.verdict,
    }


def _unknown(row: Row) -> UnknownUnknown:
    natural = row["origin"] == UUOrigin.NATURAL
    return UnknownUnknown(
        item_id=row["item_id"],
        model_id=row["model_id"],
        example_id=row["example_id"],
        origin=UUOrigin(row["origin"]),
        split=Split(row["split"]),
        original_text=text_of(row, "original_text"),
        perturbed_text=None if natural else text_of(row, "perturbed_text"),
        recipe=row["recipe"],
        label=row["label"],
        predicted=row["predicted"],
        confidence=row["confidence"],
        probabilities=tuple(row["probabilities"]),
        original_probabilities=floats(row["original_probabilities"]),
        verdict=None if row["verdict"] is None else Verdict(row["verdict"]),
    )
