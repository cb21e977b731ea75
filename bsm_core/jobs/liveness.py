"""Who works on a job: the worker's process, whether it lives, and how to stop it with all its children."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

import psutil

_CLOCK_SLACK = 2.0
"""Seconds. psutil reckons a start from the boot time, which moves a little when the clock is corrected."""

_POLL = 0.05


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """The contents of ``worker.json``. ``pid`` and ``create_time`` together name a process for good: a recycled pid
    has another start. ``own_session`` tells a worker subprocess from a job run inline, whose process is not the job's
    to be killed. ``ended`` is set when the work was interrupted in a process that lives on."""

    pid: int
    create_time: float
    device: str
    own_session: bool
    ended: bool = False

    @classmethod
    def of_this_process(cls, device: str, own_session: bool) -> WorkerRecord:
        this = psutil.Process()
        return cls(this.pid, this.create_time(), device, own_session)

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
        for process in self._session():
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue  # gone by itself in the meantime, which is what was wanted

    def _session(self) -> list[psutil.Process]:
        """The processes of the worker's session, the worker first; also when only its children are left."""
        if not self.own_session or (psutil.pid_exists(self.pid) and not self._is_same_process(or_zombie=True)):
            return []  # the pid is somebody else's by now, so nothing of this worker is left
        found = []
        for process in psutil.process_iter():
            try:
                if os.getsid(process.pid) == self.pid and process.create_time() >= self.create_time - _CLOCK_SLACK:
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
