"""Surveys without the app: questions go out as a table or as a form, and answers come back."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from bsm_core.domain.survey import Answer, EventKind, Question, Stage, SurveyEvent, stage_of
from bsm_core.errors import NothingToDoError, TaskError
from bsm_core.ports import Store
from bsm_core.report.survey_form import write_form
from bsm_core.workflow import survey_packages


@dataclass(frozen=True, slots=True)
class Imported:
    """``known`` answers were stored before, word by word."""

    new: int
    known: int
    finished: int
    """Participants whose last answer this file brought."""


class SurveyFiles:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()  # importing looks first and writes then

    def table(self, survey_id: str) -> str:
        """Everybody's questions as CSV to fill in."""
        surveys = self._store.surveys
        people = surveys.participants(survey_id)
        return survey_packages.write_table(surveys.get(survey_id), people, surveys.questions(survey_id))

    def form(self, participant_id: str) -> str:
        """One person's questions as a page that works from a file, without a network."""
        surveys = self._store.surveys
        participant = surveys.participant(participant_id)
        questions = surveys.questions(participant.survey_id, participant_id)
        return write_form(surveys.get(participant.survey_id), participant, questions)

    def take_in(self, survey_id: str, name: str, content: bytes) -> Imported:
        """Take the answers of a filled-in table or form: all or none.

        Raises TaskError with every row at fault, NothingToDoError when the same file was taken in before.
        """
        surveys = self._store.surveys
        with self._lock:
            questions = {one.question_id: one for one in surveys.questions(survey_id)}
            rows, told = survey_packages.read_answers(name, content, surveys.get(survey_id), questions)
            kept, events = surveys.answers(survey_id), surveys.events(survey_id)
            new = []
            for row, answer in rows:
                before = kept.get(answer.question_id)
                if before is not None and survey_packages.same(answer, before):
                    continue
                if stage_of(events.get(answer.participant_id, ())).is_over:
                    told.append(
                        f"{name}, row {row.number}: this person is done, and a stored answer is never overwritten"
                    )
                else:
                    new.append(answer)
            if told:
                raise _refusal(name, told)
            happened, finished = self._after_import(questions, kept, events, new)
            digest = hashlib.sha256(content).hexdigest()
            if not surveys.take_in(survey_id, digest, name, new, happened):
                raise NothingToDoError(f"{name} was taken in before; its answers are stored already")
        return Imported(len(new), len(rows) - len(new), finished)

    @staticmethod
    def _after_import(
        questions: dict[str, Question],
        kept: dict[str, Answer],
        events: dict[str, tuple[SurveyEvent, ...]],
        new: list[Answer],
    ) -> tuple[list[SurveyEvent], int]:
        now, happened, finished = datetime.now(UTC), [], 0
        answered = {one.question_id for one in kept.values() if one.submitted} | {one.question_id for one in new}
        for participant_id in sorted({one.participant_id for one in new}):
            if stage_of(events.get(participant_id, ())) is Stage.INVITED:
                happened.append(SurveyEvent(participant_id, EventKind.CONSENTED, "in the file", now))
            own = {one.question_id for one in questions.values() if one.participant_id == participant_id}
            if own <= answered:
                happened.append(SurveyEvent(participant_id, EventKind.FINISHED, "by file", now))
                finished += 1
        return happened, finished


def _refusal(name: str, told: list[str], shown: int = 20) -> TaskError:
    more = f"\n… and {len(told) - shown} more" if len(told) > shown else ""
    return TaskError(f"nothing of {name} was taken in:\n" + "\n".join(told[:shown]) + more)
