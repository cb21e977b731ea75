"""What an attack has found so far, read from the stream that its worker appends to. Loads nothing heavy."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from bsm_core.domain.attacks import AttackTally
from bsm_core.domain.unknowns import AttackOutcome, Perturbation
from bsm_core.metrics.attack import tally
from bsm_core.workflow.discover import parse_line

RECENT = 3
_PART = 4 * 1024**2
"""Bytes of the stream read at once, at least one line."""


@dataclass(frozen=True, slots=True)
class AttackProgress:
    """``counted`` are the ``done`` texts written so far; ``recent`` the last that fooled the model, newest first."""

    done: int
    counted: AttackTally
    recent: tuple[Perturbation, ...]
    queries: tuple[int, ...]
    """All queries after the first, the second, ... text."""

    def queries_since(self, first: int) -> int:
        """Of the texts after the first ``first``."""
        before = self.queries[min(first, self.done) - 1] if first and self.done else 0
        return self.counted.all_queries - before


class AttackStream:
    """One job's stream. ``read`` takes in only what has been appended since the last time; safe to call from several
    threads. A line that is not whole yet is left for the next time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._offset = 0
        self._counted = AttackTally()
        self._queries: list[int] = []
        self._recent: deque[Perturbation] = deque(maxlen=RECENT)

    def read(self) -> AttackProgress | None:
        """None before the first text is done."""
        with self._lock:
            self._take_new()
            if not self._queries:
                return None
            newest = tuple(reversed(self._recent))
            return AttackProgress(len(self._queries), self._counted, newest, tuple(self._queries))

    def _take_new(self) -> None:
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return
        if size < self._offset:
            self._forget()  # a resumed job has cut off what a kill had left half written
        with self._path.open("rb") as file:
            file.seek(self._offset)
            while self._offset < size:
                lines = file.readlines(_PART)
                if not self._take(lines):
                    return

    def _take(self, lines: list[bytes]) -> bool:
        """False at the end, or at a line that is not whole."""
        for line in lines:
            item = parse_line(line)
            if item is None:
                return False
            self._offset += len(line)
            self._counted += tally([item])
            self._queries.append(self._counted.all_queries)
            if item.outcome is AttackOutcome.SUCCESSFUL:
                self._recent.append(item)
        return bool(lines)
