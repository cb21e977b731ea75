"""A table of a report: cells as people read them, and records as machines do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Head:
    """A column's title; ``sub`` explains it, ``text`` is running text and no figure."""

    title: str
    sub: str = ""
    text: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """``cells`` has a row of strings a line, the first one naming it; ``records`` are flat, unrounded, and may have
    more columns. ``key`` names its file."""

    key: str
    title: str
    note: str
    heads: tuple[Head, ...]
    cells: tuple[tuple[str, ...], ...]
    records: tuple[Mapping[str, Value], ...]

    def __post_init__(self) -> None:
        odd = [len(row) for row in self.cells if len(row) != len(self.heads)]
        if odd:
            raise ValueError(f"table {self.key!r} has {len(self.heads)} columns and a row of {odd[0]} cells")

    @property
    def names(self) -> list[str]:
        """Of the records' columns, in order of first appearance."""
        return list(dict.fromkeys(name for record in self.records for name in record))


def table(
    key: str, title: str, note: str, heads: Sequence[Head], rows: Sequence[tuple[Sequence[str], Mapping[str, Value]]]
) -> Table:
    """From (cells, record) pairs."""
    return Table(
        key, title, note, tuple(heads), tuple(tuple(cells) for cells, _ in rows), tuple(one for _, one in rows)
    )
