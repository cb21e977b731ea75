"""Copying the database while it is in use."""

from __future__ import annotations

import shutil
from pathlib import Path

from bsm_core.errors import StoreError
from bsm_core.store.connection import STORAGE_VERSION, Database

_DRAFT = "draft.duckdb"


def backup(database: Database, target: Path) -> None:
    """Write a copy of the database to ``target``. Raises StoreError if it exists or cannot be written.

    A plain copy of the file would drop DuckDB's own lock on it, and miss what is still in its log.
    """
    target = target.absolute()
    if target.exists():
        raise StoreError(f"{target} exists; name a new file for the backup")
    folder = database.backup_folder
    try:
        shutil.rmtree(folder, ignore_errors=True)  # left by a backup that was cut off
        folder.mkdir()
        target.parent.mkdir(parents=True, exist_ok=True)
        with database.bare() as session:
            draft = str(folder / _DRAFT).replace("'", "''")
            source = database.path.stem.replace('"', '""')
            session.execute(f"ATTACH '{draft}' AS backup_copy (STORAGE_VERSION '{STORAGE_VERSION}')")
            try:
                session.execute(f'COPY FROM DATABASE "{source}" TO backup_copy')
            finally:
                session.execute("DETACH backup_copy")
        part = target.with_name(target.name + ".part")
        shutil.move(folder / _DRAFT, part)
        part.rename(target)
    except OSError as error:
        raise StoreError(f"cannot write the backup {target} ({error}); choose another place") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
