"""``events.jsonl``: appended to by the worker, read little by little by the server.

One JSON object a line: ``t`` (ISO time), ``type``, and by type: ``started`` {device}, which is BSM_DEVICE or empty,
``progress`` {phase, done, total}, ``log`` {message}, ``metric`` {name, step, value}.
"""

from __future__ import annotations

import json
import os
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bsm_core.domain.jobs import JobMetric

Event = dict[str, Any]

LOG_LINES = 200
CURVE_POINTS = 500


def make_event(type_: str, **values: object) -> Event:
    return {"t": datetime.now(UTC).isoformat(timespec="milliseconds"), "type": type_, **values}


class EventLog:
    """Appends events, each with one write, so that a kill can tear the last line only."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab+", buffering=0)
        self._torn = _ends_torn(path)

    def append(self, event: Event) -> None:
        """Raises OSError when the disk is full."""
        line = json.dumps(event).encode() + b"\n"
        if self._torn:
            line = b"\n" + line
        self._torn = True
        rest = memoryview(line)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._torn = False

    def close(self) -> None:
        self._file.close()


def append_event(path: Path, event: Event) -> None:
    """Append one event to a log that nobody else has open."""
    log = EventLog(path)
    try:
        log.append(event)
    finally:
        log.close()


def _ends_torn(path: Path) -> bool:
    """Whether a kill in mid-write left the last line without its end."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


class Curve:
    """The points of one metric, thinned to at most CURVE_POINTS: every ``stride``-th and the newest."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._kept: list[JobMetric] = []
        self._last: JobMetric | None = None
        self._count = 0
        self._stride = 1

    def add(self, step: int, value: float) -> None:
        if self._last is not None and step <= self._last.step:
            self._forget_from(step)  # resumed from a checkpoint: these steps are done again
        self._last = JobMetric(self._name, step, value)
        if self._count % self._stride == 0:
            self._kept.append(self._last)
        self._count += 1
        if len(self._kept) >= CURVE_POINTS:
            self._kept = self._kept[::2]
            self._stride *= 2

    def _forget_from(self, step: int) -> None:
        self._kept = [point for point in self._kept if point.step < step]
        self._count = len(self._kept) * self._stride

    def points(self) -> list[JobMetric]:
        if self._last is None or (self._kept and self._kept[-1] is self._last):
            return self._kept
        return [*self._kept, self._last]


class JobHistory:
    """What the events say so far. ``refresh`` reads only what has been appended since the last time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._curves: dict[str, Curve] = {}
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self.phase = ""
        self.done = 0
        self.total = 0
        self.device = ""
        self.phase_from = 0
        self.phase_at: datetime | None = None
        self.started: datetime | None = None
        self.latest: datetime | None = None

    @property
    def log(self) -> tuple[str, ...]:
        return tuple(self._log)

    @property
    def metrics(self) -> tuple[JobMetric, ...]:
        return tuple(point for curve in self._curves.values() for point in curve.points())

    def refresh(self) -> None:
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return  # no worker has written yet
        with file:
            file.seek(self._offset)
            new = file.read()
        whole, newline, _ = new.rpartition(b"\n")  # the line being written now is left for the next time
        self._offset += len(whole) + len(newline)
        for line in whole.splitlines():
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            event = json.loads(line)
            moment = datetime.fromisoformat(event["t"])
            self._apply(event, moment)
        except (ValueError, KeyError, TypeError):
            return  # torn by a kill in mid-write: the step it told of is done again, or told again, on resume
        self.latest = moment

    def _apply(self, event: Event, moment: datetime) -> None:
        match event["type"]:
            case "started":
                self.started, self.device = moment, str(event["device"])
                self.phase, self.done, self.total = "", 0, 0
            case "progress":
                if str(event["phase"]) != self.phase:
                    self.phase_from, self.phase_at = int(event["done"]), moment
                self.phase, self.done, self.total = str(event["phase"]), int(event["done"]), int(event["total"])
            case "log":
                self._log.append(str(event["message"]))
            case "metric":
                name = str(event["name"])
                self._curves.setdefault(name, Curve(name)).add(int(event["step"]), float(event["value"]))

    def seconds(self, running: bool) -> float:
        """Since the worker started: up to now while it runs, else up to its last word."""
        return self._since(self.started, running)

    def phase_seconds(self, running: bool) -> float:
        """Since this worker began the present phase."""
        return self._since(self.phase_at, running)

    def _since(self, start: datetime | None, running: bool) -> float:
        end = datetime.now(UTC) if running else self.latest
        if start is None or end is None:
            return 0.0
        return max(0.0, (end - start).total_seconds())
