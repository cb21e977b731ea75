"""The effect of every arm against a reference arm on one endpoint: size, interval, test, and what could be resolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bsm_core.domain.arms import Arm, EvaluationResult
from bsm_core.domain.comparison import AnswerPattern, Endpoint
from bsm_core.metrics.bootstrap import PairedIntervals, paired_intervals
from bsm_core.metrics.multiplicity import holm
from bsm_core.metrics.paired import Answered, Pairs, mcnemar, paired_p, sign_flip
from bsm_core.metrics.power import ALPHA, seeds_needed, texts_needed


@dataclass(frozen=True, slots=True)
class SeedTest:
    """One model of the arm: McNemar's exact test on its own."""

    model_id: str
    seed: int
    only_before: int
    only_after: int
    p: float


@dataclass(frozen=True, slots=True)
class Effect:
    """One arm against ``reference`` on the ``size`` texts that all of both arms' models answered.

    ``before`` and ``after`` are mean counts over the models; ``p`` is paired (McNemar's exact test, over several seeds
    the sign-flip test), ``adjusted`` is it after Holm over the arms compared with this reference on this endpoint.
    """

    arm: Arm
    reference: Arm
    endpoint: Endpoint
    size: int
    before: float
    after: float
    intervals: PairedIntervals
    p: float
    adjusted: float
    tests: tuple[SeedTest, ...]
    seeds_p: float | None
    """Sign flips of whole seeds' differences; None with one seed. With few seeds it cannot be small."""
    texts_needed: int | None
    """Texts that would resolve a difference of this size four times in five at the level the first of Holm's steps
    asks for; None without a difference."""
    seeds_needed: int | None
    """The same in seeds, all on these texts; None with one seed, whose spread is not known."""

    @property
    def difference(self) -> float:
        return self.after - self.before

    @property
    def change(self) -> float | None:
        """Relative, as a ratio of the means; None when there was nothing before."""
        return None if self.before == 0 else self.difference / self.before

    @property
    def resolved(self) -> bool:
        """Both the test and the interval over texts and seeds say that there is a difference."""
        return self.adjusted <= ALPHA and not self.intervals.difference.holds(0)

    @property
    def fewer(self) -> bool:
        return self.difference < 0

    @property
    def agreeing(self) -> int:
        """Seeds that moved the way the mean did."""
        return sum((one.only_after - one.only_before) * self.difference > 0 for one in self.tests)


def effects(
    patterns: Sequence[AnswerPattern],
    results: Sequence[EvaluationResult],
    endpoint: Endpoint,
    reference: Arm = Arm.ORIGINAL,
) -> list[Effect]:
    """One an arm but ORIGINAL and the reference, in the order of ``results``; empty when the reference was not
    evaluated. An arm that shares no text with it is left out."""
    models: dict[Arm, list[EvaluationResult]] = {}
    for result in sorted(results, key=lambda one: one.seed):
        models.setdefault(result.arm, []).append(result)
    order = [arm for arm in dict.fromkeys(result.arm for result in results) if arm not in (Arm.ORIGINAL, reference)]
    if reference not in models:
        return []
    answered, before = Answered(patterns, endpoint), _ids(models[reference])
    paired = {arm: answered.pairs(before, _ids(models[arm])) for arm in order}
    found = [(arm, pairs, paired_p(pairs)) for arm, pairs in paired.items() if pairs is not None]
    adjusted = holm([p for *_, p in found])
    return [
        _effect(arm, reference, endpoint, pairs, models[arm], p, level, ALPHA / len(found))
        for (arm, pairs, p), level in zip(found, adjusted, strict=True)
    ]


def _ids(results: Sequence[EvaluationResult]) -> list[str]:
    return [one.evaluation.model_id for one in results]


def _effect(
    arm: Arm,
    reference: Arm,
    endpoint: Endpoint,
    pairs: Pairs,
    models: Sequence[EvaluationResult],
    p: float,
    adjusted: float,
    alpha: float,
) -> Effect:
    tests = []
    for place, model in enumerate(models):
        only_before, only_after = pairs.discordant(place)
        tests.append(
            SeedTest(model.evaluation.model_id, model.seed, only_before, only_after, mcnemar(only_before, only_after))
        )
    differences, counts = pairs.differences, pairs.counts
    by_seed = pairs.after_totals - pairs.before_totals.mean()
    several = len(models) > 1
    whole = pairs.after_totals * pairs.before.shape[1] - pairs.before_totals.sum()
    return Effect(
        arm=arm,
        reference=reference,
        endpoint=endpoint,
        size=pairs.size,
        before=float(pairs.before_totals.mean()),
        after=float(pairs.after_totals.mean()),
        intervals=paired_intervals(pairs),
        p=p,
        adjusted=adjusted,
        tests=tuple(tests),
        seeds_p=sign_flip(whole, np.ones(len(models), dtype=np.int64)) if several else None,
        texts_needed=texts_needed(
            float(differences @ counts) / pairs.size, float(differences**2 @ counts) / pairs.size, alpha=alpha
        ),
        seeds_needed=seeds_needed(float(by_seed.mean()), float(by_seed.std(ddof=1)), alpha=alpha) if several else None,
    )
