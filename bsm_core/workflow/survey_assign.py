"""Who is asked about what: UUs and hypotheses dealt to participants, and the list of questions of each."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.survey import (
    Basis,
    Channel,
    Participant,
    Question,
    QuestionKind,
    Survey,
    SurveyPlan,
    SurveyTexts,
)
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import ConfigError, NothingToDoError
from bsm_core.workflow.specs import new_id

MOST_PARTICIPANTS = 500
MOST_QUESTIONS = 200
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that are read one for another."""

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Pool:
    """What questions can be about. ``spot_of`` names the blind spot of a UU where spots are known."""

    unknowns: tuple[UnknownUnknown, ...]
    hypotheses: tuple[Hypothesis, ...]
    spot_of: dict[str, str]


def check_plan(plan: SurveyPlan, texts: SurveyTexts) -> None:
    """Raises ConfigError for a plan that no study could fulfil."""
    problems = {
        f"{plan.participants} participants; use 1 to {MOST_PARTICIPANTS}": 1 <= plan.participants <= MOST_PARTICIPANTS,
        f"{plan.questions} questions a participant; use at most {MOST_QUESTIONS}": plan.questions <= MOST_QUESTIONS,
        "a number of questions is below zero": min(plan.abstractions, plan.extrapolations, plan.generations) >= 0,
        "no question besides attention checks; ask at least one": plan.questions > plan.attention,
        f"{plan.attention} attention checks; the texts {texts.id!r} have {len(texts.attention)}": 0
        <= plan.attention
        <= len(texts.attention),
        f"redundancy {plan.redundancy} for {plan.participants} participants; use 1 to {plan.participants}": 1
        <= plan.redundancy
        <= plan.participants,
        f"{plan.allowed_failures} attention checks may be failed; use 0 to {plan.attention}": 0
        <= plan.allowed_failures
        <= plan.attention,
        f"pay of {plan.pay_per_hour:g} an hour; use 0 or more": 0 <= plan.pay_per_hour < math.inf,
        "extrapolation and generation start from the participant's own answers, and no abstraction is asked; ask at "
        "least one, or start from the study's hypotheses": plan.basis is Basis.STUDY or plan.abstractions > 0,
    }
    for problem, fine in problems.items():
        if not fine:
            raise ConfigError(f"the survey cannot be made: {problem}")


def for_humans(hypotheses: Iterable[Hypothesis]) -> tuple[Hypothesis, ...]:
    """A human's hypotheses alone are shown to humans (2.2): else an LM's ideas would be counted as theirs."""
    return tuple(hypothesis for hypothesis in hypotheses if hypothesis.agent is Agent.HUMAN)


def make_participants(survey: Survey, offline: int) -> list[Participant]:
    """The last ``offline`` of them by file, the others by link."""
    size = survey.plan.participants
    return [
        Participant(
            participant_id=new_id("pt"),
            survey_id=survey.survey_id,
            number=number,
            channel=Channel.FILE if number > size - offline else Channel.LINK,
            completion_code="".join(secrets.choice(_CODE_LETTERS) for _ in range(8)),
            created_at=datetime.now(UTC),
        )
        for number in range(1, size + 1)
    ]


def make_questions(survey: Survey, participants: Sequence[Participant], pool: Pool) -> list[Question]:
    """Every participant's list, in order. Raises NothingToDoError with what is missing."""
    plan = survey.plan
    unknowns = _dealt(
        _interleaved(pool.unknowns, lambda uu: _group(uu, pool.spot_of), plan.seed), plan, plan.abstractions, "UUs"
    )
    sources = {uu.item_id: uu for uu in pool.unknowns}
    starts = _from_study(plan, pool, HypothesisKind.ABSTRACTION, plan.extrapolations)
    themes = _from_study(plan, pool, None, plan.generations)
    questions: list[Question] = []
    for seat, participant in enumerate(participants):
        blank = Question(new_id("q"), survey.survey_id, participant.participant_id, 0, QuestionKind.ATTENTION)
        why = [_about(blank, uu) for uu in unknowns[seat]]
        if plan.basis is Basis.STUDY:
            other = [_on(blank, QuestionKind.EXTRAPOLATION, one, sources) for one in starts[seat]]
            texts = [_on(blank, QuestionKind.GENERATION, one, sources) for one in themes[seat]]
        else:
            other = _following(blank, QuestionKind.EXTRAPOLATION, why, plan.extrapolations)
            texts = _following(blank, QuestionKind.GENERATION, [*why, *other], plan.generations)
        texts = [_with_label(one, seat + place, len(survey.label_names)) for place, one in enumerate(texts)]
        listed = _with_attention([*why, *other, *texts], blank, survey)
        questions += [replace(one, position=place) for place, one in enumerate(listed, start=1)]
    return questions


