"""Click to paint on the Browse page over a large study, in headless Chromium."""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

from bsm_core.bench.big_study import STUDY_ID, make_big_study
from bsm_core.bench.running_app import browser_page, running_app, settled

ROUNDS = 30
_WARM_UP = 3

# From the moment the browser sees the click or key to the first frame after the list's caption ("1-12 of 512 texts")
# has changed and Streamlit has nothing stale left on the page.
_WATCH = """() => {
  const app = document.querySelector("[data-testid='stApp']");
  const caption = () => [...document.querySelectorAll("[data-testid='stCaptionContainer']")]
    .map(e => e.innerText).find(t => / of [0-9,]+ texts/.test(t)) || "";
  const before = caption();
  window.__paint = new Promise((resolve) => {
    let start = null;
    const begin = () => { if (start === null) start = performance.now(); };
    for (const name of ["pointerup", "keydown", "input"]) addEventListener(name, begin, {capture: true, once: true});
    const look = () => {
      const done = start !== null && caption() !== before
        && app.getAttribute("data-test-script-state") === "notRunning"
        && !document.querySelector('[data-stale="true"]');
      if (done) requestAnimationFrame(() => resolve(performance.now() - start));
      else requestAnimationFrame(look);
    };
    look();
  });
}"""


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds from click to paint."""

    action: str
    median: float
    p95: float
    worst: float
    rounds: int


def run(rows: int, json_path: Path | None) -> None:
    """Print the timings of next page, filter and tau over ``rows`` predictions; write them to ``json_path``."""
    with tempfile.TemporaryDirectory(prefix="bsm-bench-") as folder:
        workspace = Path(folder)
        print(f"making a study of {rows:,} predictions ...", flush=True)
        make_big_study(workspace / "workbench.duckdb", rows)
        with running_app(workspace, workspace / "app.log") as app, browser_page() as page:
            timings = _measure(page, app.url)
    print(
        tabulate(
            [[t.action, f"{t.median:.0f}", f"{t.p95:.0f}", f"{t.worst:.0f}"] for t in timings],
            ["click to paint, ms", "median", "p95", "worst"],
            colalign=("left", "right", "right", "right"),
        )
    )
    print(f"{ROUNDS} rounds each over {rows:,} predictions; headless Chromium on {platform.machine()}")
    if json_path is not None:
        body = {"rows": rows, "timings": [asdict(timing) for timing in timings]}
        json_path.write_text(json.dumps(body, indent=2) + "\n", "utf-8")


def _measure(page: Any, url: str) -> list[Timing]:
    page.goto(f"{url}/browse?study={STUDY_ID}")
    page.get_by_text("unknown unknowns").first.wait_for(timeout=60_000)
    settled(page)
    return [
        _time(page, "next page", lambda _: page.get_by_test_id("stPagination").get_by_label("Next").click()),
        _time(
            page, "filter by origin", lambda n: page.get_by_text(("natural", "perturbed")[n % 2], exact=True).click()
        ),
        _time(page, "move tau", lambda n: _press_slider(page, ("ArrowRight", "ArrowLeft")[n % 2])),
    ]


def _press_slider(page: Any, key: str) -> None:
    thumb = page.get_by_role("slider").first
    thumb.focus()
    thumb.press(key)


def _time(page: Any, action: str, act: Callable[[int], None]) -> Timing:
    seen = []
    for number in range(_WARM_UP + ROUNDS):
        page.evaluate(_WATCH)
        act(number)
        seen.append(page.evaluate("() => window.__paint"))
        settled(page)
    kept = np.asarray(seen[_WARM_UP:])
    return Timing(action, float(np.median(kept)), float(np.percentile(kept, 95)), float(kept.max()), ROUNDS)
