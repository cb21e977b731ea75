"""Who works on a job: the worker's process, whether it lives, and how to stop it with all that it started."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

import psutil

MARK_VARIABLE = "BSM_WORKER"
"""Environment variable with a word of its own for each worker process; what the worker starts inherits it."""

_CLOCK_SLACK = 2.0
"""Seconds. psutil reckons a start from the boot time, which moves a little when the clock is corrected."""

_POLL = 0.05


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """The contents of ``worker.json``. ``pid`` and ``create_time`` together name a process for good: a recycled pid
    has another start. ``mark`` is the process' MARK_VARIABLE; empty for a job that runs inline, whose process is not
    the job's to be killed. ``ended`` is set when the work was stopped, though the process may live on."""

    pid: int
    create_time: float
    mark: str
    ended: bool = False

    @classmethod
    def of_this_process(cls, mark: str) -> WorkerRecord:
        this = psutil.Process()
        return cls(this.pid, this.create_time(), mark)

    @property
    def is_alive(self) -> bool:
        """False for a zombie: a dead child that its parent has not collected yet."""
        return not self.ended and self._is_same_process()

    def wait(self, seconds: float) -> bool:
        """Wait until the worker is gone, at most ``seconds``; whether it is gone."""
        deadline = time.monotonic() + seconds
        while self.is_alive:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(_POLL, left))
        return True

    def send(self, number: signal.Signals) -> None:
        """Signal the worker and everything it started. Does nothing to a job that runs inline."""
        for process in self._family():
            try:
                process.send_signal(number)  # psutil refuses when the pid has been recycled since
            except psutil.NoSuchProcess:
                continue  # gone by itself in the meantime, which is what was wanted

    def _family(self) -> list[psutil.Process]:
        """The worker's session, the worker first. Once the worker itself is gone, its pid may lead another session,
        so that of the rest only processes with its mark count."""
        if not self.mark:
            return []
        is_known = self._is_same_process(or_zombie=True)
        found = []
        for process in psutil.process_iter():
            try:
                in_session = os.getsid(process.pid) == self.pid
                if in_session and (is_known or process.environ().get(MARK_VARIABLE) == self.mark):
                    found.append(process)
            except (ProcessLookupError, PermissionError, psutil.Error):
                continue  # ended while we looked, or another user's: not ours either way
        return sorted(found, key=lambda process: process.pid != self.pid)

    def _is_same_process(self, or_zombie: bool = False) -> bool:
        try:
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.create_time) > _CLOCK_SLACK:
                return False
            return or_zombie or process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        except psutil.NoSuchProcess:
            return False
