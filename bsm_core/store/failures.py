"""DuckDB's errors in the workbench's words."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from bsm_core.errors import StoreError, WorkspaceCorruptError, WorkspaceLockedError

_CORRUPT = (
    "not a valid DuckDB database file",
    "Corrupt database file",
    "Could not read enough bytes",
    "Failed to deserialize",
    "replaying WAL",
    "checksum",
)
_DUPLICATE = re.compile(r'[Dd]uplicate key "(?:\w+: )?([^"]*)"')


def explain(error: Exception, database: Path) -> StoreError:
    """The StoreError to raise for ``error``: what went wrong with ``database``, and what to do."""
    first_line = str(error).strip().splitlines()[0][:500]
    if "surrogate" in first_line:
        return StoreError(
            "a text has half of a character in it (an unpaired surrogate), which cannot be stored; "
            "remove what shows as a box or a question mark, and try again"
        )
    if "Conflicting lock" in first_line:
        return WorkspaceLockedError(f"{database} is open in another program; close it there first ({first_line})")
    if isinstance(error, duckdb.SerializationException) or any(sign in first_line for sign in _CORRUPT):
        return corrupt(database, first_line)
    if isinstance(error, duckdb.IOException | duckdb.FatalException):
        return StoreError(
            f"{database} could not be read or written ({first_line}); "
            f"check that the disk has room and is writable, then start the workbench again. Nothing saved is lost"
        )
    if duplicate := _DUPLICATE.search(first_line):
        return StoreError(f"{duplicate[1]!r} is in {database} already, and nothing was saved; use another id")
    return StoreError(f"{database}: {first_line}")


def corrupt(database: Path, finding: str) -> WorkspaceCorruptError:
    return WorkspaceCorruptError(
        f"{database} is damaged ({finding}); move it and {database.name}.wal away to start afresh, "
        f"or put a backup in its place"
    )
