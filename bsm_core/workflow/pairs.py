"""Bringing your own pairs: original and perturbed texts with their labels, out of a file (``read_pairs``).

Three layouts are known besides plain columns: TextAttack's CSV log, AdvGLUE's JSON (one list a task, of perturbed texts
without their originals in its dev file, with ``original_...`` columns where it is annotated), and our own export.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from bsm_core.domain.tasks import Task, Text
from bsm_core.errors import TaskError
from bsm_core.workflow import textattack_csv
from bsm_core.workflow.file_rows import FileRow, fault, label_cell, read_rows, text_cell
from bsm_core.workflow.tables import TEXT_COLUMNS, texts

LABEL_COLUMNS = ("label", "ground_truth_output", "ground_truth_label")
ADVGLUE_SECTIONS = {"rotten_tomatoes": "sst2", "imdb": "sst2"}
"""AdvGLUE's list for a task that it names otherwise: its sentences come from the same reviews."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of a file. ``original`` is None where the file has none (AdvGLUE's dev layout)."""

    row: int
    original: Text | None
    perturbed: Text
    label: int
    method: str = ""
    """How the pair was made, where the file says so."""

    @property
    def texts(self) -> tuple[Text, ...]:
        """P, and O where there is one."""
        return (self.perturbed,) if self.original is None else (self.perturbed, self.original)


def read_pairs(name: str, content: bytes, task: Task, section: str | None = None) -> tuple[Pair, ...]:
    """All pairs of a file called ``name``; ``section`` names the list of a JSON file that has several.

    White space is brought into the form of the study's texts. Raises TaskError with the row and the column at fault,
    and then nothing is taken.
    """
    rows = _chosen(name, read_rows(name, content), task, section)
    layout = _layout(name, rows, task)
    return tuple(_pair(name, row, layout, task) for row in rows)


def pairs_table(pairs: Sequence[Pair]) -> pa.Table:
    """A job's input: row, text and text_b (P), original and original_b (null without O), label, method."""
    originals = [pair.original or (None, None) for pair in pairs]
    return pa.table(
        {
            "row": pa.array([pair.row for pair in pairs], pa.int64()),
            **{
                column: pa.array([_side(pair.perturbed, place) for pair in pairs], kind)
                for place, (column, kind) in enumerate(TEXT_COLUMNS.items())
            },
            "original": pa.array([original[0] for original in originals], pa.string()),
            "original_b": pa.array([_side(original, 1) for original in originals], pa.string()),
            "label": pa.array([pair.label for pair in pairs], pa.int64()),
            "method": pa.array([pair.method for pair in pairs], pa.string()),
        }
    )


def pairs_of(table: pa.Table) -> list[Pair]:
    """Back from ``pairs_table``."""
    renamed = table.select(["original", "original_b"]).rename_columns(list(TEXT_COLUMNS))
    originals = [None if text[0] is None else text for text in texts(renamed)]
    columns = (table["row"], table["label"], table["method"])
    rows = zip(*(column.to_pylist() for column in columns), originals, texts(table), strict=True)
    return [Pair(row, original, perturbed, label, method) for row, label, method, original, perturbed in rows]


