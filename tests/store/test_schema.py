"""Migrations: numbered, each whole or not at all, and never backwards."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from bsm_core.errors import StoreError
from bsm_core.store import open_store
from bsm_core.store.connection import Database
from bsm_core.store.schema import migrate, migrations
from tests.factories import STUDY_ID, make_filled_store

FIRST = (1, "first", "CREATE TABLE one (n INTEGER); INSERT INTO one VALUES (1);")
SECOND = (2, "second", "ALTER TABLE one ADD COLUMN m INTEGER; UPDATE one SET m = n + 1;")
BROKEN = (2, "broken", "CREATE TABLE two (n INTEGER); INSERT INTO one VALUES (2); SELECT * FROM nowhere;")


def versions(database: Database) -> list[tuple[int, str]]:
    rows = database.rows("SELECT version, name FROM schema_version ORDER BY version")
    return [(row["version"], row["name"]) for row in rows]


def test_shipped_migrations_are_numbered_without_a_gap() -> None:
    numbers = [number for number, _, _ in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_each_migration_is_applied_once_and_in_order(database: Path) -> None:
    opened = Database(database)
    migrate(opened, [FIRST])
    migrate(opened, [FIRST])
    assert versions(opened) == [(1, "first")]
    migrate(opened, [FIRST, SECOND])
    assert versions(opened) == [(1, "first"), (2, "second")]
    assert opened.rows("SELECT * FROM one") == [{"n": 1, "m": 2}]
    opened.close()


def test_failing_migration_changes_nothing_and_can_be_tried_again(database: Path) -> None:
    opened = Database(database)
    migrate(opened, [FIRST])
    with pytest.raises(StoreError, match="nowhere"):
        migrate(opened, [FIRST, BROKEN])
    assert versions(opened) == [(1, "first")]
    assert opened.rows("SELECT * FROM one") == [{"n": 1}]
    assert opened.rows("SELECT table_name FROM duckdb_tables() WHERE table_name = 'two'") == []
    migrate(opened, [FIRST, SECOND])
    assert versions(opened)[-1] == (2, "second")
    opened.close()


def test_file_of_a_newer_workbench_is_refused_and_left_alone(database: Path) -> None:
    make_filled_store(database).close()
    newest = migrations()[-1][0]
    with duckdb.connect(str(database)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (?, 'future', now())", [newest + 1])
    with pytest.raises(StoreError, match=f"schema {newest + 1} and this workbench knows up to {newest}; update"):
        open_store(database)
    with duckdb.connect(str(database)) as connection:  # the guard and the file are free
        connection.execute("DELETE FROM schema_version WHERE name = 'future'")
    store = open_store(database)
    assert store.studies.get(STUDY_ID).tau == 0.65
    store.close()
