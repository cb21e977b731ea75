"""What a survey has brought: how far each person is, what their work is worth, what it costs, whether they agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import mean, median

from bsm_core.domain.survey import (
    Answer,
    AnswerDecision,
    DecisionWord,
    Flag,
    Participant,
    Question,
    QuestionKind,
    Stage,
    Survey,
    SurveyEvent,
    is_excluded,
    stage_of,
)
from bsm_core.metrics.agreement import krippendorff_alpha
from bsm_core.workflow.lexicon import words
from bsm_core.workflow.survey_quality import flags

_PLAIN = frozenset(
    words(
        "a an and are as at be by can could does for from has have in into is it its like may more most not of on one "
        "only or over so such than that the their then there these they this those to was what when where which who "
        "will with would model program text texts word words sentence sentences probably"
    )
)
"""Words that two people share whatever they mean."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with its answer, if there is one."""

    question: Question
    hypothesis: str
    """What the question rests on, as it was shown; empty for an abstraction."""
    participant: Participant
    answer: Answer | None
    flags: tuple[Flag, ...]
    decision: AnswerDecision | None
    keeper: str | None
    """Why the person's answers are not in the pool: attention, excluded, still at work. None when they are."""

    @property
    def word(self) -> DecisionWord:
        return self.decision.word if self.decision else DecisionWord.OPEN

    @property
    def in_pool(self) -> bool:
        return self.answer is not None and self.answer.submitted and not self.flags and self.keeper is None


@dataclass(frozen=True, slots=True)
class Person:
    participant: Participant
    stage: Stage
    excluded: bool
    asked: int
    submitted: int
    checks: int
    """Attention checks answered, and of those failed."""
    checks_failed: int
    fails: bool
    """More than the plan allows."""
    flagged: int
    accepted: int
    rejected: int
    approved: int
    """Samples approved in the end."""
    minutes: float
    median_seconds: float | None


@dataclass(frozen=True, slots=True)
class HumanCost:
    """``total`` is minutes at the plan's pay; None where there is nothing to divide by."""

    minutes: float
    total: float
    per_hypothesis: float | None
    per_sample: float | None
    hypotheses: int
    samples: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Among people who were asked about the same UU. ``overlap`` is the mean share of content words (Jaccard) that two
    people's hypotheses about one UU have in common; ``by_chance`` the same for two people and two UUs."""

    shared: int
    alpha: float | None
    """Krippendorff's, on "is the label still right?"."""
    overlap: float | None
    by_chance: float | None


@dataclass(frozen=True, slots=True)
class Results:
    survey: Survey
    people: tuple[Person, ...]
    entries: tuple[Entry, ...]
    cost: HumanCost
    agreement: Agreement


def shown_hypotheses(questions: Sequence[Question], answers: Mapping[str, Answer]) -> dict[str, str]:
    """By question id: the hypothesis a question rests on; of one that follows an own answer, that answer."""
    found = {}
    for question in questions:
        followed = answers.get(question.follows_id) if question.follows_id else None
        found[question.question_id] = followed.text[0] if followed else question.hypothesis
    return found


def results(
    survey: Survey,
    participants: Sequence[Participant],
    questions: Sequence[Question],
    answers: Mapping[str, Answer],
    events: Mapping[str, tuple[SurveyEvent, ...]],
    decisions: Mapping[str, AnswerDecision],
    approved: set[str],
) -> Results:
    """``answers`` and ``decisions`` by question id, ``events`` by participant id, ``approved`` question ids."""
    shown = shown_hypotheses(questions, answers)
    flagged = flags(questions, answers, shown)
    listed: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        listed[question.participant_id].append(question)
    people, entries = [], []
    for one in participants:
        own, told = listed[one.participant_id], events.get(one.participant_id, ())
        person = _person(survey, one, own, answers, told, flagged, decisions, approved)
        people.append(person)
        keeper = _keeper(person)
        entries += [
            Entry(
                question,
                shown[question.question_id],
                one,
                answers.get(question.question_id),
                flagged.get(question.question_id, ()),
                decisions.get(question.question_id),
                keeper,
            )
            for question in own
            if question.kind is not QuestionKind.ATTENTION
        ]
    return Results(survey, tuple(people), tuple(entries), _cost(survey, entries, people), _agreement(entries))


