"""Copies of the database, taken while it is in use."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pytest

from bsm_core.errors import StoreError
from bsm_core.ports import SampleFilter, UnknownFilter
from bsm_core.store import DuckStore, open_store
from tests.factories import BASELINE_ID, STUDY_ID

ALL = UnknownFilter(BASELINE_ID, 0.51)


def test_backup_holds_everything_and_opens_as_a_workspace(filled: DuckStore, tmp_path: Path) -> None:
    for tau in (0.9, 0.6, 0.8):
        filled.studies.set_tau(STUDY_ID, tau)
    target = tmp_path / "deep" / "down" / "copy.duckdb"
    filled.backup(target)
    copy = open_store(target)
    try:
        # Order too: tau and verdicts are the last of their events.
        assert copy.studies.get(STUDY_ID) == filled.studies.get(STUDY_ID)
        assert copy.studies.counts(STUDY_ID) == filled.studies.counts(STUDY_ID)
        assert copy.unknowns.page(ALL, limit=100) == filled.unknowns.page(ALL, limit=100)
        assert copy.samples.page(STUDY_ID, SampleFilter()) == filled.samples.page(STUDY_ID, SampleFilter())
        assert copy.jobs.all() == filled.jobs.all()
        copy.studies.set_tau(STUDY_ID, 0.95)
        assert filled.studies.get(STUDY_ID).tau == 0.8
    finally:
        copy.close()


def test_backup_refuses_a_file_that_exists(filled: DuckStore, database: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.duckdb"
    target.write_text("mine")
    with pytest.raises(StoreError, match=r"copy\.duckdb exists; name a new file"):
        filled.backup(target)
    assert target.read_text() == "mine"
    with pytest.raises(StoreError, match="exists"):
        filled.backup(database)


def test_backup_to_an_impossible_place_says_so_and_leaves_nothing(filled: DuckStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="choose another place"):
        filled.backup(tmp_path / "file" / "copy.duckdb")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "workbench.duckdb", "workbench.duckdb.lock"]
    assert filled.studies.get(STUDY_ID).tau == 0.65


def test_backup_leaves_one_file_and_keeps_the_guard(filled: DuckStore, database: Path, tmp_path: Path) -> None:
    filled.backup(tmp_path / "it's a copy.duckdb")
    names = sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("workbench.duckdb.wal"))
    assert names == ["it's a copy.duckdb", "workbench.duckdb", "workbench.duckdb.lock"]
    with pytest.raises(StoreError, match="in use by"):
        open_store(database)


def test_backup_while_others_write_is_of_one_moment(filled: DuckStore, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            filled.record(STUDY_ID, "tick", {"n": n})
            n += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        targets = [tmp_path / f"copy{n}.duckdb" for n in range(3)]
        for target in targets:
            filled.backup(target)
    finally:
        stop.set()
        writer.join()
    for target in targets:
        with duckdb.connect(str(target), read_only=True) as copy:
            ticks = copy.execute("SELECT payload ->> 'n' FROM events WHERE kind = 'tick'").fetchall()
            assert [n for (n,) in ticks] == [str(n) for n in range(len(ticks))]
            assert copy.execute("SELECT count(*) FROM models").fetchall() == [(4,)]
