"""Files that cannot be read: a clear error, and nothing made worse."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bsm_core.errors import StoreError, WorkspaceCorruptError
from bsm_core.store import open_store
from tests.factories import STUDY_ID, make_filled_store

ROOT = Path(__file__).resolve().parents[2]


def flip(content: bytes, start: int, stop: int) -> bytes:
    return content[:start] + bytes(byte ^ 255 for byte in content[start:stop]) + content[stop:]


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"this is no database" * 1000,
        lambda _: b"",
        lambda content: content[:100] + bytes(5000) + content[5100:],
        lambda content: flip(content, 20_000, 60_000),
        lambda content: content[:9000],
        lambda content: content[: len(content) // 2],
    ],
    ids=["text", "empty", "header zeroed", "bits flipped", "header cut", "half"],
)
def test_damaged_file_is_reported_with_a_remedy_and_left_as_it_is(
    database: Path, damage: Callable[[bytes], bytes]
) -> None:
    make_filled_store(database).close()
    content = damage(database.read_bytes())
    database.write_bytes(content)
    for _ in range(2):  # the guard is free again after the first
        with pytest.raises(WorkspaceCorruptError, match=r"is damaged .* move it and .*wal away .* or put a backup"):
            open_store(database)
    assert database.read_bytes() == content
    assert sorted(path.name for path in database.parent.glob("workbench*")) == [database.name, database.name + ".lock"]


def test_damage_in_the_log_is_reported_and_neither_file_touched(database: Path) -> None:
    make_filled_store(database).close()
    code = (
        "import os, sys; from pathlib import Path; from bsm_core.store import open_store\n"
        "store = open_store(Path(sys.argv[1]))\n"
        "for n in range(50): store.studies.set_tau('st-reviews', 0.6 + n / 1000)\n"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(database)], cwd=ROOT, check=True, timeout=60)
    log = database.with_name(database.name + ".wal")
    good = log.read_bytes()
    inside = good.index(b'"tau"', len(good) // 2)
    log.write_bytes(flip(good, inside, inside + 1))
    before = database.read_bytes(), log.read_bytes()
    with pytest.raises(WorkspaceCorruptError, match="is damaged"):
        open_store(database)
    assert (database.read_bytes(), log.read_bytes()) == before
    log.write_bytes(good)
    store = open_store(database)
    assert store.studies.get(STUDY_ID).tau == pytest.approx(0.649)
    store.close()


def test_folder_in_place_of_the_file_is_refused(database: Path) -> None:
    database.mkdir()
    with pytest.raises(StoreError, match="could not be read or written"):
        open_store(database)


def test_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="choose another --workspace"):
        open_store(tmp_path / "file" / "workspace" / "workbench.duckdb")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_without_write_permission_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "sealed"
    folder.mkdir(mode=0o500)
    with pytest.raises(StoreError, match="choose a folder you can write to"):
        open_store(folder / "workbench.duckdb")
