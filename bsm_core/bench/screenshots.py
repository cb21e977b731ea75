"""The pictures of the README, taken of a workspace in which a preset has been run."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bsm_core.bench.running_app import browser_page, running_app, settled
from bsm_core.config import Settings
from bsm_core.errors import WorkbenchError

PICTURES = ("browse", "compare")


def run(settings: Settings, folder: Path, pages: Sequence[str] = PICTURES) -> None:
    """Write ``<folder>/<page>.png``, 1400 x 900, of the workspace's first study. Each page must show a chart.

    Raises WorkbenchError when there is no workspace.
    """
    if not settings.database.exists():
        raise WorkbenchError(
            f"there is no workspace in {settings.workspace}; run `make demo` first, or name one with --workspace"
        )
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bsm-screenshots-") as log,
        running_app(settings.workspace, Path(log) / "app.log") as app,
        browser_page() as page,
    ):
        for name in pages:
            _take(page, app.url, name, folder / f"{name}.png")


def _take(page: Any, url: str, name: str, path: Path) -> None:
    page.goto(f"{url}/{name}")
    page.locator(".js-plotly-plot").first.wait_for(timeout=60_000)
    settled(page)
    if name == "browse":  # a perturbed text shows what a diff looks like
        page.get_by_text("perturbed", exact=True).first.click()
        page.get_by_text("perturbed by").first.wait_for(timeout=60_000)
        settled(page)
    page.wait_for_timeout(1_000)  # fonts and the chart's own drawing
    page.screenshot(path=str(path))
    print(f"written: {path}")
