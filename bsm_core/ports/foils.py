"""The texts that judges are shown: UUs, and foils among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bsm_core.domain.foils import Candidate, FoilJudgement, Question
from bsm_core.domain.tasks import Text


@dataclass(frozen=True, slots=True)
class QuestionText:
    """What a judge sees of a question: the text, and the label that may be wrong."""

    question: Question
    text: Text
    label: int


class Foils(Protocol):
    def candidates(self, model_id: str) -> list[Candidate]:
        """The texts of the model's attacks on validation: those that fooled it (``foil`` None), and foils. By id."""
        ...

    def texts(self, study_id: str, questions: Sequence[Question]) -> list[QuestionText]:
        """In the order asked. Raises NotFoundError for an item that no attack of the study has."""
        ...

    def pairs(self, study_id: str, questions: Sequence[Question]) -> list[tuple[Question, Text, Text]]:
        """(question, O, P) of perturbed texts. O is P where an import came without it. Raises NotFoundError."""
        ...

    def add(self, judgements: Iterable[FoilJudgement]) -> None: ...
    def ballots(self, study_id: str) -> list[FoilJudgement]:
        """The latest word of each judge on each foil."""
        ...
