"""One example's search: TextAttack's own code, in a greenlet, with its own random state, clock and limits."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy.typing as npt
from textattack import Attack
from textattack.attack_results import AttackResult
from textattack.shared import AttackedText

from bsm_core.domain.tasks import Example, Text
from bsm_core.perturb.broker import FAILURES, Asker, Question
from bsm_core.perturb.limits import AttackLimits
from bsm_core.perturb.randomness import OwnGenerators
from bsm_core.perturb.sides import COLUMNS
from bsm_core.ports import FloatArray

_CHECK_SECONDS = 0.5

OnAnswer = Callable[[Example, Sequence[Text], FloatArray], None]


class OutOfTimeError(RuntimeError):
    """An example took longer than it may."""


class Search(Asker):
    """Switched to with ``begin``, then with ``answered``: each returns a question, or at the end the AttackResult, or
    the error that was this example's end."""

    def __init__(
        self,
        position: int,
        example: Example,
        attack: Attack,
        generators: OwnGenerators,
        limits: AttackLimits,
        check_cancelled: Callable[[], None],
        memory: int = 0,
        on_answer: OnAnswer | None = None,
    ) -> None:
        super().__init__()
        self.position = position
        self.example = example
        self.attack = attack
        self.memory = memory
        self.question: Question | None = None
        self.original_logits: FloatArray | None = None
        self.searching = 0.0
        self.waited = 0.0
        self._generators = generators
        self._limits = limits
        self._check_cancelled = check_cancelled
        self._on_answer = on_answer
        self._resumed = self._checked = time.perf_counter()

    def run(self) -> AttackResult | Exception:
        try:
            _check_text(self.example.text)
            return self.attack.attack(WatchedText(self.example.text, self.watch), self.example.label)
        except FAILURES as error:
            return error

    def kill(self) -> None:
        if not self.dead:
            self.throw()

    def begin(self) -> Any:
        """To the first question."""
        return self._go(self.switch)

    def answered(self, question: Question) -> Any:
        """To the next question."""
        self.waited += question.seconds
        return self._go(lambda: super(Search, self).answered(question))

    @property
    def seconds(self) -> float:
        """Its own code, and its share of the answers."""
        return self.searching + self.waited

    @property
    def characters(self) -> int:
        return self.question.characters if self.question is not None else 0

    def ask(self, question: Question) -> npt.NDArray[Any]:
        self.watch()
        reply = super().ask(question)
        if self.original_logits is None:
            self.original_logits = reply[0]  # TextAttack's first query is the text as it stands
        if self._on_answer is not None and question.purpose == "model":
            self._on_answer(self.example, question.items, reply)
        return reply

    def clock(self) -> float:
        """Seconds of its own code so far; called from within the search."""
        return self.searching + time.perf_counter() - self._resumed

    def watch(self) -> None:
        """Raise JobCancelledError when the user asked to stop, OutOfTimeError past the limit."""
        now = time.perf_counter()
        if now - self._checked >= _CHECK_SECONDS:
            self._checked = now
            self._check_cancelled()
        limit = self._limits.seconds
        if limit is not None and self.clock() + self.waited > limit:
            asked = self.attack.goal_function.num_queries
            raise OutOfTimeError(f"not done within {limit:g} s and {asked:,} queries")

    def _go(self, switch: Callable[[], Any]) -> Any:
        self._generators.enter()
        self._resumed = time.perf_counter()
        try:
            return switch()
        finally:
            self.searching += time.perf_counter() - self._resumed
            self._generators.leave()


class WatchedText(AttackedText):
    """The text of an example. Ranking the words of a long one makes thousands of texts from it, which takes minutes
    in which nothing is asked: ``watch`` is called before each."""

    def __init__(self, text: Text, watch: Callable[[], None]) -> None:
        names = ("text",) if len(text) == 1 else COLUMNS
        super().__init__(OrderedDict(zip(names, text, strict=True)))
        self._watch = watch

    def generate_new_attacked_text(self, new_words: Iterable[str]) -> AttackedText:
        self._watch()
        return super().generate_new_attacked_text(new_words)


def _check_text(text: Text) -> None:
    # TextAttack joins the sides of a text with this token and splits them again, so it would cut the text there.
    if any(AttackedText.SPLIT_TOKEN in side for side in text):
        raise ValueError(f"the text contains {AttackedText.SPLIT_TOKEN}, with which TextAttack marks text pairs")
