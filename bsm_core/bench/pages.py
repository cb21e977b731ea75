"""Click to paint on the Browse and the Samples page over a large study, in headless Chromium."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tabulate import tabulate

from bsm_core.bench.big_curation import add_curation
from bsm_core.bench.big_study import STUDY_ID, make_big_study
from bsm_core.bench.running_app import browser_page, running_app, settled
from bsm_core.bench.stopwatch import Action, Timing, Watched, measure

ROUNDS = 30
SAMPLES = 2_000

_LISTED = Watched("[data-testid='stCaptionContainer']", r" of [0-9,]+ texts")
_OPEN = Watched("[data-testid='stCaptionContainer']", r"^[0-9,]+ of [0-9,]+$")
_QUEUE = Watched("[data-testid='stCaptionContainer']", r"^[0-9,]+ of [0-9,]+ · [0-9,]+ open$")
_UNKNOWNS = Watched("[data-testid='stMarkdownContainer']", r"^[0-9,]+ unknown unknown")
_JUDGED = Watched(".stMarkdownBadge", r"^[0-9,]+ judged")
_CHART_TAU = Watched(".js-plotly-plot .annotation-text", "^tau")
_FIRST_ROW = Watched("canvas[data-testid='data-grid-canvas']", canvas=True)
"""Its text for screen readers would not do: it follows the canvas a fifth of a second later."""
_TEXT = Watched(".bsm-text")

_ROW_HEIGHT = 36

_BARE = """import streamlit as st

@st.fragment
def counter():
    st.session_state.setdefault("n", 0)
    if st.button("count"):
        st.session_state["n"] += 1
    st.caption(f"{st.session_state['n']} of all")

