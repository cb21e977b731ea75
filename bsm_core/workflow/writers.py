"""Who writes a sample: a real teacher from the generation prompt, or, for the embedded one, code around a sentence."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bsm_core.config import GateConfig
from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.tasks import Task, Text
from bsm_core.errors import TeacherAnswerError
from bsm_core.ports import Teacher
from bsm_core.workflow import frames, prompts
from bsm_core.workflow.parsing import parse_sample
from bsm_core.workflow.patterns import Sentiment, findings, is_pattern, key_in_words, sentiment
from bsm_core.workflow.plain_sentences import PURPOSE, PlainWriter
from bsm_core.workflow.specs import SampleRequest
from bsm_core.workflow.templates import LoadTemplate

RULE_TRIES = 6
TEACHER_TRIES = 2
BEST_OF = 2
"""Usable texts that the embedded model writes for one place, where it can: the gates choose among them."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The ``number``-th sample of the ``request``-th request. ``label`` is fixed beforehand for the embedded teacher,
    None where the teacher gives it."""

    request: int
    number: int
    label: int | None


@dataclass(frozen=True, slots=True)
class Written:
    text: Text
    label: int
    reasoning: str
    call_id: str


class Writer(Protocol):
    """Raises TeacherAnswerError when there is no usable text after several tries."""

    def write(self, request: SampleRequest, slot: Slot, previous: Sequence[Text]) -> list[Written]:
        """One, or several to choose from."""
        ...


class TeacherWriter:
    """The generation prompt of appendix B; the label is read from the answer."""

    def __init__(
        self, task: Task, teacher: Teacher, study_id: str, seed: int, load: LoadTemplate | None = None
    ) -> None:
        self._task = task
        self._teacher = teacher
        self._study_id = study_id
        self._seed = seed
        self._load = load

    def write(self, request: SampleRequest, slot: Slot, previous: Sequence[Text]) -> list[Written]:
        problem = ""
        for attempt in range(TEACHER_TRIES):
            seed = random.Random(f"{self._seed}/{slot.request}/{slot.number}/{attempt}").randrange(2**31)
            prompt = prompts.generation_prompt(
                self._task, request.hypothesis, request.parent_text, request.sources, previous, seed, self._load
            )
            try:
                call = self._teacher.ask(prompt, PURPOSE, self._study_id)
                text, label, reasoning = parse_sample(call.answer, self._task)
            except TeacherAnswerError as error:
                problem = str(error)
                continue
            return [Written(text, label, reasoning, call.call_id)]
        raise TeacherAnswerError(f"no usable answer in {TEACHER_TRIES} tries; the last: {problem}")


class RuleWriter:
    """A plain sentence by the embedded model, with its label fixed beforehand, to which code applies the hypothesis'
    pattern. Raises NothingToDoError for a pair task: the model cannot write pairs."""

    def __init__(
        self, task: Task, teacher: Teacher, study_id: str, seed: int, gates: GateConfig, best_of: int = BEST_OF
    ) -> None:
        self._sentences = PlainWriter(task, teacher, study_id)
        self._task = task
        self._seed = seed
        self._gates = gates
        self._best_of = best_of
        self._poles = sentiment(task)

    def write(self, request: SampleRequest, slot: Slot, previous: Sequence[Text]) -> list[Written]:
        key = pattern_of(request, self._poles)
        if key is None or slot.label is None:
            raise TeacherAnswerError(
                "the embedded model cannot follow a hypothesis in words, and this one names no pattern that code could "
                "apply; configure an endpoint on the Settings page, or write the sample by hand"
            )
        problem, found = "", list[Written]()
        for attempt in range(RULE_TRIES):
            drawn = random.Random(f"{self._seed}/{slot.request}/{slot.number}/{key}/{attempt}")
            try:
                found.append(self._try(key, slot.label, [*previous, *(one.text for one in found)], drawn))
            except TeacherAnswerError as error:
                problem = str(error)
            if len(found) >= self._best_of:
                break
        if found:
            return found
        raise TeacherAnswerError(f"no usable sentence in {RULE_TRIES} tries; the last: {problem}")

    def _try(self, key: str, label: int, previous: Sequence[Text], drawn: random.Random) -> Written:
        plain = self._sentences.write(key, label, drawn)
        applied = frames.apply(self._task, key, plain.text, plain.word, label, drawn)
        if applied is None:
            raise TeacherAnswerError(f"{plain.text[:120]!r} has no place for the pattern {key}")
        if len(applied.text) < self._gates.min_characters:
            raise TeacherAnswerError(f"{applied.text!r} is shorter than {self._gates.min_characters} characters")
        if (applied.text,) in previous:
            raise TeacherAnswerError(f"{applied.text!r} is there already")
        reasoning = (
            f"The label {self._task.label_names[label]!r} was fixed beforehand; the embedded model wrote the sentence "
            f"{plain.text!r}; then code applied the pattern: {applied.how}."
        )
        return Written((applied.text,), label, reasoning, plain.call_id)


def pattern_of(request: SampleRequest, poles: Sentiment | None) -> str | None:
    """The hypothesis' own pattern, else the one its words speak of, else the one its UUs show; None when there is none
    that code can apply."""
    own = request.hypothesis.pattern
    if is_pattern(own):
        return own
    spoken = key_in_words(request.hypothesis.text)
    if spoken is not None:
        return spoken
    return findings(request.sources[0], poles)[0].key if request.sources else None


def sample_agent(hypothesis: Agent, embedded: bool) -> Agent:
    """Whose sample it is when a teacher writes for a hypothesis: samples of an arm are those of its hypotheses' agent.

    A human's hypothesis and a model's sample make a HYBRID. What the embedded teacher writes for a model's hypothesis
    is code's work and counts as RULE, never as LM; a rule's hypothesis stays RULE whoever writes the text.
    """
    if hypothesis is Agent.RULE or (embedded and hypothesis is Agent.LM):
        return Agent.RULE
    return Agent.LM if hypothesis is Agent.LM else Agent.HYBRID


def planned_slots(task: Task, requests: Sequence[SampleRequest], embedded: bool, seed: int) -> list[Slot]:
    """All samples to write. For the embedded teacher each with its label: one that the hypothesis speaks of, and of
    those the label that was planned least so far, so that labels come out even."""
    counts = [0] * len(task.label_names)
    slots = []
    for index, request in enumerate(requests):
        labels = {source.label for source in request.sources}
        if request.hypothesis.kind is HypothesisKind.EXTRAPOLATION or not labels:
            labels = set(range(len(task.label_names)))
        for number in range(request.count):
            label = None
            if embedded:
                drawn = random.Random(f"{seed}/label/{index}/{number}")
                label = min(sorted(labels), key=lambda one: (counts[one], drawn.random()))
                counts[label] += 1
            slots.append(Slot(index, number, label))
    return slots
