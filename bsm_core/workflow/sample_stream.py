"""What a synthesize job has so far, in ``partial/``: a killed job goes on behind it."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.teaching import TeacherCall

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one slot: a sample, or why there is none."""

    request: int
    number: int
    sample: SyntheticSample | None
    failure: str


_OUTCOME, _CALL = TypeAdapter(Outcome), TypeAdapter(TeacherCall)


class SampleStream:
    """``samples.jsonl`` and ``calls.jsonl``: one record a line, written as it comes. For several threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._samples, self._calls = folder / "samples.jsonl", folder / "calls.jsonl"
        self._lock = threading.Lock()
        self._closed = False
        self.outcomes = {(one.request, one.number): one for one in _take_over(self._samples, _OUTCOME)}
        self.calls = _take_over(self._calls, _CALL)

    def add_call(self, call: TeacherCall) -> None:
        """The ``record`` of the job's teacher."""
        with self._lock:
            if not self._closed:
                self.calls.append(call)
                _append(self._calls, _CALL.dump_json(call))

    def add(self, outcome: Outcome) -> int:
        """Returns how many slots are done."""
        with self._lock:
            if not self._closed:
                self.outcomes[outcome.request, outcome.number] = outcome
                _append(self._samples, _OUTCOME.dump_json(outcome))
            return len(self.outcomes)

    def close(self) -> None:
        """What comes later is not written: a stopped job's threads may still be about."""
        with self._lock:
            self._closed = True


def _append(path: Path, line: bytes) -> None:
    with path.open("ab") as file:
        file.write(line + b"\n")


def _take_over(path: Path, adapter: TypeAdapter[Record]) -> list[Record]:
    """The records up to the first line that a kill tore; the file is cut there."""
    if not path.exists():
        return []
    found, size = [], 0
    for line in path.read_bytes().splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        try:
            found.append(adapter.validate_json(line))
        except ValidationError:
            break
        size += len(line)
    os.truncate(path, size)
    return found