def _side(text: Sequence[str | None], place: int) -> str | None:
    return text[place] if len(text) > place else None


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which columns hold what. ``originals`` has None for a side whose original is not told: it was not changed."""

    perturbed: tuple[str, ...]
    originals: tuple[str | None, ...]
    label: str
    textattack: bool = False


def _chosen(name: str, rows: list[FileRow], task: Task, section: str | None) -> list[FileRow]:
    sections = list(dict.fromkeys(row.section for row in rows))
    if section is None:
        section = _only_section(name, sections, task)
    if section not in sections:
        raise TaskError(f"{name} has no list {section!r}; it has {', '.join(sections)}")
    return [row for row in rows if row.section == section]


def _only_section(name: str, sections: list[str], task: Task) -> str:
    if len(sections) == 1:
        return sections[0]
    if task.name in sections:
        return task.name
    known = ADVGLUE_SECTIONS.get(task.name)
    if known in sections:
        return known
    # Not by the columns: AdvGLUE's RTE has those of MRPC, and its labels mean something else.
    raise TaskError(f"{name} has the lists {', '.join(sections)}; name the one for {task.title!r}")


def _layout(name: str, rows: Sequence[FileRow], task: Task) -> _Layout:
    """From the columns that any row has: a record of JSON may leave out what it has nothing for."""
    there = {column for row in rows for column in row.values}
    label = next((column for column in LABEL_COLUMNS if column in there), None)
    if label is not None:
        if {"original_text", "perturbed_text", "result_type"} <= there:
            return _Layout(("perturbed_text",), ("original_text",), label, textattack=True)
        for perturbed, original in _known_columns(task):
            if set(perturbed) <= there:
                return _Layout(perturbed, tuple(one if one in there else None for one in original), label)
    wanted = " / ".join(", ".join((*perturbed, "label")) for perturbed, _ in _known_columns(task))
    raise TaskError(
        f"{name} has the columns {', '.join(sorted(there))}; needed are those of TextAttack's CSV log, or {wanted}, "
        "each with the original's under original_..."
    )


def _known_columns(task: Task) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """(columns of P, columns of O), the most telling names first."""
    fields = task.text_fields
    named = (tuple(f"perturbed_{field}" for field in fields), tuple(f"original_{field}" for field in fields))
    plain = (fields, tuple(f"original_{field}" for field in fields))
    if task.is_pair:
        sides = (("perturbed_text", "perturbed_text_b"), ("original_text", "original_text_b"))
        return [named, sides, plain]
    return [named, (("perturbed",), ("original",)), plain, (("sentence",), ("original_sentence",))]


def _pair(name: str, row: FileRow, layout: _Layout, task: Task) -> Pair:
    label = label_cell(name, row, layout.label, task.label_names)
    method = row.values.get("method")
    said = method if isinstance(method, str) else ""
    if layout.textattack:
        sides = [text_cell(name, row, column) for column in ("original_text", "perturbed_text")]
        plain = row.values.get(textattack_csv.MARKS) == textattack_csv.NO_MARKS
        original, perturbed = sides if plain else textattack_csv.unmarked(*sides)
        pair = Pair(
            row.number,
            _textattack_sides(name, row, "original_text", original, task),
            _textattack_sides(name, row, "perturbed_text", perturbed, task),
            label,
            said,
        )
    else:
        found = tuple(text_cell(name, row, column) for column in layout.perturbed)
        pair = Pair(row.number, _original(name, row, layout, found), found, label, said)
    return _clean(name, row, pair, layout)


def _textattack_sides(name: str, row: FileRow, column: str, text: str, task: Task) -> Text:
    try:
        return textattack_csv.sides(text, len(task.text_fields))
    except ValueError as error:
        raise fault(name, row, column, str(error)) from error


def _original(name: str, row: FileRow, layout: _Layout, perturbed: Text) -> Text | None:
    """O; a side of which the row tells no original is the same in O and P. None when that is so of all."""
    told = [column if column is not None and row.values.get(column) else None for column in layout.originals]
    if not any(told):
        for column in layout.originals:
            if column is not None and row.values.get(column) is not None:
                raise fault(name, row, column, "the text is empty")
        return None
    return tuple(
        side if column is None else text_cell(name, row, column) for column, side in zip(told, perturbed, strict=True)
    )


def _clean(name: str, row: FileRow, pair: Pair, layout: _Layout) -> Pair:
    perturbed = _spaced(pair.perturbed)
    original = None if pair.original is None else _spaced(pair.original)
    for text, columns in ((perturbed, layout.perturbed), (original or perturbed, layout.originals)):
        for side, column in zip(text, columns * len(text), strict=False):
            if not side:
                raise fault(name, row, column or layout.perturbed[0], "the text is empty")
    return Pair(pair.row, original, perturbed, pair.label, pair.method)


def _spaced(text: Text) -> Text:
    """Runs of white space become one space, none is left at the ends: as when a study's texts are read."""
    return tuple(" ".join(side.split()) for side in text)
