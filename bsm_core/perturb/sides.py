"""Which side of a text pair may be changed."""

from __future__ import annotations

from textattack import Attack
from textattack.constraints.pre_transformation import InputColumnModification

from bsm_core.domain.unknowns import PairSide

COLUMNS = ("text_a", "text_b")
"""What TextAttack calls the two sides of a pair here, whatever the task calls them: its own recipes have a rule for the
columns ``premise`` and ``hypothesis``, which would else go before the choice made for a study."""

_KEPT = {PairSide.FIRST: COLUMNS[1], PairSide.SECOND: COLUMNS[0]}


def with_side(attack: Attack, side: PairSide) -> Attack:
    """The same attack, which leaves the other side of a pair as it is. Single texts are attacked as ever."""
    if side is PairSide.BOTH:
        return attack
    kept = InputColumnModification(list(COLUMNS), {_KEPT[side]})
    return Attack(
        attack.goal_function,
        [*attack.pre_transformation_constraints, kept, *attack.constraints],
        attack.transformation,
        attack.search_method,
    )
