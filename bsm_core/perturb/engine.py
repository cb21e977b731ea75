"""Attacking many examples at once, with their queries in common batches (``broker``); each as if it were alone.

Rounds: searches begin until enough texts wait; the oldest searches' questions are answered together, up to a limit;
those searches go on to their next question. What comes out for an example depends on it, the seed and the model
alone, not on what else is under way; but for float ties: a model's answers differ in the last bits with the batch
they are computed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from textattack.attack_results import AttackResult, FailedAttackResult
from textattack.shared import AttackedText

from bsm_core.domain.tasks import Example
from bsm_core.domain.unknowns import PAPER_TAU, AttackGoal, PairSide, Perturbation, PerturbationRecipe
from bsm_core.errors import ClassifierError
from bsm_core.perturb.broker import Question, Spending, answer_together
from bsm_core.perturb.ingredients import Ingredients
from bsm_core.perturb.limits import AttackLimits, search_bytes
from bsm_core.perturb.pool import AttackPool
from bsm_core.perturb.randomness import OwnGenerators, generators_kept
from bsm_core.perturb.recipes import build_attack
from bsm_core.perturb.records import attacked, broken, softmax
from bsm_core.perturb.search import OnAnswer, Search
from bsm_core.perturb.wrapper import ClassifierWrapper
from bsm_core.ports import Classifier, JobContext


class TextAttackPerturber:
    """Fulfils ``ports.Perturber``: TextAttack's recipes with our own loop around them.

    ``ingredients`` are what ``textfooler-local`` is made of.
    ``spending`` adds up where the time went; ``on_answer`` sees what the model was asked about each
    example, and its logits.
    """

    def __init__(
        self,
        limits: AttackLimits | None = None,
        spending: Spending | None = None,
        on_answer: OnAnswer | None = None,
        ingredients: Ingredients | None = None,
    ) -> None:
        self.ingredients = ingredients
        self.limits = limits or AttackLimits()
        self.spending = spending or Spending()
        self.on_answer = on_answer

    def perturb(
        self,
        classifier: Classifier,
        examples: Sequence[Example],
        recipe: PerturbationRecipe,
        seed: int,
        set_id: str,
        context: JobContext,
        goal: AttackGoal = AttackGoal.UNTARGETED,
        tau: float = PAPER_TAU,
        side: PairSide = PairSide.BOTH,
    ) -> Iterator[Perturbation]:
        """See ``ports.Perturber``.

        An example on which TextAttack or the model fails, or that goes beyond a limit, comes with outcome ERROR and a
        note; one whose query budget is used up with FAILED and a note. Raises JobCancelledError between two calls of
        the classifier; PerturbationError for an unknown recipe.
        """
        attack = build_attack(recipe, ClassifierWrapper(classifier, context), goal, tau, self.ingredients, side)
        pool = AttackPool(attack, self.limits.queries, self.spending)
        run = _Run(self, pool, classifier, examples, seed, set_id, context)
        try:
            yield from run.results()
        finally:
            run.close()


class _Run:
    """One call of ``perturb``."""

    def __init__(
        self,
        perturber: TextAttackPerturber,
        pool: AttackPool,
        classifier: Classifier,
        examples: Sequence[Example],
        seed: int,
        set_id: str,
        context: JobContext,
    ) -> None:
        self._limits = perturber.limits
        self._spending = perturber.spending
        self._on_answer = perturber.on_answer
        self._pool = pool
        self._classifier = classifier
        self._examples = examples
        self._seed = seed
        self._set_id = set_id
        self._context = context
        self._searches: list[Search] = []  # under way, oldest first; each waits for an answer
        self._begun = 0
        self._told = 0  # examples whose results were given away
        self._done: dict[int, Perturbation] = {}  # results that wait for an earlier one

    def results(self) -> Iterator[Perturbation]:
        total = len(self._examples)
        while self._told < total:
            self._context.check_cancelled()
            self._context.progress("attacking", self._told + len(self._done), total)
            with generators_kept():
                self._begin_some()
                self._answer_some()
            while self._told in self._done:
                self._told += 1
                yield self._done.pop(self._told - 1)
        self._context.progress("attacking", total, total)

    def close(self) -> None:
        """End the searches that are still under way."""
        for search in self._searches:
            search.kill()
        self._searches.clear()

    def _begin_some(self) -> None:
        while self._has_room():
            position = self._begun
            example = self._examples[position]
            words = sum(AttackedText(side).num_words for side in example.text)
            needed = search_bytes(words)
            if needed > self._limits.memory:
                reason = MemoryError(f"{words:,} words would take about {needed / 1024**3:.1f} GiB")
                self._done[position] = self._broken(example, reason)
            elif self._searches and needed + sum(one.memory for one in self._searches) > self._limits.memory:
                return
            else:
                self._begin(position, example, needed)
            self._begun += 1

    def _has_room(self) -> bool:
        if not self._told <= self._begun < min(len(self._examples), self._told + self._limits.window):
            return False
        if len(self._searches) >= self._limits.concurrency:
            return False
        return sum(one.characters for one in self._searches) < self._limits.round_characters

    def _begin(self, position: int, example: Example, memory: int) -> None:
        search = Search(
            position,
            example,
            self._pool.take(),
            OwnGenerators(self._seed, example.example_id),
            self._limits,
            self._context.check_cancelled,
            memory,
            self._on_answer,
        )
        self._searches.append(search)
        self._go_on(search, None)

    def _answer_some(self) -> None:
        """The oldest searches' questions: one at least, and as many as a round has room for."""
        asking: list[Search] = []
        characters = 0
        for search in self._searches:
            characters += search.characters
            if asking and characters > self._limits.round_characters:
                break
            asking.append(search)
        questions = [search.question for search in asking if search.question is not None]
        answer_together(questions, self._spending)
        for search, question in zip(asking, questions, strict=True):
            self._go_on(search, question)

    def _go_on(self, search: Search, answered: Question | None) -> None:
        before = search.searching
        end = search.begin() if answered is None else search.answered(answered)
        self._spending.searching += search.searching - before
        if isinstance(end, Question):
            search.question = end
            return
        self._searches.remove(search)
        self._done[search.position] = self._recorded(search, end)
        self._pool.give_back(search.attack)

    def _recorded(self, search: Search, end: Any) -> Perturbation:
        queries = search.attack.goal_function.num_queries
        if not isinstance(end, AttackResult):
            self._context.check_cancelled()  # a signal breaking into TextAttack may come out as an error of its own
            return self._broken(search.example, end, search, queries)
        return attacked(search.example, self._set_id, end, search.seconds, self._note(end, queries))

    def _note(self, result: AttackResult, queries: int) -> str:
        budget = self._limits.queries
        used_up = budget is not None and queries >= budget and isinstance(result, FailedAttackResult)
        return f"the budget of {budget:,} queries was used up" if used_up else ""

    def _broken(
        self, example: Example, error: Exception, search: Search | None = None, queries: int = 0
    ) -> Perturbation:
        seconds = search.seconds if search is not None else 0.0
        if search is not None and search.original_logits is not None:
            probabilities = softmax(search.original_logits)
        else:
            probabilities = self._asked_alone(example)
        return broken(example, self._set_id, error, probabilities, queries, seconds)

    def _asked_alone(self, example: Example) -> tuple[float, ...]:
        try:
            return tuple(self._classifier.probabilities([example.text])[0].tolist())
        except ClassifierError:  # any other error is that of a broken machine, and ends the run
            return ()
