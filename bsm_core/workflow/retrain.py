"""The extended training set of each arm, all of one size (2.3, 3.1, 3.2)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import TypeVar

from bsm_core.domain.arms import Arm, ArmPlan
from bsm_core.domain.experiments import AddedText, Source
from bsm_core.domain.hypotheses import HypothesisKind
from bsm_core.domain.synthesis import SampleState
from bsm_core.domain.tasks import Text
from bsm_core.errors import NothingToDoError
from bsm_core.workflow.shingles import nearest

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Pools:
    """What arms draw from. ``unknowns`` are those of validation; ``perturbed`` are training texts that the attack
    changed with success."""

    train: Sequence[AddedText] = ()
    unknowns: Sequence[AddedText] = ()
    approved: Sequence[SampleState] = ()
    untargeted: Sequence[AddedText] = ()
    perturbed: Sequence[AddedText] = ()

    def of(self, arm: Arm) -> Sequence[AddedText]:
        """Samples in order of approval, abstraction and extrapolation in turn (1% of each, 3.1)."""
        match arm:
            case Arm.ORIGINAL:
                return ()
            case Arm.MORE_TRAINING:
                return self.train
            case Arm.RELABEL:
                return self.unknowns
            case Arm.UNTARGETED:
                return self.untargeted
            case Arm.ADVERSARIAL:
                return self.perturbed
            case _:
                return _alternating([state for state in self.approved if _belongs(state, arm)])

    def available(self) -> dict[Arm, int]:
        """How many texts each arm could draw from."""
        return {arm: len(self.of(arm)) for arm in Arm}

    def without_leaks(self, sealed: Sequence[Text], share: float) -> tuple[Pools, dict[Arm, int]]:
        """Without texts that have more than ``share`` of their letter runs in common with one of ``sealed``, and how
        many of each arm's those were. Training texts themselves are told from test when the data are split."""
        samples = [state.sample.text for state in self.approved]
        kept = replace(
            self,
            unknowns=_clear(self.unknowns, [one.text for one in self.unknowns], sealed, share),
            approved=_clear(self.approved, samples, sealed, share),
            untargeted=_clear(self.untargeted, [one.text for one in self.untargeted], sealed, share),
            perturbed=_clear(self.perturbed, [one.text for one in self.perturbed], sealed, share),
        )
        left = kept.available()
        return kept, {arm: count - left[arm] for arm, count in self.available().items() if count > left[arm]}


def sample_counts(approved: Sequence[SampleState]) -> dict[Arm, int]:
    """How many approved samples each arm that takes samples could draw from."""
    return {arm: sum(_belongs(state, arm) for state in approved) for arm in Arm if arm.has_samples}


def arm_plans(available: Mapping[Arm, int], budget: int) -> list[ArmPlan]:
    """What each arm could add now, and why it cannot run. ``budget`` is the 2% of training texts (3.1)."""
    counts = {arm: available.get(arm, 0) for arm in Arm}
    return [
        ArmPlan(arm, count, budget, "" if count or arm is Arm.ORIGINAL else _problem(arm))
        for arm, count in counts.items()
    ]


def common_budget(plans: Sequence[ArmPlan], arms: Sequence[Arm]) -> int:
    """The number of texts that every chosen arm adds: the budget, or the fewest any of them has (equal budget, 3.2).

    Raises NothingToDoError when one has none, or when no arm but ORIGINAL is chosen.
    """
    chosen = [plan for plan in plans if plan.arm in arms and plan.arm is not Arm.ORIGINAL]
    if not chosen:
        raise NothingToDoError("no arm is chosen beside ORIGINAL; choose at least one")
    for plan in chosen:
        if plan.problem:
            raise NothingToDoError(f"{plan.arm} cannot run: {plan.problem}")
    return min(min(plan.available, plan.budget) for plan in chosen)


def additions(arm: Arm, budget: int, pools: Pools, seed: int) -> list[AddedText]:
    """The ``budget`` texts that the arm adds to the training set.

    Every arm adds equally many, so that all take the same number of optimizer steps. Approved samples are taken in
    order, everything else is drawn by seed. Raises NothingToDoError when there are fewer than ``budget``.
    """
    if arm is Arm.ORIGINAL:
        return []
    pool = pools.of(arm)
    if len(pool) < budget:
        raise NothingToDoError(
            f"{arm} has {len(pool)} texts for a budget of {budget}; approve more samples, or lower the budget"
        )
    if not arm.has_samples:
        return random.Random(f"{seed}/{arm}").sample(pool, budget)
    return list(pool[:budget])


def _belongs(state: SampleState, arm: Arm) -> bool:
    if arm.hypothesis_kind is not None:
        return state.hypothesis_kind is arm.hypothesis_kind
    return state.sample.agent is arm.agent


def _alternating(states: Sequence[SampleState]) -> list[AddedText]:
    by_kind = [[s.sample for s in states if s.hypothesis_kind is kind] for kind in HypothesisKind]
    return [
        AddedText(s.text, s.label, Source.SAMPLE, s.sample_id)
        for s in chain.from_iterable(zip_longest(*by_kind))
        if s is not None
    ]


def _problem(arm: Arm) -> str:
    match arm:
        case Arm.RELABEL:
            return "no UUs on validation; run Discover first"
        case Arm.UNTARGETED:
            return "no texts written without a hypothesis yet; have them written on the Experiments page"
        case Arm.ADVERSARIAL:
            return "no training texts were attacked yet; have it done on the Experiments page"
        case Arm.ABSTRACTION | Arm.EXTRAPOLATION:
            return f"no approved samples of {arm.hypothesis_kind}s; approve some on the Samples page"
        case Arm.MORE_TRAINING:
            return "there are no training texts; make a study with training texts"
        case _:
            return f"no approved samples by agent {arm.agent}; approve some on the Samples page"


def _clear(items: Sequence[Item], texts: Sequence[Text], sealed: Sequence[Text], share: float) -> list[Item]:
    found = nearest(texts, sealed)
    return [item for item, one in zip(items, found, strict=True) if one.share <= share]
