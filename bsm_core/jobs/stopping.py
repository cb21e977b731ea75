"""Ending a worker that was asked to stop: asked first, then told, then killed, all within five seconds."""

from __future__ import annotations

import signal
import time

from bsm_core.jobs.folder import JobFolder

TOLD_AFTER = 2.5
"""Seconds from the cancel marker to SIGTERM, for workers that do not look at the marker."""
KILLED_AFTER = 4.0
"""Seconds from the cancel marker to SIGKILL."""
_GRACE = 0.5
"""Seconds between the two at least, when the marker is already old (it was left by a server that died)."""


def stop_worker(folder: JobFolder) -> None:
    """See a worker off whose job has a ``cancel`` marker. Blocks for up to 4 s: call it in a thread.

    Afterwards the job is CANCELLED, unless it ended in another way first. A job that runs inline is only asked.
    """
    worker = folder.read_worker()
    if worker is None:
        return  # nobody has claimed the job; the marker alone makes it cancelled
    age = max(0.0, time.time() - _asked_at(folder))
    if not worker.wait(TOLD_AFTER - age):
        worker.send(signal.SIGTERM)
        if not worker.wait(max(_GRACE, KILLED_AFTER - max(age, TOLD_AFTER))):
            worker.send(signal.SIGKILL)
    worker.send(signal.SIGKILL)  # what it may have left running


def _asked_at(folder: JobFolder) -> float:
    try:
        return folder.cancel.stat().st_mtime
    except FileNotFoundError:
        return time.time()  # resumed in this moment
