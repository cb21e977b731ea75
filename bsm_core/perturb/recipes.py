"""Perturbation recipes as TextAttack attacks."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

from textattack import Attack
from textattack.attack_recipes import DeepWordBugGao2018
from textattack.constraints.pre_transformation import InputColumnModification

from bsm_core.domain.unknowns import PerturbationRecipe
from bsm_core.errors import PerturbationError
from bsm_core.perturb.wrapper import ClassifierWrapper

COLUMNS = {1: ["text"], 2: ["text_a", "text_b"]}
"""Column names for single texts and pairs."""

_BUILDERS: dict[PerturbationRecipe, Callable[[ClassifierWrapper], Attack]] = {
    PerturbationRecipe.DEEPWORDBUG: DeepWordBugGao2018.build,
}


def build_attack(recipe: PerturbationRecipe, wrapper: ClassifierWrapper, sides: int) -> Attack:
    """TextAttack's own recipe for texts of ``sides`` strings. Of a pair only the last side is perturbed, as TextAttack's
    entailment recipes do. Raises PerturbationError for an unknown recipe."""
    builder = _BUILDERS.get(recipe)
    if builder is None:
        known = ", ".join(item.value for item in _BUILDERS)
        raise PerturbationError(f"no perturbation recipe {recipe!r}; there are {known}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # TextAttack logs through logger.warn
        attack = builder(wrapper)
    columns = COLUMNS[sides]
    if sides > 1:
        attack.pre_transformation_constraints.append(InputColumnModification(columns, set(columns[:-1])))
    # One search step is one call of the classifier, which batches by length itself; TextAttack's default is 32.
    attack.goal_function.batch_size = sys.maxsize
    return attack
