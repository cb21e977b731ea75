"""The workbench for the life of the server process: opened once, ticked every second, closed last."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from bsm_core.errors import WorkbenchError
from bsm_core.workbench import Workbench

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0


class Server:
    """Holds the one Workbench that all pages share.

    ``problem`` says why there is none (locked or corrupted workspace, bad settings): the server runs all the same,
    and every page shows the message with a retry. ``tick_problem`` is the last thing that went wrong in the
    background; it clears itself when a tick succeeds again.
    """

    def __init__(self, build: Callable[[], Workbench], interval: float = TICK_SECONDS) -> None:
        self._build = build
        self._interval = interval
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.workbench: Workbench | None = None
        self.problem: str | None = None
        self.tick_problem: str | None = None
        self.demo_problem: str | None = None
        self.preparing = False
        """True until it is known whether a demo study has to be made."""

    @classmethod
    def around(cls, workbench: Workbench) -> Self:
        """A server over a workbench that somebody else ticks and closes: for tests and scripts."""
        server = cls(lambda: workbench)
        server.workbench = workbench
        return server

    def open(self) -> None:
        """Open the workspace and start ticking; does nothing when that has been done. Keeps the refusal in
        ``problem`` instead of raising it, so that the browser can show it."""
        with self._lock:
            if self.workbench is not None:
                return
            try:
                self.workbench = self._build()
            except (WorkbenchError, OSError) as error:
                log.error("the workspace cannot be opened: %s", error)
                self.problem = str(error)
                return
            self.problem = None
            self.preparing = True
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, args=(self.workbench,), name="tick", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop the thread first, then close the store: DuckDB aborts when it is closed under a running query."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self.workbench is not None:
            self.workbench.close()
            self.workbench = None

    def _run(self, workbench: Workbench) -> None:
        # Each beat runs in a pool of one, so that whatever it raises is a value to report, and the beat goes on.
        with ThreadPoolExecutor(1, thread_name_prefix="beat") as pool:
            self.demo_problem = self._report("making the demo study", pool.submit(workbench.ensure_demo).exception())
            self.preparing = False
            while not self._stopping.wait(self._interval):
                self.tick_problem = self._report("a background step", pool.submit(workbench.tick).exception())

    def _report(self, what: str, error: BaseException | None) -> str | None:
        if error is None:
            return None
        message = str(error) or type(error).__name__
        if message != self.tick_problem:
            known = isinstance(error, WorkbenchError)
            log.error("%s failed: %s", what, message, exc_info=None if known else error)
        return message
