"""From the browser's input event to the frame in which everything that had to change is on the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bsm_core.bench.running_app import settled
from bsm_core.errors import WorkbenchError

_LONGEST_SECONDS = 30

# Armed before the input. The clock starts with the event's own time stamp, so that waiting for a busy page counts. It
# stops a frame after the first one in which every watched text differs from what it was, the script's run is over and
# nothing on the page is stale: what was drawn last is painted by then.
_ARM = """([watched, events]) => {
  const app = document.querySelector("[data-testid='stApp']");
  const drawn = (canvas) => {
    if (!canvas) return "";  // between one grid and the next
    const pixels = canvas.getContext("2d").getImageData(60, 36, 180, 36).data;
    let sum = 0, ink = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      sum = (sum * 31 + pixels[i]) % 1000003;
      ink += pixels[i] + pixels[i + 1] + pixels[i + 2] < 300;
    }
    return ink > 30 ? String(sum) : "";
  };
  const read = (one) => {
    if (one.canvas) return drawn(document.querySelector(one.selector));
    const found = [...document.querySelectorAll(one.selector)].map(e => e.textContent);
    return found.find(text => new RegExp(one.pattern).test(text)) ?? "";
  };
  const before = watched.map(read);
  window.__paint = new Promise((resolve) => {
    let start = null;
    const begin = (event) => { if (start === null) start = event.timeStamp; };
    for (const name of events) addEventListener(name, begin, {capture: true, once: true});
    const look = () => {
      const done = start !== null
        && app.getAttribute("data-test-script-state") === "notRunning"
        && !document.querySelector('[data-stale="true"]')
        && watched.every((one, place) => ![before[place], ""].includes(read(one)));
      if (done) requestAnimationFrame(() => resolve(performance.now() - start));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}"""

_WAIT = """(milliseconds) => Promise.race([
  window.__paint, new Promise(resolve => setTimeout(() => resolve(null), milliseconds))
])"""


@dataclass(frozen=True, slots=True)
class Watched:
    """The first element by a CSS ``selector`` whose text fits ``pattern``, a regular expression of the browser.

    Or the first row of a grid, which is a ``canvas``: its pixels, once there is dark ink among them.
    """

    selector: str
    pattern: str = "."
    canvas: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds from input to paint."""

    action: str
    median: float
    p95: float
    worst: float
    rounds: int


@dataclass(frozen=True, slots=True)
class Action:
    """``act(page, round)`` is the input; ``prepare`` comes before it and is not timed. All ``watched`` must change."""

    name: str
    act: Callable[[Any, int], None]
    watched: Sequence[Watched]
    prepare: Callable[[Any, int], None] | None = None
    events: Sequence[str] = ("pointerup", "keydown")


def measure(page: Any, action: Action, rounds: int, warm_up: int = 3) -> Timing:
    """Raises WorkbenchError when what is watched does not change: then nothing was measured."""
    seen = []
    for number in range(warm_up + rounds):
        if action.prepare is not None:
            action.prepare(page, number)
            _rested(page)
        page.evaluate(_ARM, [[asdict(watched) for watched in action.watched], action.events])
        action.act(page, number)
        milliseconds = page.evaluate(_WAIT, _LONGEST_SECONDS * 1000)
        if milliseconds is None:
            raise WorkbenchError(f"{action.name!r} changed nothing that is watched within {_LONGEST_SECONDS} s")
        seen.append(milliseconds)
        _rested(page)
    kept = np.asarray(seen[warm_up:])
    return Timing(action.name, float(np.median(kept)), float(np.percentile(kept, 95)), float(kept.max()), rounds)


def _rested(page: Any) -> None:
    """A visitor looks before the next click: without a pause, late drawing would count for the next round."""
    page.wait_for_timeout(150)
    settled(page)
