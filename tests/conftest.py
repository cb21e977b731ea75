"""What every test gets: a workspace of its own, and no browser test without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from bsm_core.bench.running_app import find_chromium

_SETTINGS = (
    "BSM_DEVICE",
    "BSM_PRECISION",
    "BSM_FIRST_STUDY",
    "BSM_TEACHER_ENDPOINT",
    "BSM_TEACHER_MODEL",
    "OPENAI_API_KEY",
)


@pytest.fixture(autouse=True)
def _own_workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads or writes the user's own workspace, settings or key."""
    monkeypatch.setenv("BSM_WORKSPACE", str(tmp_path / "workspace"))
    for name in _SETTINGS:
        monkeypatch.delenv(name, raising=False)


def pytest_runtest_setup(item: pytest.Item) -> None:
    # Skipped from here and not by a marker, so that the report has one line for all of them.
    if item.get_closest_marker("browser") and find_chromium() is None:
        pytest.skip("no Chromium: `apt install chromium`, or name one in BSM_CHROMIUM")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; only for tests marked ``browser``."""
    path = find_chromium()
    assert path, "mark this test with `browser`"
    return path
