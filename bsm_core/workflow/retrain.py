"""The extended training set of each arm, all of one size (2.3, 3.1, 3.2)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import chain, zip_longest

from bsm_core.domain.arms import Arm, ArmPlan
from bsm_core.domain.hypotheses import HypothesisKind
from bsm_core.domain.synthesis import SampleState
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import NothingToDoError
from bsm_core.ports import LabelledText


def arm_plans(unknowns: int, approved: Sequence[SampleState], train_size: int, budget: int) -> list[ArmPlan]:
    """What each arm could add now, and why it cannot run. ``budget`` is the 2% of training texts (3.1)."""
    plans = []
    for arm in Arm:
        if arm is Arm.ORIGINAL:
            plans.append(ArmPlan(arm, 0, budget, ""))
            continue
        if arm is Arm.MORE_TRAINING:
            available, problem = train_size, ""
        elif arm is Arm.RELABEL:
            available, problem = unknowns, "no UUs on validation; run Discover first"
        else:
            available = sum(state.sample.agent is arm.agent for state in approved)
            problem = f"no approved samples by agent {arm.agent}; approve some on the Samples page"
        plans.append(ArmPlan(arm, available, budget, "" if available else problem))
    return plans


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


def additions(
    arm: Arm,
    budget: int,
    train: Sequence[LabelledText],
    unknowns: Sequence[UnknownUnknown],
    approved: Sequence[SampleState],
    seed: int,
) -> list[LabelledText]:
    """The ``budget`` texts that the arm adds to the training set.

    Every arm adds equally many, so that all take the same number of optimizer steps. UUs and training rows are drawn
    by seed; samples are taken in order of approval, abstraction and extrapolation in turn (1% of each, 3.1).
    Raises NothingToDoError when there are fewer than ``budget``.
    """
    if arm is Arm.ORIGINAL:
        return []
    if arm is Arm.MORE_TRAINING:
        pool = list(train)
    elif arm is Arm.RELABEL:
        pool = [LabelledText(unknown.text, unknown.label) for unknown in unknowns]
    else:
        pool = _alternating([state for state in approved if state.sample.agent is arm.agent])
    if len(pool) < budget:
        raise NothingToDoError(
            f"{arm} has {len(pool)} texts for a budget of {budget}; approve more samples, or lower the budget"
        )
    if arm.agent is None:
        return random.Random(f"{seed}/{arm}").sample(pool, budget)
    return pool[:budget]


def _alternating(states: Sequence[SampleState]) -> list[LabelledText]:
    by_kind = [[s.sample for s in states if s.hypothesis_kind is kind] for kind in HypothesisKind]
    return [LabelledText(s.text, s.label) for s in chain.from_iterable(zip_longest(*by_kind)) if s is not None]
