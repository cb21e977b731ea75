"""Rows out of a file that somebody brings: the one place where CSV, TSV, JSON Lines, JSON and Parquet are read.

Nothing is guessed or skipped: a file is read whole or refused, with the row and the column at fault. Rows are counted
as a spreadsheet or an editor shows them: the header of a CSV or TSV file is row 1; in JSON and Parquet the first
record is row 1.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bsm_core.errors import TaskError

MAX_BYTES = 50 * 1024 * 1024
"""What an upload may have as well (``.streamlit/config.toml``)."""
MAX_ROWS = 500_000
MAX_CHARACTERS = 100_000
"""Of one cell; a DuckDB page or a diff of more helps nobody."""

SUFFIXES = ("csv", "tsv", "txt", "jsonl", "json", "parquet")
_QUOTED = 40
"""Characters of a faulty value that a message repeats."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """``number`` as the user sees it in the file; ``section`` of a JSON file that has several lists."""

    number: int
    values: dict[str, Any]
    section: str = ""


def read_rows(name: str, content: bytes) -> list[FileRow]:
    """The rows of a file called ``name``, whose ending says its format: ``csv`` with quotes, ``tsv`` and ``txt``
    tab-separated with literal quotes (as GLUE and MRPC have them), ``jsonl``, ``json`` (a list of objects, or named
    lists of them), ``parquet``.

    Raises TaskError that names the file, the row, and where it can the column.
    """
    suffix = PurePath(name).suffix.lower().removeprefix(".")
    if suffix not in SUFFIXES:
        raise TaskError(f"{name} ends in none of {', '.join(SUFFIXES)}; rename it to what it holds")
    if len(content) > MAX_BYTES:
        raise TaskError(f"{name} has {len(content):,} bytes; {MAX_BYTES:,} are the most that is read: split it")
    if suffix == "parquet":
        rows = _parquet(name, content)
    elif suffix == "json":
        rows = _json(name, _text(name, content))
    elif suffix == "jsonl":
        rows = _json_lines(name, _text(name, content))
    else:
        rows = _delimited(name, _text(name, content), tabs=suffix != "csv")
    found: list[FileRow] = []
    for row in rows:
        found.append(row)
        if len(found) > MAX_ROWS:
            raise TaskError(f"{name} has more than {MAX_ROWS:,} rows; split it")
    if not found:
        raise TaskError(f"{name} has no rows")
    return found


def fault(name: str, row: FileRow, column: str, what: str) -> TaskError:
    """The error for one cell."""
    section = f" of {row.section!r}" if row.section else ""
    return TaskError(f"{name}, row {row.number}{section}, column {column!r}: {what}")


def text_cell(name: str, row: FileRow, column: str) -> str:
    """A cell that has to be a text, which may be empty. Raises TaskError."""
    value = row.values.get(column)
    if value is None:
        raise fault(name, row, column, "there is no value; write a text")
    if not isinstance(value, str):
        raise fault(name, row, column, f"{_shown(value)} is no text")
    if len(value) > MAX_CHARACTERS:
        raise fault(name, row, column, f"the text has {len(value):,} characters; {MAX_CHARACTERS:,} are the most")
    # Half a surrogate pair (JSON can write one) is a text that no file and no database can hold.
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise fault(name, row, column, "the text has half of a character (a lone surrogate)")
    return value


def label_cell(name: str, row: FileRow, column: str, label_names: Sequence[str]) -> int:
    """A cell that has to be a label: its name in any case, or its number. Raises TaskError with what is allowed."""
    value = row.values.get(column)
    by_name = {label.casefold(): number for number, label in enumerate(label_names)}
    if isinstance(value, str):
        value = value.strip()
        if value.casefold() in by_name:
            return by_name[value.casefold()]
    number = _whole(value)
    if number is None or not 0 <= number < len(label_names):
        names = ", ".join(f"{number} or {label}" for number, label in enumerate(label_names))
        raise fault(name, row, column, f"{_shown(value)} is no label; use {names}")
    return number


def _whole(value: object) -> int | None:
    """``1``, ``1.0`` and ``"1.0"`` are 1: programs that know numbers only as floats write labels so."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) else None


def _shown(value: object) -> str:
    if value is None or value == "":
        return "nothing"
    said = repr(value)
    return said if len(said) <= _QUOTED else f"{said[:_QUOTED]}…"


def _text(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise TaskError(f"{name}, line {row}: byte {error.start:,} is not UTF-8; save the file as UTF-8") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise TaskError(f"{name}, line {line}: there is a zero byte; this is not a text file")
    return text


def _delimited(name: str, text: str, *, tabs: bool) -> Iterator[FileRow]:
    stream = io.StringIO(text, newline="")
    reader = (
        csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
        if tabs
        else csv.reader(stream, strict=True)
    )
    number = 1
    try:
        header = [cell.strip() for cell in next(reader, [])]
        _check_header(name, header)
        for number, cells in enumerate(reader, start=2):
            if not cells:
                continue  # an empty line, as editors leave one at the end
            if len(cells) != len(header):
                column = header[len(cells)] if len(cells) < len(header) else header[-1]
                raise TaskError(
                    f"{name}, row {number}, column {column!r}: the row has {len(cells)} cells, the header {len(header)}"
                )
            yield FileRow(number, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        raise TaskError(f"{name}, after row {number}: {error}") from error


def _check_header(name: str, header: Sequence[str]) -> None:
    if not any(header):
        raise TaskError(f"{name}, row 1: there is no header with the names of the columns")
    if twice := sorted({column for column in header if header.count(column) > 1}):
        raise TaskError(f"{name}, row 1, column {twice[0]!r}: two columns have this name")


def _json_lines(name: str, text: str) -> Iterator[FileRow]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _record(name, number, _loads(name, line, number))


def _json(name: str, text: str) -> Iterator[FileRow]:
    found = _loads(name, text, None)
    sections = found.items() if isinstance(found, dict) else [("", found)]
    for section, records in sections:
        if not isinstance(records, list):
            where = f" under {section!r}" if section else ""
            raise TaskError(f"{name} has no list of records{where}; it needs one, or several by name")
        for number, record in enumerate(records, start=1):
            yield _record(name, number, record, section)


def _loads(name: str, text: str, row: int | None) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise TaskError(f"{name} is nested too deeply to be a list of records") from error
    except ValueError as error:
        where = f", row {row}" if row is not None else ""
        raise TaskError(f"{name}{where}: this is not JSON ({error})") from error


def _record(name: str, number: int, record: object, section: str = "") -> FileRow:
    if not isinstance(record, dict):
        where = f" of {section!r}" if section else ""
        raise TaskError(f"{name}, row {number}{where}: {_shown(record)} is no object with named columns")
    return FileRow(number, record, section)


def _parquet(name: str, content: bytes) -> Iterator[FileRow]:
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        # Before anything is unpacked: a small file can hold a large table.
        if file.metadata.num_rows > MAX_ROWS:
            raise TaskError(f"{name} has {file.metadata.num_rows:,} rows; {MAX_ROWS:,} are the most: split it")
        unpacked = sum(file.metadata.row_group(group).total_byte_size for group in range(file.num_row_groups))
        if unpacked > 8 * MAX_BYTES:
            raise TaskError(f"{name} unpacks to {unpacked:,} bytes; {8 * MAX_BYTES:,} are the most: split it")
        records = file.read().to_pylist()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise TaskError(f"{name} cannot be read as Parquet: {error}") from error
    for number, record in enumerate(records, start=1):
        yield FileRow(number, record)
