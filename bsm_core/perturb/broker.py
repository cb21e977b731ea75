"""Many searches, one batch: a search that needs a model's answer waits, and whoever waits is answered together.

A search runs as an ``Asker``, a greenlet. ``ask`` hands its question to whoever runs the searches and returns with
the answer; to the code that asks, it is an ordinary call. It must not be called inside a context that is a matter of
the thread (``torch.inference_mode``, ``warnings.catch_warnings``): other searches would run inside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt
from greenlet import getcurrent, greenlet

from bsm_core.errors import ClassifierError

Answer = Callable[[list[Any]], npt.NDArray[Any]]
"""Items to an array with a row an item, whatever else is among the items."""

FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
    ClassifierError,
)
"""What TextAttack's text surgery raises on texts it cannot handle, and a model on texts it cannot answer: the affair
of one example. Our other errors, a cancelled job above all, end the run."""


@dataclass(slots=True)
class Question:
    """What a search waits for. ``reply`` or ``error`` is there once it was answered."""

    answer: Answer
    items: list[Any]
    purpose: str
    reply: npt.NDArray[Any] | None = None
    error: Exception | None = None
    seconds: float = 0.0
    """Its share of the time that the common answer took."""
    characters: int = field(init=False)

    def __post_init__(self) -> None:
        self.characters = sum(_characters(item) for item in self.items)


class Asker(greenlet):
    """Code that may wait in ``ask``. Whoever switches to it gets its questions, and at last what ``run`` returns."""

    def ask(self, question: Question) -> npt.NDArray[Any]:
        reply: npt.NDArray[Any] = self.parent.switch(question)
        return reply

    def answered(self, question: Question) -> Any:
        """Go on with the answer, to the next question or the end."""
        return self.throw(question.error) if question.error is not None else self.switch(question.reply)


@dataclass(slots=True)
class Spending:
    """Where the time of a run went, in seconds, and how much was asked."""

    rounds: int = 0
    asked: int = 0
    """Items, before duplicates within a round are left out."""
    answered: int = 0
    answering: dict[str, float] = field(default_factory=dict)
    """By purpose: "model", and whatever else a recipe's constraints ask."""
    searching: float = 0.0
    """TextAttack's own code, its constraints included."""
    constraints: float = 0.0


def ask(answer: Answer, items: Sequence[Hashable], purpose: str = "model") -> npt.NDArray[Any]:
    """``answer(items)``, together with what other searches ask. Outside a search it is answered at once."""
    asker = getcurrent()
    if isinstance(asker, Asker):
        return asker.ask(Question(answer, list(items), purpose))
    return answer(list(items))


def answer_together(questions: Sequence[Question], spending: Spending) -> None:
    """Fill in ``reply`` or ``error`` of each question. Items that are equal are answered once."""
    spending.rounds += 1
    groups: dict[Answer, list[Question]] = {}
    for question in questions:
        groups.setdefault(question.answer, []).append(question)
    for answer, group in groups.items():
        _answer(answer, group, spending)


def _answer(answer: Answer, group: Sequence[Question], spending: Spending) -> None:
    rows: dict[Any, int] = {}
    for question in group:
        for item in question.items:
            rows.setdefault(item, len(rows))
    started = time.perf_counter()
    try:
        answers = answer(list(rows))
    except FAILURES as error:
        if len(group) == 1:
            group[0].error = error
            return
        # One of them is to blame; the others shall not suffer.
        half = len(group) // 2
        _answer(answer, group[:half], spending)
        _answer(answer, group[half:], spending)
        return
    seconds = time.perf_counter() - started
    asked = sum(len(question.items) for question in group)
    for question in group:
        question.reply = answers[[rows[item] for item in question.items]]
        question.seconds = seconds * len(question.items) / max(asked, 1)
    purpose = group[0].purpose
    spending.answering[purpose] = spending.answering.get(purpose, 0.0) + seconds
    spending.asked += asked
    spending.answered += len(rows)


def _characters(item: Any) -> int:
    return sum(len(side) for side in item) if isinstance(item, tuple) else len(item)
