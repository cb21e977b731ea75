"""The one connection to the DuckDB file: a cursor a call, one lock for writers, errors in our words."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from bsm_core.errors import StoreError
from bsm_core.store.failures import corrupt, explain
from bsm_core.store.guard import WorkspaceGuard
from bsm_core.store.sql import pick

STORAGE_VERSION = "v1.5.0"
"""The oldest DuckDB that can read the file."""

Row = dict[str, Any]

_NOTHING: dict[str, object] = {}


def now() -> datetime:
    """The time stamped on rows that the store itself makes."""
    return datetime.now(UTC)


class Session:
    """One cursor in one transaction."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def table(self, sql: str, values: Mapping[str, object] = _NOTHING) -> pa.Table:
        """The answer as Arrow. ``values`` may hold more than the query's ``$parameters``."""
        return self._cursor.sql(sql, params=pick(sql, values)).to_arrow_table()

    def rows(self, sql: str, values: Mapping[str, object] = _NOTHING) -> list[Row]:
        # By way of Arrow, since DuckDB's own fetch needs pytz for time stamps with a zone.
        return self.table(sql, values).to_pylist()

    def row(self, sql: str, values: Mapping[str, object] = _NOTHING) -> Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def execute(self, sql: str, values: Mapping[str, object] = _NOTHING) -> None:
        self._cursor.execute(sql, pick(sql, values)).fetchall()

    def insert(self, table: str, row: Mapping[str, object]) -> None:
        """One row into ``table``; ``row`` has a value for each column it names."""
        columns = ", ".join(row)
        self.execute(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(f'${name}' for name in row)})", row)

    def insert_table(self, table: str, rows: pa.Table) -> None:
        """Many rows at once, matched by column name."""
        with self.seeing("incoming", rows):
            self.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")

    @contextmanager
    def seeing(self, name: str, rows: pa.Table) -> Iterator[None]:
        """Within, ``rows`` can be queried by ``name``; only this session sees it."""
        self._cursor.register(name, rows)
        yield
        # Not when it raised: the transaction is void then, and unregistering would hide the error behind another.
        self._cursor.unregister(name)


class Database:
    """An open DuckDB file. Safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        """Open or make ``path``. Raises WorkspaceLockedError, WorkspaceCorruptError or StoreError."""
        self.path = path.absolute()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"cannot make {self.path.parent} ({error.strerror}); choose another --workspace"
            ) from error
        self._guard = WorkspaceGuard(self.path)
        self._write_lock = threading.Lock()
        self._writes = 0
        self._idle = threading.Condition()
        self._in_use: set[duckdb.DuckDBPyConnection] = set()
        self._closed = False
        clean = not self._log.exists()  # closed in order, or never opened
        try:
            self._connection = duckdb.connect(str(self.path), config={"storage_compatibility_version": STORAGE_VERSION})
            self._harden()
            if clean:
                self._check_length()
        except (duckdb.Error, StoreError) as error:
            self._guard.release()
            raise error if isinstance(error, StoreError) else explain(error, self.path) from error

    @property
    def backup_folder(self) -> Path:
        """The one folder that SQL may reach: backups are made in it and then moved."""
        return self.path.with_name(self.path.name + ".backup")

    def _harden(self) -> None:
        # Texts and model answers are hostile. No SQL is ever made from them, and if some were, it could reach no
        # file, no network, no extension and no Python variable.
        folder = str(self.backup_folder).replace("'", "''")
        for setting in (
            "TimeZone = 'UTC'",
            f"allowed_directories = ['{folder}']",
            "enable_external_access = false",
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "python_enable_replacements = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET GLOBAL {setting}")

    @property
    def _log(self) -> Path:
        return self.path.with_name(self.path.name + ".wal")

    def _check_length(self) -> None:
        """Raise WorkspaceCorruptError when the file is too short to hold the blocks in use.

        DuckDB would open it, and fail where the missing part is read.
        """
        used = self._connection.sql("SELECT block_size * used_blocks FROM pragma_database_size()").fetchall()[0][0]
        found = self.path.stat().st_size
        if found < used:
            self._connection.close()
            raise corrupt(self.path, f"{found:,} bytes are there, and {used:,} are in use")

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._idle:
            if self._closed:
                raise StoreError(f"{self.path} is closed; start the workbench again")
            cursor = self._connection.cursor()
            self._in_use.add(cursor)
        try:
            yield cursor
        finally:
            cursor.close()
            with self._idle:
                self._in_use.discard(cursor)
                self._idle.notify_all()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Several queries that see the same state. Raises StoreError."""
        with self._transaction("BEGIN TRANSACTION READ ONLY") as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: kept on disk when the block ends, undone when it raises. Raises StoreError."""
        with self._write_lock:
            with self._transaction("BEGIN TRANSACTION") as session:
                yield session
            self._writes += 1

    @property
    def writes(self) -> int:
        """How many transactions were kept since the file was opened: while it stays, what was read stays true."""
        return self._writes

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Session]:
        with self._cursor() as cursor:
            try:
                cursor.execute(begin)
                yield Session(cursor)
                cursor.execute("COMMIT")
            except (duckdb.Error, UnicodeEncodeError) as error:
                # Closing the cursor undoes the transaction.
                raise explain(error, self.path) from error

    def rows(self, sql: str, values: Mapping[str, object] = _NOTHING) -> list[Row]:
        with self.reading() as session:
            return session.rows(sql, values)

    def row(self, sql: str, values: Mapping[str, object] = _NOTHING) -> Row | None:
        with self.reading() as session:
            return session.row(sql, values)

    def table(self, sql: str, values: Mapping[str, object] = _NOTHING) -> pa.Table:
        with self.reading() as session:
            return session.table(sql, values)

    @contextmanager
    def bare(self) -> Iterator[Session]:
        """A session outside any transaction, holding the write lock: for ATTACH and CHECKPOINT."""
        with self._write_lock, self._cursor() as cursor:
            try:
                yield Session(cursor)
            except duckdb.Error as error:
                raise explain(error, self.path) from error

    def close(self) -> None:
        """Let writers finish, interrupt readers, close the file and give the workspace up. May be called twice.

        DuckDB aborts the process when it is torn down under a running query, hence the care.
        """
        with self._write_lock, self._idle:
            if self._closed:
                return
            self._closed = True
            for cursor in self._in_use:
                cursor.interrupt()
            self._idle.wait_for(lambda: not self._in_use, timeout=30)
        try:
            self._connection.close()
        except duckdb.Error as error:
            raise explain(error, self.path) from error
        finally:
            self._guard.release()
