"""What a judge job has so far, in ``partial/``: a stopped job asks nothing twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from bsm_core.domain.foils import Question
from bsm_core.domain.teaching import TeacherCall
from bsm_core.domain.unknowns import Verdict
from bsm_core.workflow.streams import RecordStream, call_stream


@dataclass(frozen=True, slots=True)
class Answer:
    """To one question: a verdict, or why there is none."""

    question: Question
    verdict: Verdict | None
    failure: str
    created_at: datetime


_ANSWER = TypeAdapter(Answer)


class JudgeStream:
    """``answers.jsonl`` and ``calls.jsonl``: one record a line, written as it comes. For several threads."""

    def __init__(self, folder: Path) -> None:
        self._answers = RecordStream(folder / "answers.jsonl", _ANSWER)
        self._calls = call_stream(folder)

    @property
    def answers(self) -> dict[Question, Answer]:
        return {one.question: one for one in self._answers.records}

    @property
    def calls(self) -> list[TeacherCall]:
        return self._calls.records

    def add_call(self, call: TeacherCall) -> None:
        """The ``record`` of the job's teacher."""
        self._calls.add(call)

    def add(self, answer: Answer) -> int:
        """Returns how many questions are answered."""
        self._answers.add(answer)
        return len(self._answers.records)

    def close(self) -> None:
        """What comes later is not written: a stopped job's threads may still be about."""
        self._answers.close()
        self._calls.close()
