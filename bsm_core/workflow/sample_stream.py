"""What a synthesize job has so far, in ``partial/``: a killed job goes on behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.teaching import TeacherCall
from bsm_core.workflow.streams import RecordStream, call_stream


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one slot: a sample, or why there is none; and for the embedded model others to choose from."""

    request: int
    number: int
    sample: SyntheticSample | None
    failure: str
    others: tuple[SyntheticSample, ...] = ()


_OUTCOME = TypeAdapter(Outcome)


class SampleStream:
    """``samples.jsonl`` and ``calls.jsonl``: one record a line, written as it comes. For several threads."""

    def __init__(self, folder: Path) -> None:
        self._samples = RecordStream(folder / "samples.jsonl", _OUTCOME)
        self._calls = call_stream(folder)
        self.outcomes = {(one.request, one.number): one for one in self._samples.records}

    @property
    def calls(self) -> list[TeacherCall]:
        return self._calls.records

    def add_call(self, call: TeacherCall) -> None:
        """The ``record`` of the job's teacher."""
        self._calls.add(call)

    def add(self, outcome: Outcome) -> int:
        """Returns how many slots are done."""
        self._samples.add(outcome)
        self.outcomes[outcome.request, outcome.number] = outcome
        return len(self.outcomes)

    def close(self) -> None:
        """What comes later is not written: a stopped job's threads may still be about."""
        self._samples.close()
        self._calls.close()