def _keeper(person: Person) -> str | None:
    if person.excluded:
        return "excluded by the researcher"
    if person.fails:
        return f"failed {person.checks_failed} attention checks"
    return None if person.stage.is_over else "still at work: the answer can change"


def _person(
    survey: Survey,
    participant: Participant,
    questions: Sequence[Question],
    answers: Mapping[str, Answer],
    events: tuple[SurveyEvent, ...],
    flagged: Mapping[str, tuple[Flag, ...]],
    decisions: Mapping[str, AnswerDecision],
    approved: set[str],
) -> Person:
    pairs = [(one, answers[one.question_id]) for one in questions if one.question_id in answers]
    told = [(one, answer) for one, answer in pairs if answer.submitted]
    checks = [(one, answer) for one, answer in told if one.kind is QuestionKind.ATTENTION]
    failed = sum(answer.choice != one.right for one, answer in checks)
    timed = [answer.seconds for one, answer in told if one.kind is not QuestionKind.ATTENTION]
    work = [seconds for seconds in timed if seconds is not None]
    words_on = [decisions[one.question_id].word for one in questions if one.question_id in decisions]
    return Person(
        participant=participant,
        stage=stage_of(events),
        excluded=is_excluded(events),
        asked=len(questions),
        submitted=len(told),
        checks=len(checks),
        checks_failed=failed,
        fails=failed > survey.plan.allowed_failures,
        flagged=sum(bool(flagged.get(one.question_id)) for one in questions),
        accepted=words_on.count(DecisionWord.ACCEPTED),
        rejected=words_on.count(DecisionWord.REJECTED),
        approved=sum(one.question_id in approved for one in questions),
        minutes=sum(answer.seconds or 0 for _, answer in pairs) / 60,
        median_seconds=median(work) if work else None,
    )


def _cost(survey: Survey, entries: Sequence[Entry], people: Sequence[Person]) -> HumanCost:
    """Everybody's time is paid, also of those whose answers are of no use."""
    minutes = sum(person.minutes for person in people)
    total = minutes / 60 * survey.plan.pay_per_hour
    accepted = [one for one in entries if one.word is DecisionWord.ACCEPTED and one.question.kind.writes_hypothesis]
    samples = sum(person.approved for person in people)
    return HumanCost(
        minutes=minutes,
        total=total,
        per_hypothesis=total / len(accepted) if accepted else None,
        per_sample=total / samples if samples else None,
        hypotheses=len(accepted),
        samples=samples,
    )


def _agreement(entries: Sequence[Entry]) -> Agreement:
    """Of answers in the pool: a careless one would only blur what careful people have in common."""
    by_item: dict[str, list[Answer]] = defaultdict(list)
    for entry in entries:
        if entry.question.kind is QuestionKind.ABSTRACTION and entry.in_pool and entry.answer is not None:
            by_item[str(entry.question.item_id)].append(entry.answer)
    shared = {item: told for item, told in by_item.items() if len(told) > 1}
    same = [_overlap(a, b) for told in shared.values() for a, b in combinations(told, 2)]
    apart = [
        _overlap(a, b)
        for (_, first), (_, second) in combinations(sorted(shared.items()), 2)
        for a in first
        for b in second
        if a.participant_id != b.participant_id
    ]
    votes = [[one.choice for one in told if one.choice is not None] for told in shared.values()]
    return Agreement(
        shared=len(shared),
        alpha=krippendorff_alpha(votes),
        overlap=mean(same) if same else None,
        by_chance=mean(apart) if apart else None,
    )


def _overlap(first: Answer, second: Answer) -> float:
    one, other = (
        {word.lower() for word in words(answer.text[0])} - _PLAIN for answer in (first, second)
    )  # fmt: skip
    return len(one & other) / len(one | other) if one | other else 0.0
