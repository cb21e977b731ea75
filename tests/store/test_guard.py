"""One process owns a workspace. These use real processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from bsm_core.errors import WorkspaceLockedError
from bsm_core.store import DuckStore, open_store
from tests.factories import STUDY_ID, make_dataset, make_study

ROOT = Path(__file__).resolve().parents[2]

_OPEN = """
import sys
from pathlib import Path
from bsm_core.errors import WorkbenchError
from bsm_core.store import open_store
try:
    store = open_store(Path(sys.argv[1]))
except WorkbenchError as error:
    print(type(error).__name__, error, flush=True)
    sys.exit(3)
print("open", flush=True)
sys.stdin.read()
"""
_BARE = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


@contextmanager
def process(code: str, database: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that opens ``database``, and the line it said about it."""
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(database)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout
        try:
            yield child, child.stdout.readline().strip()
        finally:
            child.kill()


def test_second_process_is_refused_and_told_who_holds_the_workspace(store: DuckStore, database: Path) -> None:
    with process(_OPEN, database) as (child, said):
        assert child.wait(30) == 3
    assert said.startswith("WorkspaceLockedError")
    assert f"in use by pid {os.getpid()} on {socket.gethostname()}" in said
    assert "close that workbench first" in said
    assert store.studies.all() == []


def test_holder_in_another_process_is_named_here_and_its_death_frees_the_workspace(database: Path) -> None:
    with process(_OPEN, database) as (child, said):
        assert said == "open"
        with pytest.raises(WorkspaceLockedError, match=f"in use by pid {child.pid} on "):
            open_store(database)
        child.kill()
        child.wait(30)
        open_store(database).close()


def test_close_frees_the_workspace(database: Path) -> None:
    open_store(database).close()
    with process(_OPEN, database) as (_, said):
        assert said == "open"


def test_reading_the_file_does_not_drop_the_guard(store: DuckStore, database: Path) -> None:
    database.read_bytes()
    with process(_OPEN, database) as (child, said):
        assert child.wait(30) == 3
    assert "in use by" in said
    assert store.studies.all() == []


def test_second_open_in_the_same_process_is_refused(store: DuckStore, database: Path) -> None:
    with pytest.raises(WorkspaceLockedError, match=f"pid {os.getpid()} "):
        open_store(database)
    assert store.studies.all() == []


def test_another_program_with_the_file_open_is_reported(database: Path) -> None:
    open_store(database).close()
    with process(_BARE, database) as (_, said):
        assert said == "open"
        with pytest.raises(WorkspaceLockedError, match="open in another program; close it there first"):
            open_store(database)
    open_store(database).close()


_WRITE = """
import sys
from pathlib import Path
from bsm_core.store import open_store
store = open_store(Path(sys.argv[1]))
n = 0
while True:
    store.record("st-reviews", "tick", {"n": n})
    print(n, flush=True)
    n += 1
"""


def test_kill_loses_no_row_that_was_acknowledged(database: Path) -> None:
    store = open_store(database)
    data = make_dataset(train=2, validation=0, test=0)
    store.studies.create(make_study(data), data)
    store.close()
    with process(_WRITE, database) as (child, said):
        assert child.stdout
        assert said == "0"
        for line in child.stdout:
            if int(line) >= 40:
                child.kill()
                break
        last = int((child.stdout.read().split("\n")[:-1] or [line])[-1])
    store = open_store(database)
    latest = store.latest(STUDY_ID, "tick")
    store.close()
    assert latest is not None
    assert latest["n"] in (last, last + 1)  # the last may have been written and not yet printed


def test_closed_file_can_be_read_by_any_duckdb(database: Path) -> None:
    open_store(database).close()
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM studies").fetchall() == [(0,)]
