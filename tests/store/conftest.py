"""Stores on a real DuckDB file: an empty one, and one with a whole study."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bsm_core.store import DuckStore, open_store
from tests.factories import make_filled_store


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "workbench.duckdb"


@pytest.fixture
def store(database: Path) -> Iterator[DuckStore]:
    opened = open_store(database)
    yield opened
    opened.close()


@pytest.fixture
def filled(database: Path) -> Iterator[DuckStore]:
    opened = make_filled_store(database)
    yield opened
    opened.close()
