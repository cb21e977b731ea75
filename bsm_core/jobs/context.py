"""What a job sees of the world: its folders, the wish to stop, and a place to say how far it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from bsm_core.errors import JobCancelledError
from bsm_core.jobs.events import Event, EventLog, make_event
from bsm_core.jobs.folder import JobFolder

_PROGRESS_INTERVAL = 0.2
"""Seconds between two progress events; a loop may report far more often."""


class StopSignal:
    """SIGTERM, turned into the same end as the cancel marker. ``armed`` while the handler runs: only then may the
    signal break into the code; before and after, it waits for the next ``check_cancelled``."""

    def __init__(self) -> None:
        self.received = False
        self.armed = False

    def __call__(self, *_: object) -> None:
        """The signal handler."""
        self.received = True
        if self.armed:
            self.armed = False  # once: a second signal must not break into the clearing up
            raise JobCancelledError("the worker was told to stop (SIGTERM)")


class FolderContext:
    """The JobContext of ports.py on a job folder. Safe to call from several threads.

    ``on_event`` sees each event as it is written.
    """

    def __init__(
        self, folder: JobFolder, on_event: Callable[[Event], None] | None = None, stop: StopSignal | None = None
    ) -> None:
        self._job = folder
        self._on_event = on_event
        self._stop = stop or StopSignal()
        # Reentrant, since a signal may break in while the lock is held, and the clearing up writes again.
        self._lock = threading.RLock()
        self._log = EventLog(folder.events)
        self._pending: Event | None = None
        self._phase: str | None = None
        self._progress_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with self._lock:
                self._flush()
        finally:
            self._log.close()

    @property
    def folder(self) -> Path:
        return self._job.path

    @property
    def inputs(self) -> Path:
        return self._job.inputs

    @property
    def partial(self) -> Path:
        return self._job.partial

    @property
    def result(self) -> Path:
        return self._job.draft

    def check_cancelled(self) -> None:
        if self._stop.received or self._job.cancel.exists():
            raise JobCancelledError("the job was cancelled; its work so far is kept")
        if not self._job.path.exists():
            raise JobCancelledError(f"the job's folder {self._job.path} was deleted")

    def progress(self, phase: str, done: int, total: int) -> None:
        """Written at most five times a second, but always when a phase begins or ends."""
        event = make_event("progress", phase=phase, done=done, total=total)
        with self._lock:
            begins = phase != self._phase
            if begins:
                self._flush()
            if begins or done >= total or time.monotonic() - self._progress_at >= _PROGRESS_INTERVAL:
                self._phase, self._progress_at, self._pending = phase, time.monotonic(), None
                self._write(event)
            else:
                self._pending = event

    def log(self, message: str) -> None:
        self._append(make_event("log", message=message))

    def metric(self, name: str, step: int, value: float) -> None:
        self._append(make_event("metric", name=name, step=int(step), value=float(value)))

    def started(self, device: str) -> None:
        self._append(make_event("started", device=device))

    def _append(self, event: Event) -> None:
        with self._lock:
            self._write(event)

    def _flush(self) -> None:
        if self._pending is not None:
            event, self._pending = self._pending, None
            self._write(event)

    def _write(self, event: Event) -> None:
        self._log.append(event)
        if self._on_event is not None:
            self._on_event(event)
