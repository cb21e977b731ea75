"""The connection: its file format, its walls, and many threads at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import Verdict
from bsm_core.errors import StoreError
from bsm_core.ports import SampleFilter, UnknownFilter
from bsm_core.store import DuckStore, open_store
from bsm_core.store.connection import Database
from tests.factories import BASELINE_ID, STUDY_ID, make_judgement, make_sample


def in_threads(*works: Callable[[], None]) -> list[BaseException]:
    """Run all at once; what they raised."""
    raised: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except (StoreError, AssertionError) as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def storage_version(path: Path) -> str:
    with duckdb.connect(str(path), read_only=True) as connection:
        tags = connection.execute("SELECT tags FROM duckdb_databases() WHERE path = ?", [str(path)]).fetchall()[0][0]
    return str(dict(tags)["storage_version"])


def test_file_and_backup_are_readable_by_duckdb_1_5(filled: DuckStore, database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    filled.backup(copy)
    filled.close()
    assert storage_version(database).startswith("v1.5")
    assert storage_version(copy).startswith("v1.5")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY (SELECT 1) TO '{folder}/stolen.csv'",
        "ATTACH '{folder}/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM 'https://127.0.0.1:9/x.parquet'",
        "SET GLOBAL enable_external_access = true",
        "SET GLOBAL allowed_directories = ['/']",
    ],
)
def test_sql_reaches_no_file_no_network_and_no_setting(store: DuckStore, tmp_path: Path, sql: str) -> None:
    with pytest.raises(StoreError):
        store._database.rows(sql.replace("{folder}", str(tmp_path)))
    assert not (tmp_path / "stolen.csv").exists()
    assert not (tmp_path / "other.duckdb").exists()


def test_sql_sees_no_python_variable(store: DuckStore) -> None:
    import pyarrow as pa

    secret = pa.table({"key": ["value"]})
    with pytest.raises(StoreError, match="secret"):
        store._database.rows("SELECT * FROM secret")
    assert secret.num_rows == 1


def test_block_that_raises_writes_nothing(store: DuckStore) -> None:
    database = store._database

    def write_and_fail(sql: str) -> None:
        with database.writing() as session:
            session.insert("events", {"study_id": "st1", "kind": "k", "payload": "{}", "created_at": "2026-01-01"})
            session.execute(sql)

    with pytest.raises(KeyError, match="missing"):
        write_and_fail("SELECT $missing")
    with pytest.raises(StoreError, match="nowhere"):
        write_and_fail("SELECT * FROM nowhere")
    assert store.latest("st1", "k") is None
    store.record("st1", "k", {"n": 1})  # and the lock is free
    assert store.latest("st1", "k") == {"n": 1}


def test_reading_session_sees_one_moment_and_cannot_write(filled: DuckStore) -> None:
    with filled._database.reading() as session:
        before = session.rows("SELECT count(*) AS n FROM events")
        filled.record(STUDY_ID, "k", {})
        assert session.rows("SELECT count(*) AS n FROM events") == before
    with pytest.raises(StoreError), filled._database.reading() as session:
        session.execute("DELETE FROM events")


def test_threads_that_read_and_write_get_their_own_answers(filled: DuckStore) -> None:
    rounds = 12
    pages = {tau: filled.unknowns.page(UnknownFilter(BASELINE_ID, tau)) for tau in (0.6, 0.7, 0.8, 0.9)}
    examples = filled.examples.page(STUDY_ID, Split.TRAIN, limit=40)

    def read_page(tau: float) -> Callable[[], None]:
        def work() -> None:
            for _ in range(rounds):
                found = filled.unknowns.page(UnknownFilter(BASELINE_ID, tau))
                assert [one.item_id for one in found.rows] == [one.item_id for one in pages[tau].rows]
                assert found.total == pages[tau].total

        return work

    def read_examples() -> None:
        for _ in range(rounds):
            assert filled.examples.page(STUDY_ID, Split.TRAIN, limit=40) == examples

    def write(name: int) -> Callable[[], None]:
        def work() -> None:
            for n in range(rounds):
                filled.samples.add([make_sample(f"t{name}-{n}", "h-lm", text=(f"written by {name}, {n}",))])
                assert filled.samples.get(f"t{name}-{n}").sample.text == (f"written by {name}, {n}",)
                filled.judgements.add(make_judgement(f"item{name}", Verdict.YES, at=n))

        return work

    assert in_threads(*map(read_page, pages), read_examples, *map(write, range(4))) == []
    assert filled.samples.page(STUDY_ID, SampleFilter(search="written by")).total == 4 * rounds
    judgements = filled._database.rows("SELECT item_id, count(*) AS n FROM judgements GROUP BY ALL")
    assert [row["n"] for row in judgements if row["item_id"].startswith("item")] == [rounds] * 4


def test_close_waits_for_writers_stops_readers_and_refuses_the_late(filled: DuckStore, database: Path) -> None:
    written: list[int] = []
    started = threading.Barrier(3)

    def write() -> None:
        started.wait()
        for n in range(100_000):
            filled.record(STUDY_ID, "tick", {"n": n})
            written.append(n)

    def read() -> None:
        started.wait()
        filled._database.rows("SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range + b.range = -1")

    def close() -> None:
        started.wait()
        time.sleep(0.3)
        filled.close()

    errors = in_threads(write, read, close)
    assert len(errors) == 2
    assert sum("is closed; start the workbench again" in str(error) for error in errors) == 1
    filled.close()  # a second time is harmless
    with pytest.raises(StoreError, match="is closed"):
        filled.studies.all()
    again = open_store(database)
    latest = again.latest(STUDY_ID, "tick")
    again.close()
    assert latest == {"n": written[-1]}


def test_database_without_a_folder_makes_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deeper" / "workbench.duckdb"
    Database(path).close()
    assert path.exists()
