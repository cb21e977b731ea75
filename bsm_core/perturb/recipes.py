"""Perturbation recipes as TextAttack attacks."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

from textattack import Attack
from textattack.attack_recipes import DeepWordBugGao2018, Pruthi2019

from bsm_core.domain.unknowns import AttackGoal, PairSide, PerturbationRecipe
from bsm_core.errors import PerturbationError
from bsm_core.perturb.goals import with_goal
from bsm_core.perturb.ingredients import Ingredients
from bsm_core.perturb.sides import with_side
from bsm_core.perturb.textfooler import textfooler
from bsm_core.perturb.textfooler_local import textfooler_local
from bsm_core.perturb.wrapper import ClassifierWrapper

_BUILDERS: dict[PerturbationRecipe, Callable[[ClassifierWrapper, Ingredients | None], Attack]] = {
    PerturbationRecipe.DEEPWORDBUG: lambda wrapper, _: DeepWordBugGao2018.build(wrapper),
    PerturbationRecipe.TEXTFOOLER: textfooler,
    PerturbationRecipe.TEXTFOOLER_LOCAL: textfooler_local,
    PerturbationRecipe.PRUTHI: lambda wrapper, _: Pruthi2019.build(wrapper),
}


def build_attack(
    recipe: PerturbationRecipe,
    wrapper: ClassifierWrapper,
    goal: AttackGoal = AttackGoal.UNTARGETED,
    tau: float = 0.65,  # 3.3
    ingredients: Ingredients | None = None,
    side: PairSide = PairSide.BOTH,
) -> Attack:
    """The recipe against the wrapped model, after ``goal``; of a text pair only ``side`` is changed.

    Raises PerturbationError for an unknown recipe, or one whose resources are missing.
    """
    builder = _BUILDERS.get(recipe)
    if builder is None:
        known = ", ".join(item.value for item in _BUILDERS)
        raise PerturbationError(f"no perturbation recipe {recipe!r}; there are {known}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # TextAttack logs through logger.warn
        attack = with_side(with_goal(builder(wrapper, ingredients), goal, tau), side)
    # One search step is one call of the classifier, which batches by length itself; TextAttack's default is 32.
    attack.goal_function.batch_size = sys.maxsize
    return attack