counter()
"""
"""The least that Streamlit does between a click and its paint: what our page does is told in multiples of it."""


def run(rows: int, json_path: Path | None, rounds: int = ROUNDS, samples: int = SAMPLES) -> None:
    """Print the timings of what a visitor does most on Browse, over ``rows`` predictions, and on Samples, over
    ``samples``; write them to ``json_path``.

    Each round asks what was not asked before, so that nothing is answered from memory that would not be for a visitor.
    """
    load = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(prefix="bsm-bench-") as folder:
        workspace = Path(folder)
        print(f"making a study of {rows:,} predictions ...", flush=True)
        make_big_study(workspace / "workbench.duckdb", rows)
        add_curation(workspace / "workbench.duckdb", samples)
        with browser_page() as page:
            bare = _measure_bare(page, workspace, rounds)
            with running_app(workspace, workspace / "app.log") as app:
                _open(page, app.url)
                timings = [measure(page, action, rounds) for action in _actions()]
                _open_samples(page, app.url)
                timings += [measure(page, action, rounds) for action in _curating()]
    load.append(os.getloadavg()[0])
    _tell(timings, bare, rows, load)
    if json_path is not None:
        body = {
            "rows": rows,
            "processors": os.cpu_count(),
            "load": load,
            "bare": asdict(bare),
            "timings": [asdict(timing) for timing in timings],
        }
        json_path.write_text(json.dumps(body, indent=2) + "\n", "utf-8")


def _tell(timings: list[Timing], bare: Timing, rows: int, load: list[float]) -> None:
    print(
        tabulate(
            [
                [t.action, f"{t.median:.0f}", f"{t.p95:.0f}", f"{t.worst:.0f}", f"{t.median / bare.median:.1f}"]
                for t in [*timings, bare]
            ],
            ["input to paint, ms", "median", "p95", "worst", "x bare"],
            colalign=("left", "right", "right", "right", "right"),
        )
    )
    print(
        f"{bare.rounds} rounds each over {rows:,} predictions; headless Chromium, {os.cpu_count()} processors "
        f"({platform.machine()}), load {load[0]:.1f} before and {load[1]:.1f} after"
    )


def _measure_bare(page: Any, workspace: Path, rounds: int) -> Timing:
    script = workspace / "bare.py"
    script.write_text(_BARE, "utf-8")
    counted = Watched("[data-testid='stCaptionContainer']", " of all$")
    action = Action("bare fragment", lambda page, _: page.get_by_role("button", name="count").click(), [counted])
    with running_app(workspace, workspace / "bare.log", script=script) as app:
        page.goto(app.url)
        page.get_by_text("0 of all").wait_for(timeout=60_000)
        return measure(page, action, rounds)


def _open(page: Any, url: str) -> None:
    page.goto(f"{url}/browse?study={STUDY_ID}")
    page.locator("[data-testid='glide-cell-2-0']").wait_for(state="attached", timeout=60_000)
    page.locator(".js-plotly-plot .annotation-text").wait_for(timeout=60_000)
    page.wait_for_timeout(1000)  # until nothing moves any more: a click on a moving button misses
    settled(page)


def _actions() -> list[Action]:
    origins = ("natural", "perturbed")
    return [
        Action("next page", lambda page, _: page.get_by_test_id("stPaginationNext").click(), [_LISTED, _FIRST_ROW]),
        Action("open a row", _click_row, [_OPEN, _TEXT]),
        Action("next text (J)", lambda page, _: page.keyboard.press("j"), [_OPEN, _TEXT]),
        Action("judge (Y)", lambda page, _: page.keyboard.press("y"), [_JUDGED], prepare=_judge_one_and_go_on),
        Action("move tau", lambda page, n: _press_slider(page, _sway(n)), [_UNKNOWNS, _LISTED, _CHART_TAU]),
        Action(
            "filter by origin",
            lambda page, n: page.get_by_role("radio", name=origins[n % 2]).click(),
            [_UNKNOWNS, _LISTED],
            # At a tau where this origin was not counted before.
            prepare=lambda page, _: _press_slider(page, "ArrowLeft"),
        ),
        Action("search, a letter more", _type_letter, [_UNKNOWNS, _LISTED], events=["input"]),
    ]


def _open_samples(page: Any, url: str) -> None:
    page.goto(f"{url}/samples?study={STUDY_ID}")
    page.locator(".st-key-sample-skip").first.wait_for(timeout=60_000)
    page.locator("[data-testid='glide-cell-2-0']").wait_for(state="attached", timeout=60_000)
    page.wait_for_timeout(1000)
    settled(page)


def _curating() -> list[Action]:
    """A decision is stored, and the next open sample is there to be read."""
    return [
        Action("next sample (J)", lambda page, _: page.keyboard.press("j"), [_QUEUE, _TEXT]),
        Action("approve, next comes (A)", lambda page, _: page.keyboard.press("a"), [_QUEUE, _TEXT]),
        Action("reject for a reason (2)", lambda page, _: page.keyboard.press("2"), [_QUEUE, _TEXT]),
        Action("undo (Z)", lambda page, _: page.keyboard.press("z"), [_QUEUE, _TEXT]),
    ]


def _sway(number: int) -> str:  # the slider has 35 steps from 0.65 to 1, and more rounds may be asked for
    return "ArrowRight" if number % 66 < 33 else "ArrowLeft"


def _click_row(page: Any, number: int) -> None:
    page.locator(".dvn-scroller").first.click(position={"x": 150, "y": _ROW_HEIGHT * (1.5 + (number + 1) % 8)})


def _judge_one_and_go_on(page: Any, number: int) -> None:
    if number == 0:  # before the first verdict there is no count of verdicts to watch
        page.keyboard.press("y")
        page.get_by_text("1 judged").first.wait_for()
    page.keyboard.press("j")


def _press_slider(page: Any, key: str) -> None:
    thumb = page.get_by_role("slider", name="Tau")
    thumb.focus()
    thumb.press(key)


# Of the words in big_study: each letter more leaves fewer texts.
_TYPED = ("win", "sce", "cha", "tea", "lau", "sil", "rai", "rea", "end")


def _type_letter(page: Any, number: int) -> None:
    """A word letter by letter, and then nothing again."""
    word, place = _TYPED[number // 4 % len(_TYPED)], number % 4
    box = page.get_by_test_id("stTextInputField")
    box.focus()
    if place < len(word):
        box.press(word[place])
    else:
        box.press("Control+a")
        box.press("Delete")
