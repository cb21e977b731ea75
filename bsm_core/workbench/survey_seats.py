"""What a participant can reach: one seat by token, its drafts, its answers, its end."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from bsm_core.domain.survey import Answer, EventKind, Participant, Question, Stage, Survey, SurveyEvent, stage_of
from bsm_core.domain.tasks import Text
from bsm_core.errors import ConfigError, NotFoundError, NothingToDoError
from bsm_core.ports import Store
from bsm_core.workflow.survey_packages import MOST_CHARACTERS

MOST_IDLE = 300.0
"""Seconds counted at most between two signs of life: who leaves for lunch is not working."""
CLOSED = "this link is closed; what was handed in before is kept"


@dataclass(frozen=True, slots=True)
class Seat:
    """All that one participant may know."""

    survey: Survey
    participant: Participant
    questions: tuple[Question, ...]
    answers: dict[str, Answer]
    stage: Stage

    @property
    def done(self) -> int:
        return sum(one.submitted for one in self.answers.values())


class Seats:
    def __init__(self, store: Store) -> None:
        self._store = store

    def seat(self, token: str) -> Seat | None:
        """What the link opens; None alike for a wrong, a replaced, a revoked and a used-up one."""
        participant = self._store.surveys.by_token(hash_of(token)) if 0 < len(token) <= 200 else None
        return None if participant is None else self._seat(participant)

    def consent(self, participant_id: str) -> None:
        """Nothing about a person is stored before this."""
        if stage_of(self._store.surveys.own_events(participant_id)) is Stage.INVITED:
            self._tell(participant_id, EventKind.CONSENTED)

    def save(
        self,
        participant_id: str,
        question_id: str,
        text: Text,
        reason: str,
        choice: int | None,
        spent: float,
        *,
        submitted: bool,
    ) -> Answer:
        """Keep a draft, or hand the answer in; on disk when this returns. ``spent`` are seconds since the last sign of
        life. Raises NothingToDoError when the link is closed, ConfigError for what cannot be an answer."""
        surveys = self._store.surveys
        question = surveys.question(question_id)
        if question.participant_id != participant_id:
            raise NotFoundError(f"question {question_id!r} is not asked of this participant")
        for side in (*text, reason):
            if len(side) > MOST_CHARACTERS:
                raise ConfigError(f"the text has {len(side):,} characters; {MOST_CHARACTERS:,} are the most")
        before = surveys.answers(question.survey_id, participant_id).get(question_id)
        seconds = (before.seconds or 0.0 if before else 0.0) + min(max(spent, 0.0), MOST_IDLE)
        handed_in = submitted or (before is not None and before.submitted)
        answer = Answer(
            question_id, participant_id, text, reason, choice, round(seconds, 1), handed_in, datetime.now(UTC)
        )
        if not surveys.write(answer):
            raise NothingToDoError(CLOSED)
        return answer

    def finish(self, participant_id: str) -> str:
        """The completion code, once all questions are handed in. The link opens nothing from then on."""
        participant = self._store.surveys.participant(participant_id)
        seat = self._seat(participant)
        if seat is None or seat.stage is not Stage.WORKING:
            raise NothingToDoError(CLOSED)
        left = len(seat.questions) - seat.done
        if left:
            raise NothingToDoError(f"{left} of {len(seat.questions)} questions are not answered yet")
        self._tell(participant_id, EventKind.FINISHED)
        return participant.completion_code

    def _seat(self, participant: Participant) -> Seat | None:
        surveys, own = self._store.surveys, participant.participant_id
        stage = stage_of(surveys.own_events(own))
        if stage.is_over:
            return None
        questions = tuple(surveys.questions(participant.survey_id, own))
        answers = surveys.answers(participant.survey_id, own)
        return Seat(surveys.get(participant.survey_id), participant, questions, answers, stage)

    def _tell(self, participant_id: str, kind: EventKind) -> None:
        self._store.surveys.add_event(SurveyEvent(participant_id, kind, "", datetime.now(UTC)))


def hash_of(token: str) -> str:
    """What the store keeps of a token. A plain hash does: a token is random, and cannot be tried out."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
