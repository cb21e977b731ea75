"""A job's context where there is no job."""

from __future__ import annotations

from pathlib import Path


class QuietContext:
    """Fulfils ``ports.JobContext``: is never cancelled and tells nobody anything. Its folders are the current one."""

    folder = inputs = partial = result = Path()

    def check_cancelled(self) -> None:
        """Ctrl-C ends a measurement."""

    def progress(self, phase: str, done: int, total: int) -> None:
        """Printing would be measured too."""

    def log(self, message: str) -> None:
        print(message)

    def metric(self, name: str, step: int, value: float) -> None:
        print(f"{name} {step}: {value:g}")
