"""What the store remembers of surveys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.domain.survey import (
    Answer,
    AnswerDecision,
    Participant,
    Question,
    Survey,
    SurveyEvent,
)
from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.unknowns import Judgement


class SurveyStore(Protocol):
    """Append-only; every method is one transaction, and what it has returned from is on disk."""

    def add(
        self,
        survey: Survey,
        participants: Sequence[Participant],
        questions: Sequence[Question],
        token_hashes: dict[str, str],
    ) -> None:
        """The whole survey at once; ``token_hashes`` by participant id."""
        ...

    def get(self, survey_id: str) -> Survey:
        """Raises NotFoundError."""
        ...

    def all(self, study_id: str) -> list[Survey]:
        """Oldest first."""
        ...

    def participants(self, survey_id: str) -> list[Participant]: ...
    def participant(self, participant_id: str) -> Participant:
        """Raises NotFoundError."""
        ...

    def by_token(self, token_hash: str) -> Participant | None:
        """The participant whose latest token has this hash."""
        ...

    def add_token(self, participant_id: str, token_hash: str) -> None:
        """From now on the only one of the participant."""
        ...

    def questions(self, survey_id: str, participant_id: str | None = None) -> list[Question]:
        """By participant, in order."""
        ...

    def question(self, question_id: str) -> Question:
        """Raises NotFoundError."""
        ...

    def answers(self, survey_id: str, participant_id: str | None = None) -> dict[str, Answer]:
        """The latest version of each answer, by question id."""
        ...

    def history(self, question_id: str) -> list[Answer]:
        """All versions, drafts too, oldest first."""
        ...

    def write(self, answer: Answer) -> bool:
        """Keep a version. False, and nothing kept, when the participant is done or shut out, or never consented."""
        ...

    def add_event(self, event: SurveyEvent) -> None: ...
    def events(self, survey_id: str) -> dict[str, tuple[SurveyEvent, ...]]:
        """Oldest first, by participant id."""
        ...

    def own_events(self, participant_id: str) -> tuple[SurveyEvent, ...]: ...
    def decide(
        self,
        decision: AnswerDecision,
        hypothesis: Hypothesis | None = None,
        sample: SyntheticSample | None = None,
        judgement: Judgement | None = None,
    ) -> bool:
        """Keep the word and what the answer became. False, and nothing kept, when it was accepted before."""
        ...

    def decisions(self, survey_id: str) -> dict[str, AnswerDecision]:
        """The latest on each answer, by question id."""
        ...

    def approved(self, survey_id: str) -> set[str]:
        """Questions whose sample, in its present version, is approved."""
        ...

    def take_in(
        self, survey_id: str, digest: str, name: str, answers: Sequence[Answer], events: Sequence[SurveyEvent]
    ) -> bool:
        """Answers from a file, all or none. False when a file with this digest was taken in before."""
        ...
