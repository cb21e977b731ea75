"""What the embedded model can write: one plain sentence, its label fixed beforehand."""

from __future__ import annotations

import random
from dataclasses import dataclass

from bsm_core.domain.tasks import Task
from bsm_core.errors import NothingToDoError, TeacherAnswerError
from bsm_core.ports import Teacher
from bsm_core.workflow import frames
from bsm_core.workflow.nonsense import junk
from bsm_core.workflow.patterns import sentiment
from bsm_core.workflow.sentences import clean_sentence, sentence_problem
from bsm_core.workflow.templates import load_template, render

PURPOSE = "sample"


@dataclass(frozen=True, slots=True)
class PlainSentence:
    """``word`` is its opinion word, None where it has no opinion."""

    text: str
    word: str | None
    call_id: str


class PlainWriter:
    """Raises NothingToDoError for a pair task: the embedded model cannot write pairs."""

    def __init__(self, task: Task, teacher: Teacher, study_id: str) -> None:
        if task.is_pair:
            raise NothingToDoError(
                "the embedded model cannot write text pairs; configure an endpoint on the Settings page, "
                "or write samples by hand"
            )
        self._task = task
        self._teacher = teacher
        self._study_id = study_id
        self._poles = sentiment(task)
        self._plain, self._plot = load_template("sentence"), load_template("sentence_plot")

    def write(self, key: str | None, label: int, drawn: random.Random) -> PlainSentence:
        """A sentence that the pattern ``key`` can be applied to; None is for any sentence.

        Raises TeacherAnswerError when the answer cannot be used with the label.
        """
        start = frames.sentence_start(self._task, key, label, drawn) or frames.Start("", None)
        is_plot = self._poles is not None and start.word is None
        noun = self._task.sample_noun
        noun = noun if "sentence" in noun else f"{noun} sentence"
        slots = {"label": self._task.label_names[label], "noun": noun, "start": start.text}
        prompt = render(self._plot if is_plot else self._plain, slots, self._task, drawn.randrange(2**31))
        call = self._teacher.ask(prompt, PURPOSE, self._study_id)
        sentence = clean_sentence(start.text, call.answer)
        if self._poles is not None:
            problem = sentence_problem(sentence, start.word, label == self._poles.positive)
        else:
            problem = junk(sentence)
        if problem:
            raise TeacherAnswerError(f"{sentence[:120]!r}: {problem}")
        return PlainSentence(sentence, start.word, call.call_id)
