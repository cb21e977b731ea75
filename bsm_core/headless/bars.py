"""Progress on a terminal: one bar a phase, and lines that leave the bars whole."""

from __future__ import annotations

import sys

from tqdm import tqdm

from bsm_core.domain.jobs import JobSpec


def say(message: str) -> None:
    tqdm.write(message, file=sys.stderr)


class ProgressBars:
    """One bar a phase on stderr, from the jobs' events."""

    def __init__(self) -> None:
        self._bar: tqdm | None = None
        self._key: tuple[str, str] | None = None

    def __call__(self, spec: JobSpec, event: dict[str, object]) -> None:
        if event.get("type") == "log":
            say(f"  {event.get('message')}")
        if event.get("type") != "progress":
            return
        key = (spec.job_id, str(event["phase"]))
        total, done = int(str(event["total"])), int(str(event["done"]))
        if key != self._key:
            self.close()
            self._bar = tqdm(total=total, desc=f"{spec.title}: {key[1]}", file=sys.stderr, dynamic_ncols=True)
            self._key = key
        if self._bar is not None:
            self._bar.total = total
            self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
