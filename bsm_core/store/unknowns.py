"""The UU view: wrong predictions, filtered, counted, binned and paged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pyarrow as pa

from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import UnknownUnknown, UUOrigin, Verdict
from bsm_core.errors import NotFoundError
from bsm_core.ports import ConfidenceBin, Page, Position, UnknownCounts, UnknownFilter
from bsm_core.store.connection import Database, Row, Session
from bsm_core.store.records import floats, text_of
from bsm_core.store.remembered import Remembered
from bsm_core.store.sql import Queries

_SQL = Queries("unknowns")


class UnknownView:
    """Fulfils ports.Unknowns. A confidence range takes [low, high), and a high of 1 includes 1: so a bar of the
    histogram and the page filtered by its range hold the same texts.

    Figures are remembered until the next write, so that turning pages does not count again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._figures: Remembered[list[Row]] = Remembered(size=256)
        self._hits: Remembered[pa.Table] = Remembered(size=4)

    def page(self, unknowns: UnknownFilter, *, limit: int = 25, offset: int = 0) -> Page[UnknownUnknown]:
        with self._look(unknowns) as look:
            rows = look.rows("page", limit=limit, offset=offset)
            tally = look.remembered("tally")
        return Page([_unknown(row) for row in rows], _total(tally))

    def counts(self, unknowns: UnknownFilter) -> UnknownCounts:
        with self._look(unknowns) as look:
            tally = look.remembered("tally")
        return UnknownCounts(
            natural=_total(_counted(tally), origin=UUOrigin.NATURAL),
            adversarial=_total(_counted(tally), origin=UUOrigin.ADVERSARIAL),
            judged_yes=_total(tally, verdict=Verdict.YES),
            judged_no=_total(tally, verdict=Verdict.NO),
            judged_unsure=_total(tally, verdict=Verdict.UNSURE),
        )

    def histogram(self, unknowns: UnknownFilter, bins: int = 20) -> list[ConfidenceBin]:
        # Tau and the range are not asked for: so moving them counts nothing again.
        with self._look(replace(unknowns, tau=1.0, confidence_low=None, confidence_high=None)) as look:
            labels = look.remembered("label_count")
            if not labels:
                return []
            low = 1 / labels[0]["label_count"]
            width = (1 - low) / bins
            rows = look.remembered("histogram", lowest=low, width=width, bins=bins)
        found = {row["bin"]: (row["natural"], row["adversarial"]) for row in rows}
        return [
            ConfidenceBin(low + i * width, 1.0 if i == bins - 1 else low + (i + 1) * width, *found.get(i, (0, 0)))
            for i in range(bins)
        ]

    def label_pairs(self, unknowns: UnknownFilter) -> list[tuple[int, int, int]]:
        with self._look(unknowns) as look:
            tally = _counted(look.remembered("tally"))
        pairs = sorted({(row["label"], row["predicted"]) for row in tally})
        return [(label, said, _total(tally, label=label, predicted=said)) for label, said in pairs]

    def get(self, model_id: str, item_id: str) -> UnknownUnknown:
        row = self._database.row(_SQL["get"], {"model_id": model_id, "item_id": item_id})
        if row is None:
            raise NotFoundError(f"model {model_id!r} makes no mistake on {item_id!r}; go back to the list")
        return _unknown(row)

    def ids(self, unknowns: UnknownFilter) -> list[str]:
        with self._look(unknowns) as look:
            return [row["item_id"] for row in look.remembered("ids")]

    def position(self, unknowns: UnknownFilter, item_id: str) -> Position | None:
        with self._look(unknowns) as look:
            rows = look.remembered("position", item_id=item_id)
        return Position(**rows[0]) if rows else None

    @contextmanager
    def _look(self, unknowns: UnknownFilter) -> Iterator[_Look]:
        state = self._database.writes  # before the transaction begins, as Remembered asks
        with self._database.reading() as session:
            yield _Look(session, unknowns, state, self._figures, self._hits)


@dataclass(frozen=True, slots=True)
class _Look:
    """The queries about one filter, in one transaction."""

    session: Session
    unknowns: UnknownFilter
    state: int
    figures: Remembered[list[Row]]
    hits: Remembered[pa.Table]

    def remembered(self, name: str, **more: object) -> list[Row]:
        """For few rows that are asked for again and again."""
        question = (name, self.unknowns, *more.values())
        return self.figures.get(self.state, question, lambda: self.rows(name, **more))

    def rows(self, name: str, **more: object) -> list[Row]:
        values = {**_values(self.unknowns), **more}
        stand_ins = {"chosen": "judged"} if self.unknowns.verdict else {}
        if not self.unknowns.search:
            return self.session.rows(_SQL.get(name, **stand_ins), values)
        question = (self.unknowns.model_id, self.unknowns.split, self.unknowns.search)
        hits = self.hits.get(self.state, question, lambda: self.session.table(_SQL["hits"], values))
        with self.session.seeing("hits", hits):
            return self.session.rows(_SQL.get(name, wrong="searched", **stand_ins), values)


def _counted(tally: list[Row]) -> list[Row]:
    """Without what was judged to have lost its label: that is no UU (2.1)."""
    return [row for row in tally if row["verdict"] != Verdict.NO]


def _total(tally: list[Row], **where: object) -> int:
    return sum(row["total"] for row in tally if all(row[name] == value for name, value in where.items()))


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
