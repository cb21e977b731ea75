"""Figures as PNG, SVG and PDF, drawn by kaleido with a Chromium of this machine.

In a process of its own, so that neither the libraries nor the browser live in whoever asks: ``python -m
bsm_core.charts.images JOB`` reads what to draw from a file.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import plotly.graph_objects as go

from bsm_core.errors import DrawingError

WIDTH, SCALE = 860, 2
SECONDS = 60
"""To start the browser, and as much again for every figure."""
_PROJECT = Path(__file__).resolve().parents[2]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


class ImageFormat(StrEnum):
    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


def browser() -> str:
    """BSM_CHROMIUM, else the first Chromium or Chrome on the path. Raises DrawingError with the remedy."""
    named = os.environ.get("BSM_CHROMIUM")
    if named and not Path(named).is_file():
        raise DrawingError(f"BSM_CHROMIUM names {named!r}, which is no file; name a Chromium or Chrome")
    found = named or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise DrawingError(
            "PNG, SVG and PDF are drawn by a browser, and there is none: `apt install chromium`, or name one in "
            "BSM_CHROMIUM. The HTML report has its figures without"
        )
    return found


def write_images(
    figures: Sequence[tuple[str, str, go.Figure]], folder: Path, formats: Sequence[ImageFormat] = tuple(ImageFormat)
) -> list[Path]:
    """``figures`` are (file name without ending, title, figure). On white, dark letters, for print.

    Raises DrawingError without a browser, or with what the browser said.
    """
    chromium = browser()
    wanted = [
        {"name": f"{name}.{kind}", "format": kind.value, "figure": json.loads(_for_print(figure, title).to_json())}
        for name, title, figure in figures
        for kind in formats
    ]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        job = Path(scratch) / "job.json"
        job.write_text(
            json.dumps({"chromium": chromium, "folder": str(folder.resolve()), "wanted": wanted}), encoding="utf-8"
        )
        command = [sys.executable, "-m", "bsm_core.charts.images", str(job)]
        limit = SECONDS * (1 + len(wanted))
        try:
            done = subprocess.run(command, cwd=_PROJECT, capture_output=True, text=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired as error:
            raise DrawingError(f"{chromium} did not draw {len(wanted)} figures within {limit} s; try again") from error
    paths = [folder / str(one["name"]) for one in wanted]
    missing = [path.name for path in paths if not path.is_file()]
    if done.returncode or missing:
        said = " ".join(done.stderr.split())[-600:] or "nothing"
        raise DrawingError(f"{chromium} could not draw {', '.join(missing) or 'the figures'}; it said: {said}")
    return paths


def _for_print(figure: go.Figure, title: str) -> go.Figure:
    """The same figure with its title, on white. The one that was given stays as it is."""
    margin = figure.layout.margin
    height = figure.layout.height or 300
    return go.Figure(figure).update_layout(
        title={"text": title, "x": 0.01, "y": 0.98, "yanchor": "top", "font": {"size": 15}},
        template="none",
        font={"family": "Liberation Sans, Arial, sans-serif", "size": 12, "color": "#1b2027"},
        paper_bgcolor="#ffffff",
        plot_bgcolor="#ffffff",
        width=WIDTH,
        height=height + 52,
        margin={"l": margin.l or 8, "r": 24, "t": (margin.t or 28) + 44, "b": (margin.b or 8) + 8},
    )


def _draw(job: Path) -> None:
    """In the process of its own."""
    import kaleido

    told = json.loads(job.read_text(encoding="utf-8"))
    folder = Path(told["folder"])
    figures = [
        {
            "fig": one["figure"],
            "path": str(folder / one["name"]),
            "opts": {"format": one["format"], "scale": SCALE if one["format"] == ImageFormat.PNG else 1},
        }
        for one in told["wanted"]
    ]
    kaleido.write_fig_from_object_sync(figures, kopts={"path": told["chromium"], "n": 1, "mathjax": False})


if __name__ == "__main__":
    _draw(Path(sys.argv[1]))
