"""How perturbation sets are called. Our own words, dates and numbers only."""

from __future__ import annotations

from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import AttackGoal, PairSide, PerturbationRecipe, PerturbationSet
from bsm_core.ui import words
from bsm_core.ui.components.discovery_form import SET_NAMES


def name_set(one: PerturbationSet, models: dict[str, str]) -> str:
    """All that tells it from others, in one line. ``models`` are names by id."""
    return " · ".join([SET_NAMES[one.recipe][0], *set_details(one, models)])


def set_details(one: PerturbationSet, models: dict[str, str]) -> list[str]:
    """What comes after the recipe: texts, model, test, goal and side where they are not the usual, seed, time."""
    parts = [words.count(one.size, "text"), models.get(one.model_id, "?")]
    if one.split is Split.TEST:
        parts.append("on test")
    if one.recipe is not PerturbationRecipe.IMPORTED and one.goal != AttackGoal.UNTARGETED:
        parts.append(one.goal)
    if one.side is not PairSide.BOTH:
        parts.append(f"{one.side} text only")
    return [*parts, f"seed {one.seed}", f"{one.created_at:%d %b %H:%M}"]