def _group(unknown: UnknownUnknown, spot_of: dict[str, str]) -> Hashable:
    return (unknown.label, unknown.predicted, spot_of.get(unknown.item_id, ""))


def _interleaved(
    things: Sequence[UnknownUnknown], group: Callable[[UnknownUnknown], Hashable], seed: int
) -> list[UnknownUnknown]:
    """One of each group in turn, within a group in an order drawn by seed: any stretch of it is balanced."""
    groups: dict[Hashable, list[UnknownUnknown]] = defaultdict(list)
    for thing in sorted(things, key=lambda one: _draw(seed, one.item_id)):
        groups[group(thing)].append(thing)
    queues = [groups[key] for key in sorted(groups, key=str)]
    longest = max(map(len, queues), default=0)
    return [queue[place] for place in range(longest) for queue in queues if place < len(queue)]


def _dealt(things: Sequence[Thing], plan: SurveyPlan, each: int, noun: str) -> list[list[Thing]]:
    """``each`` different things a participant, every thing to at most ``redundancy`` of them."""
    if not each:
        return [[] for _ in range(plan.participants)]
    wanted = max(each, math.ceil(plan.participants * each / plan.redundancy))
    if len(things) < wanted:
        raise NothingToDoError(
            f"the survey needs {wanted:,} {noun} and there are {len(things):,}: ask fewer people or questions, raise "
            f"the redundancy (now {plan.redundancy}), or find more"
        )
    chosen = things[:wanted]
    return [[chosen[(seat * each + place) % wanted] for place in range(each)] for seat in range(plan.participants)]


def _from_study(plan: SurveyPlan, pool: Pool, kind: HypothesisKind | None, each: int) -> list[list[Hypothesis]]:
    if plan.basis is Basis.OWN:
        return []
    found = [one for one in for_humans(pool.hypotheses) if kind in (None, one.kind)]
    ordered = sorted(found, key=lambda one: _draw(plan.seed, one.hypothesis_id))
    return _dealt(ordered, plan, each, "hypotheses by humans")


def _about(blank: Question, unknown: UnknownUnknown) -> Question:
    return replace(
        blank,
        question_id=new_id("q"),
        kind=QuestionKind.ABSTRACTION,
        item_id=unknown.item_id,
        label=unknown.label,
        predicted=unknown.predicted,
        original=unknown.original_text,
        perturbed=unknown.perturbed_text,
    )


def _on(blank: Question, kind: QuestionKind, hypothesis: Hypothesis, sources: dict[str, UnknownUnknown]) -> Question:
    found = [sources[item] for item in hypothesis.source_item_ids if item in sources]
    return replace(
        blank,
        question_id=new_id("q"),
        kind=kind,
        hypothesis_id=hypothesis.hypothesis_id,
        hypothesis=hypothesis.text,
        label=found[0].label if found else None,
    )


def _following(blank: Question, kind: QuestionKind, earlier: Sequence[Question], count: int) -> list[Question]:
    followed = [earlier[place % len(earlier)] for place in range(count)]
    return [
        replace(blank, question_id=new_id("q"), kind=kind, follows_id=one.question_id, label=one.label)
        for one in followed
    ]


def _with_label(question: Question, turn: int, labels: int) -> Question:
    """Where no UU says for which label the model fails, the labels take turns."""
    return question if question.label is not None else replace(question, label=turn % labels)


def _with_attention(questions: list[Question], blank: Question, survey: Survey) -> list[Question]:
    """The checks, spread evenly, none of them first."""
    checks = survey.texts.attention[: survey.plan.attention]
    listed = list(questions)
    for number, check in enumerate(reversed(checks)):
        place = max(1, round(len(questions) * (len(checks) - number) / (len(checks) + 1)))
        asked = replace(
            blank, question_id=new_id("q"), prompt=check.question, options=check.options, right=check.right
        )  # fmt: skip
        listed.insert(place, asked)
    return listed


def _draw(seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed}\tsurvey\t{name}".encode()).digest()
