"""Ways to attack the same examples, each with its own clock."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bsm_core.bench.agreement import Trace
from bsm_core.bench.quiet import QuietContext
from bsm_core.classifiers.device import move
from bsm_core.classifiers.encoder import load_tokenizer, load_trained
from bsm_core.classifiers.predict import TrainedClassifier
from bsm_core.domain.tasks import Example
from bsm_core.domain.unknowns import Perturbation, PerturbationRecipe
from bsm_core.perturb.broker import Spending
from bsm_core.perturb.engine import TextAttackPerturber
from bsm_core.perturb.ingredients import Ingredients
from bsm_core.perturb.limits import AttackLimits
from bsm_core.perturb.vanilla import VanillaAttack


@dataclass(slots=True)
class Timing:
    way: str
    seconds: float = 0.0
    processor: float = 0.0
    """Seconds of processor time: what counts on a machine that does other things as well."""
    queries: int = 0

    @property
    def rate(self) -> float:
        return self.queries / self.seconds

    @property
    def cost(self) -> float:
        """Processor seconds a query."""
        return self.processor / self.queries

    @contextmanager
    def measured(self) -> Iterator[None]:
        started, burnt = time.perf_counter(), time.process_time()
        yield
        self.seconds += time.perf_counter() - started
        self.processor += time.process_time() - burnt


@dataclass(frozen=True, slots=True)
class Attacked:
    """One way's results, and what was asked on the way."""

    timing: Timing
    found: list[Perturbation] = field(default_factory=list)
    trace: Trace = field(default_factory=Trace)
    spending: Spending = field(default_factory=Spending)


class OurAttack:
    def __init__(
        self,
        way: str,
        classifier: TrainedClassifier,
        recipe: PerturbationRecipe,
        ingredients: Ingredients,
        limits: AttackLimits,
        seed: int,
    ) -> None:
        self.attacked = Attacked(Timing(way))
        self._perturber = TextAttackPerturber(
            limits, self.attacked.spending, self.attacked.trace.add, ingredients=ingredients
        )
        self._classifier, self._recipe, self._seed = classifier, recipe, seed

    def attack(self, examples: Sequence[Example]) -> None:
        one = self.attacked
        found = self._perturber.perturb(self._classifier, examples, self._recipe, self._seed, "bench", QuietContext())
        with one.timing.measured():
            one.found.extend(found)
        one.timing.queries = one.trace.asked


class TextAttackItself:
    def __init__(
        self,
        way: str,
        classifier: TrainedClassifier,
        folder: Path,
        recipe: PerturbationRecipe,
        ingredients: Ingredients,
        seed: int,
    ) -> None:
        self.attacked = Attacked(Timing(way))
        tokenizer = load_tokenizer(folder)
        tokenizer.model_max_length = classifier.max_length
        model = move(load_trained(folder), classifier.device)
        self._attack = VanillaAttack(model, tokenizer, self.attacked.trace.add, recipe, ingredients)
        self._seed = seed

    def attack(self, examples: Sequence[Example]) -> None:
        one = self.attacked
        with one.timing.measured():
            one.found.extend(self._attack.attack(item, self._seed, "bench") for item in examples)
        one.timing.queries = one.trace.asked
