"""A survey of the filled study, and people who answer it with care or without."""

from __future__ import annotations

from typing import Any

from bsm_core.domain.survey import Answer, Participant, Question, QuestionKind, SurveyPlan
from bsm_core.ports import Store
from bsm_core.workbench.survey import Made, Surveys
from tests.factories import STUDY_ID

PLAN = SurveyPlan(participants=3, abstractions=2, extrapolations=1, generations=1, attention=2, pay_per_hour=12.0)


def make_survey(store: Store, *, offline: int = 0, **plan: Any) -> Made:
    values = {name: getattr(PLAN, name) for name in PLAN.__dataclass_fields__} | plan
    return Surveys(store).make(STUDY_ID, "Pilot", SurveyPlan(**values), offline=offline)


def written(question: Question, person: int) -> tuple[str, ...]:
    """What a careful person writes: no two answers are alike."""
    who, where = f"reader {person}", f"review {question.position}"
    return {
        QuestionKind.ABSTRACTION: (
            f"For {who} it clings to one strong word, as {where} shows, and {who} of {where} misspelled that word.",
        ),
        QuestionKind.EXTRAPOLATION: (
            f"Praise told by {who} as a story, as {where} might, fools it if {who} has no strong word for {where}.",
        ),
        QuestionKind.GENERATION: (
            f"With {who} I stayed until the lights came on for {where}, and {who} was smiling all through {where}.",
        ),
        QuestionKind.ATTENTION: ("",),
    }[question.kind]


def answer_all(surveys: Surveys, participant: Participant, questions: list[Question], *, seconds: float = 60) -> None:
    """Consent, and a careful answer to each question."""
    surveys.seats.consent(participant.participant_id)
    for question in questions:
        choice = question.right if question.kind is QuestionKind.ATTENTION else None
        surveys.seats.save(
            participant.participant_id,
            question.question_id,
            written(question, participant.number),
            "",
            choice,
            seconds,
            submitted=True,
        )


def complete(store: Store, made: Made, number: int = 1) -> str:
    """Person ``number`` answers everything and finishes; the completion code."""
    surveys, participant = Surveys(store), made.participants[number - 1]
    answer_all(surveys, participant, store.surveys.questions(made.survey.survey_id, participant.participant_id))
    return surveys.seats.finish(participant.participant_id)


def of_kind(store: Store, made: Made, kind: QuestionKind, number: int = 1) -> Question:
    own = store.surveys.questions(made.survey.survey_id, made.participants[number - 1].participant_id)
    return next(question for question in own if question.kind is kind)


def stored(store: Store, question: Question) -> Answer:
    return store.surveys.answers(question.survey_id)[question.question_id]
