"""An accepted answer becomes a hypothesis or a sample by a human, with its lineage."""

from __future__ import annotations

from datetime import UTC, datetime

from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.survey import Answer, Participant, Question, QuestionKind, Survey
from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.tasks import Task
from bsm_core.domain.unknowns import Judgement, Verdict
from bsm_core.errors import ConfigError, NothingToDoError
from bsm_core.workflow import curate

VERDICTS = (Verdict.YES, Verdict.NO, Verdict.UNSURE)
"""The options of "does the changed text still deserve its label?", in order."""


def judge_name(survey: Survey, participant: Participant) -> str:
    """As what a participant stands in the ledger of judgements."""
    return f"human:survey {survey.survey_id[-4:]}, person {participant.number}"


def to_hypothesis(survey: Survey, question: Question, answer: Answer, parent_id: str | None) -> Hypothesis:
    """``parent_id`` is the hypothesis it was extrapolated from.

    Raises ConfigError for an empty answer, NothingToDoError when the parent is not accepted yet.
    """
    kind = HypothesisKind(question.kind.value)
    if kind is HypothesisKind.EXTRAPOLATION and parent_id is None:
        raise NothingToDoError("this extrapolates from another answer of the same person; accept that one first")
    items = [question.item_id] if question.item_id else []
    return curate.new_hypothesis(survey.study_id, kind, answer.text[0], answer.reason, items, parent_id, None)


def to_sample(task: Task, question: Question, answer: Answer, hypothesis: Hypothesis | None) -> SyntheticSample:
    """Raises NothingToDoError when the hypothesis it follows is not accepted yet."""
    if hypothesis is None:
        raise NothingToDoError("this text follows another answer of the same person; accept that one first")
    if hypothesis.agent is not Agent.HUMAN:
        raise ConfigError(
            f"hypothesis {hypothesis.hypothesis_id!r} is by {hypothesis.agent}; people follow people's (2.2)"
        )
    if question.label is None:
        raise ConfigError(f"question {question.question_id!r} asks for no label")
    return curate.new_sample(hypothesis, task, answer.text, question.label)


def to_judgement(survey: Survey, participant: Participant, question: Question, answer: Answer) -> Judgement | None:
    """What the person said about condition 3; None where they were not asked or did not say."""
    if question.kind is not QuestionKind.ABSTRACTION or question.item_id is None or answer.choice is None:
        return None
    verdict = VERDICTS[answer.choice]
    return Judgement(survey.study_id, question.item_id, verdict, judge_name(survey, participant), datetime.now(UTC))
