"""Asking a teacher many things: what is unusable concerns one question, a used-up cap all that come after it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import (
    SpendingCapError,
    TeacherAnswerError,
    TeacherError,
    TeacherKeyError,
    TeacherRateLimitError,
    UnusableAnswerError,
)
from bsm_core.ports import JobContext, Teacher
from bsm_core.workflow.side_by_side import side_by_side

Value = TypeVar("Value")

MOST_FAILURES_IN_A_ROW = 12
"""Then the rest is not asked: the teacher will not do better, and it may cost money."""
_GRACE = 2.0
"""Seconds for answers under way when a job stops: they were paid for."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[Value]):
    """To one question: what was read from it, or why there is nothing. ``call`` is None where none was made."""

    value: Value | None
    call: TeacherCall | None
    failure: str = ""
    was_asked: bool = True


class Asker:
    """Asks ``at_once`` questions at a time for one job.

    ``stopped`` says why nothing more is asked (the cap, or too many unusable answers in a row); what the cache knows
    is still answered after a cap. A refused key, a rate limit that does not end, and an endpoint that fails again and
    again are raised.
    """

    def __init__(
        self,
        teacher: Teacher,
        study_id: str,
        at_once: int,
        context: JobContext,
        ahead: Callable[[Sequence[Prompt], str, str], None] | None = None,
    ) -> None:
        """``ahead`` is given all prompts of an ``ask`` first, to have them answered together."""
        self._teacher = teacher
        self._study_id = study_id
        self._at_once = at_once
        self._context = context
        self._lock = threading.Lock()
        self._ahead = ahead
        self._in_a_row = 0
        self.stopped = ""

    def ask(
        self,
        prompts: Sequence[Prompt],
        purpose: str,
        read: Callable[[TeacherCall], Value],
        phase: str,
        take: Callable[[int, Answer[Value]], None] | None = None,
    ) -> list[Answer[Value]]:
        """In the order of ``prompts``, whatever the order of the answers. ``read`` raises TeacherAnswerError.

        ``take`` is given each answer as early as that order allows, one at a time.
        """
        answers: dict[int, Answer[Value]] = {}
        taking, taken = threading.Lock(), [0]
        self._context.progress(phase, 0, len(prompts))
        if self._ahead is not None and prompts:
            self._ahead(prompts, purpose, self._study_id)

        def one(place: int, stop: threading.Event) -> None:
            if not stop.is_set():
                answers[place] = self._one(prompts[place], purpose, read)
                self._context.progress(phase, len(answers), len(prompts))
                with taking:
                    while take is not None and taken[0] in answers:
                        take(taken[0], answers[taken[0]])
                        taken[0] += 1

        side_by_side(self._context, range(len(prompts)), one, at_once=self._at_once, grace=_GRACE)
        return [answers[place] for place in range(len(prompts))]

    def _one(self, prompt: Prompt, purpose: str, read: Callable[[TeacherCall], Value]) -> Answer[Value]:
        if self._in_a_row >= self._most_in_a_row:
            return Answer(None, None, self.stopped, was_asked=False)
        call = None
        try:
            call = self._teacher.ask(prompt, purpose, self._study_id)
            value = read(call)
        except SpendingCapError as error:
            self._stop(str(error))
            return Answer(None, None, str(error), was_asked=False)
        except (TeacherKeyError, TeacherRateLimitError):
            raise
        except TeacherError as error:
            self._failed(error)
            return Answer(None, call, str(error))
        with self._lock:
            self._in_a_row = 0
        return Answer(value, call)

    @property
    def _most_in_a_row(self) -> int:
        return max(MOST_FAILURES_IN_A_ROW, 2 * self._at_once)

    def _failed(self, error: TeacherError) -> None:
        """Raises an endpoint's failure when there were too many in a row; unusable answers end the asking."""
        self._context.log(f"no usable answer: {error}")
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row < self._most_in_a_row:
                return
        if not isinstance(error, TeacherAnswerError | UnusableAnswerError):
            raise error
        self._stop(f"stopped after {self._in_a_row} unusable answers in a row; the last: {error}")

    def _stop(self, reason: str) -> None:
        with self._lock:
            if self.stopped:
                return
            self.stopped = reason
        self._context.log(reason)
