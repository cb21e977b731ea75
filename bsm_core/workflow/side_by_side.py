"""Waiting for several answers at once, in a job that can be cancelled while it waits."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from bsm_core.errors import JobError, WorkbenchError
from bsm_core.ports import JobContext

Unit = TypeVar("Unit")
_POLL = 0.2


def side_by_side(
    context: JobContext,
    units: Sequence[Unit],
    work: Callable[[Unit, threading.Event], None],
    *,
    at_once: int,
    grace: float = 0.0,
) -> None:
    """``work`` each of ``units`` in ``at_once`` threads. Its second argument is set when it should stop.

    The first WorkbenchError of a thread is raised, and JobCancelledError within moments of a cancellation. What is
    under way then gets ``grace`` seconds to end; it may live on after that. An error of the program is a JobError.
    """
    waiting: queue.SimpleQueue[Unit] = queue.SimpleQueue()
    for unit in units:
        waiting.put(unit)
    results: queue.SimpleQueue[WorkbenchError | bool] = queue.SimpleQueue()
    stop = threading.Event()
    # Daemons: a cancelled job must not wait for an answer that may take a minute.
    threads = [
        threading.Thread(target=_labor, args=(work, waiting, results, stop), daemon=True)
        for _ in range(min(at_once, len(units)))
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in units:
            _await_one(context, results)
    finally:
        stop.set()
        deadline = time.monotonic() + grace
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def _await_one(context: JobContext, results: queue.SimpleQueue[WorkbenchError | bool]) -> None:
    while True:
        context.check_cancelled()
        try:
            result = results.get(timeout=_POLL)
        except queue.Empty:
            continue
        if isinstance(result, WorkbenchError):
            raise result
        if not result:
            raise JobError("the job broke off with an error of the program; its trace is in the worker's log")
        return


def _labor(
    work: Callable[[Unit, threading.Event], None],
    waiting: queue.SimpleQueue[Unit],
    results: queue.SimpleQueue[WorkbenchError | bool],
    stop: threading.Event,
) -> None:
    """One thread: unit after unit until there is none, each reported as done (True), failed, or broken off (False)."""
    while not stop.is_set():
        try:
            unit = waiting.get_nowait()
        except queue.Empty:
            return
        result: WorkbenchError | bool = False
        try:
            work(unit, stop)
            result = True
        except WorkbenchError as error:
            result = error
        finally:
            results.put(result)
