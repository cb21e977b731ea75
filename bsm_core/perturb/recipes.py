"""Perturbation recipes as TextAttack attacks."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

from textattack import Attack
from textattack.attack_recipes import DeepWordBugGao2018

from bsm_core.domain.unknowns import PerturbationRecipe
from bsm_core.errors import PerturbationError
from bsm_core.perturb.wrapper import ClassifierWrapper

_BUILDERS: dict[PerturbationRecipe, Callable[[ClassifierWrapper], Attack]] = {
    PerturbationRecipe.DEEPWORDBUG: DeepWordBugGao2018.build,
}


def build_attack(recipe: PerturbationRecipe, wrapper: ClassifierWrapper) -> Attack:
    """TextAttack's own recipe against the wrapped model; of a text pair both sides are perturbed.

    Raises PerturbationError for an unknown recipe.
    """
    builder = _BUILDERS.get(recipe)
    if builder is None:
        known = ", ".join(item.value for item in _BUILDERS)
        raise PerturbationError(f"no perturbation recipe {recipe!r}; there are {known}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # TextAttack logs through logger.warn
        attack = builder(wrapper)
    # One search step is one call of the classifier, which batches by length itself; TextAttack's default is 32.
    attack.goal_function.batch_size = sys.maxsize
    return attack
