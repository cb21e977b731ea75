"""Records that a job writes down as they come, one a line: a killed job goes on behind them, a page shows them."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from bsm_core.domain.teaching import TeacherCall

Record = TypeVar("Record")

CALLS = "calls.jsonl"
"""In a job's ``partial/``: every call of its teacher. When a job ends badly, they go from here into the store."""
_CALL = TypeAdapter(TeacherCall)


class RecordStream(Generic[Record]):
    """A JSONL file, for several threads. What a former run left is taken over, but for a line that a kill tore."""

    def __init__(self, path: Path, adapter: TypeAdapter[Record]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._adapter = adapter
        self._lock = threading.Lock()
        self._closed = False
        self.records = take_over(path, adapter)

    def add(self, record: Record) -> None:
        with self._lock:
            if not self._closed:
                self.records.append(record)
                append_record(self._path, self._adapter.dump_json(record))

    def close(self) -> None:
        """What comes later is not written: a stopped job's threads may still be about."""
        with self._lock:
            self._closed = True


def call_stream(partial: Path) -> RecordStream[TeacherCall]:
    return RecordStream(partial / CALLS, _CALL)


def append_record(path: Path, line: bytes) -> None:
    with path.open("ab") as file:
        file.write(line + b"\n")


def take_over(path: Path, adapter: TypeAdapter[Record]) -> list[Record]:
    """The records up to the first line that a kill tore; the file is cut there."""
    found, size = _whole_records(path, adapter)
    if path.exists():
        os.truncate(path, size)
    return found


def read_records(path: Path, adapter: TypeAdapter[Record]) -> list[Record]:
    """As ``take_over``, without touching the file: a worker may be writing it."""
    return _whole_records(path, adapter)[0]


def _whole_records(path: Path, adapter: TypeAdapter[Record]) -> tuple[list[Record], int]:
    """The records up to the first torn line, and their size in bytes. None when there is no file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    found, size = [], 0
    for line in content.splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        try:
            found.append(adapter.validate_json(line))
        except ValidationError:
            break
        size += len(line)
    return found, size
