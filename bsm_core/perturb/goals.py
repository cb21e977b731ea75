"""What an attack is after: TextAttack's untargeted goal, or an unknown unknown."""

from __future__ import annotations

from typing import Any

from textattack import Attack
from textattack.goal_functions import UntargetedClassification
from textattack.shared import AttackedText

from bsm_core.domain.unknowns import AttackGoal, check_tau
from bsm_core.perturb.wrapper import ClassifierWrapper


class UnknownUnknownClassification(UntargetedClassification):
    """Keep going until a wrong class has confidence >= ``tau`` (2.1), whatever the number of classes.

    A text that the model has wrong already is skipped, however unsure it is. A search that ends with the label flipped
    but the model unsure has failed. The score is the probability of the likeliest wrong class: with two classes it
    ranks texts as TextAttack's untargeted goal does. Raises ValueError for a tau outside (0.5, 1].
    """

    def __init__(self, model_wrapper: ClassifierWrapper, tau: float) -> None:
        super().__init__(model_wrapper)
        self.tau = check_tau(tau)

    # ``model_output`` is a tensor of K probabilities.
    def _is_goal_complete(self, model_output: Any, attacked_text: AttackedText) -> bool:
        # With tau above one half no other class can be likelier.
        return self._get_score(model_output, attacked_text) >= self.tau

    def _should_skip(self, model_output: Any, _: AttackedText) -> bool:
        return int(model_output.argmax()) != self.ground_truth_output

    def _get_score(self, model_output: Any, _: AttackedText) -> float:
        wrong = model_output.clone()
        wrong[self.ground_truth_output] = 0
        return float(wrong.max())

    def extra_repr_keys(self) -> list[str]:
        return [*super().extra_repr_keys(), "tau"]


def with_goal(attack: Attack, goal: AttackGoal, tau: float) -> Attack:
    """The same transformation, constraints and search after ``goal``; ``tau`` counts for an unknown unknown only."""
    if goal is AttackGoal.UNTARGETED:
        return attack
    return Attack(
        UnknownUnknownClassification(attack.goal_function.model, tau),
        [*attack.pre_transformation_constraints, *attack.constraints],
        attack.transformation,
        attack.search_method,
    )
