"""A survey: people who see nothing else of the study answer questions about its UUs (appendix A).

A survey belongs to a study and has participants; each has a list of questions of their own, made with the survey and
never changed. Answers, events and decisions are append-only: the latest counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bsm_core.domain.tasks import Text


class QuestionKind(StrEnum):
    ABSTRACTION = "abstraction"
    """Why could the model fail here? (2.2)"""
    EXTRAPOLATION = "extrapolation"
    """Which different failure does a hypothesis suggest? (2.2)"""
    GENERATION = "generation"
    """Write a text with a given label that follows a hypothesis (2.3)."""
    ATTENTION = "attention"
    """A question with one right answer for whoever reads it."""

    @property
    def writes_hypothesis(self) -> bool:
        return self in (QuestionKind.ABSTRACTION, QuestionKind.EXTRAPOLATION)


class Basis(StrEnum):
    """Whose hypotheses extrapolation and generation start from. Always people's (2.2)."""

    OWN = "own"
    """The participant's own answers to the questions before."""
    STUDY = "study"
    """Hypotheses by humans that the study has when the survey is made."""


class Channel(StrEnum):
    LINK = "link"
    FILE = "file"
    """The form or the table goes out, and the answers come back as a file."""


class EventKind(StrEnum):
    CONSENTED = "consented"
    FINISHED = "finished"
    REVOKED = "revoked"
    """The link is closed; what was handed in before stays."""
    EXCLUDED = "excluded"
    """The researcher takes all answers of the participant out of the pool."""
    READMITTED = "readmitted"


class Stage(StrEnum):
    """Where a participant is."""

    INVITED = "invited"
    WORKING = "working"
    FINISHED = "finished"
    REVOKED = "revoked"

    @property
    def is_over(self) -> bool:
        """Answers can no longer change, and may be decided on."""
        return self in (Stage.FINISHED, Stage.REVOKED)


class DecisionWord(StrEnum):
    ACCEPTED = "accepted"
    """Final: the answer has become a hypothesis or a sample, and goes on as one."""
    REJECTED = "rejected"
    OPEN = "open"
    """A rejection taken back."""


@dataclass(frozen=True, slots=True)
class SurveyPlan:
    """What a survey asks of how many people. ``redundancy`` people answer about the same UU or hypothesis."""

    participants: int
    abstractions: int
    extrapolations: int
    generations: int
    attention: int
    """Attention checks a participant."""
    redundancy: int = 1
    basis: Basis = Basis.OWN
    pay_per_hour: float = 0.0
    currency: str = "USD"
    allowed_failures: int = 0
    """Attention checks that may be failed; with more, all answers leave the pool."""
    seed: int = 0
    contact: str = ""
    """Whom participants can ask."""

    @property
    def questions(self) -> int:
        """A participant's, attention checks included."""
        return self.abstractions + self.extrapolations + self.generations + self.attention


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """A question with an answer that shows what is wanted. ``perturbed`` is None for one text alone."""

    kind: QuestionKind
    label: str
    answer: str
    why: str
    original: tuple[str, ...] = ()
    perturbed: tuple[str, ...] = ()
    predicted: str = ""
    hypothesis: str = ""


@dataclass(frozen=True, slots=True)
class AttentionCheck:
    question: str
    options: tuple[str, ...]
    right: int


@dataclass(frozen=True, slots=True)
class SurveyTexts:
    """Everything participants read besides the questions' own texts; frozen into the survey when it is made."""

    id: str
    title: str
    tasks: tuple[str, ...]
    """Names of the tasks it is written for."""
    minutes: int
    """A guess that participants are told."""
    label_words: dict[str, str]
    """What participants read for a label's name."""
    welcome: str
    disclaimer: str
    consent: tuple[str, ...]
    """Statements to agree with, each by a tick."""
    declined: str
    instructions: dict[QuestionKind, str]
    examples: tuple[WorkedExample, ...]
    attention: tuple[AttentionCheck, ...]
    thanks: str


@dataclass(frozen=True, slots=True)
class Survey:
    """``label_names`` and ``text_fields`` as participants read them; ``label_names[i]`` stands for label ``i``."""

    survey_id: str
    study_id: str
    title: str
    """For the researcher; participants never see it."""
    plan: SurveyPlan
    texts: SurveyTexts
    label_names: tuple[str, ...]
    text_fields: tuple[str, ...]
    noun: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Participant:
    """``number`` from 1; nothing else is known about a person. Tokens are kept apart, as hashes."""

    participant_id: str
    survey_id: str
    number: int
    channel: Channel
    completion_code: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """One question to one participant, with all that is shown. ``label`` is the right one, or the one to write."""

    question_id: str
    survey_id: str
    participant_id: str
    position: int
    kind: QuestionKind
    item_id: str | None = None
    hypothesis_id: str | None = None
    hypothesis: str = ""
    follows_id: str | None = None
    """Own earlier question whose answer is the hypothesis here (``Basis.OWN``)."""
    label: int | None = None
    predicted: int | None = None
    original: Text | None = None
    perturbed: Text | None = None
    prompt: str = ""
    options: tuple[str, ...] = ()
    right: int | None = None

    @property
    def subject(self) -> str | None:
        """What several people may be asked about: the UU or the hypothesis."""
        return self.item_id or self.hypothesis_id


@dataclass(frozen=True, slots=True)
class Answer:
    """A draft, or handed in (``submitted``). ``seconds`` is the time spent on the question so far; None
    where nobody measured it, as in a table filled in by hand.

    ``choice`` is the option chosen: of an attention check, or (0 yes, 1 no, 2 unsure) whether a changed text still
    deserves its label.
    """

    question_id: str
    participant_id: str
    text: Text
    reason: str
    choice: int | None
    seconds: float | None
    submitted: bool
    created_at: datetime

    @property
    def is_empty(self) -> bool:
        return not any(side.strip() for side in self.text)


@dataclass(frozen=True, slots=True)
class SurveyEvent:
    participant_id: str
    kind: EventKind
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AnswerDecision:
    """The researcher's word on an answer, with the hypothesis or the sample that it became."""

    question_id: str
    word: DecisionWord
    reason: str
    hypothesis_id: str | None
    sample_id: str | None
    created_at: datetime


class FlagKind(StrEnum):
    """What may show an answer given in bad faith."""

    EMPTY = "empty"
    SHORT = "short"
    COPY = "copy"
    TOO_FAST = "too-fast"
    REPEATED = "repeated"
    MASH = "mash"


@dataclass(frozen=True, slots=True)
class Flag:
    """``why`` has the measured value and the mark it is held against, in words."""

    kind: FlagKind
    why: str


def stage_of(events: tuple[SurveyEvent, ...]) -> Stage:
    """From one participant's events, oldest first."""
    kinds = {event.kind for event in events}
    if EventKind.FINISHED in kinds:
        return Stage.FINISHED
    if EventKind.REVOKED in kinds:
        return Stage.REVOKED
    return Stage.WORKING if EventKind.CONSENTED in kinds else Stage.INVITED


def is_excluded(events: tuple[SurveyEvent, ...]) -> bool:
    """By the researcher's latest word."""
    words = [event.kind for event in events if event.kind in (EventKind.EXCLUDED, EventKind.READMITTED)]
    return bool(words) and words[-1] is EventKind.EXCLUDED
