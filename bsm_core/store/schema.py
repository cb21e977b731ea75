"""Bringing a database to the present schema: numbered files, each in a transaction of its own."""

from __future__ import annotations

from pathlib import Path

from bsm_core.errors import StoreError
from bsm_core.store.connection import Database, now
from bsm_core.store.sql import Queries

FOLDER = Path(__file__).parent / "migrations"

_SQL = Queries("schema")


def migrations(folder: Path = FOLDER) -> list[tuple[int, str, str]]:
    """(version, name, SQL), from ``0001_initial.sql`` on, in order."""
    paths = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return [(int(path.stem[:4]), path.stem[5:], path.read_text(encoding="utf-8")) for path in paths]


def migrate(database: Database, steps: list[tuple[int, str, str]] | None = None) -> None:
    """Apply what is missing. Raises StoreError when the file was written by a newer workbench."""
    steps = migrations() if steps is None else steps
    with database.writing() as session:
        session.execute(_SQL["create"])
    found = database.row(_SQL["latest"])
    current = found["version"] if found else 0
    newest = steps[-1][0]
    if current > newest:
        raise StoreError(
            f"{database.path} has schema {current} and this workbench knows up to {newest}; "
            f"update the workbench, or choose another --workspace"
        )
    for version, name, sql in steps:
        if version > current:
            with database.writing() as session:
                session.execute(sql)
                session.insert("schema_version", {"version": version, "name": name, "applied_at": now()})
