"""The goal ``unknown-unknown`` beside TextAttack's own, and recipes chosen by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bsm_core.domain.tasks import Text
from bsm_core.domain.unknowns import AttackGoal, AttackOutcome, Perturbation, PerturbationRecipe
from bsm_core.perturb.engine import TextAttackPerturber
from bsm_core.ports import FloatArray, JobContext
from tests.attacks import WordClassifier, answered, example, open_context
from tests.records import review

pytestmark = pytest.mark.slow

_TAU = 0.8
_TEXTS = [review(number, number % 2) for number in range(16)]


class Unsure:
    """Answers with the probabilities listed for a text; those under ``""`` are for all others."""

    def __init__(self, rows: dict[str, tuple[float, ...]]) -> None:
        self._rows = rows
        self.label_count = len(next(iter(rows.values())))

    def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:  # noqa: ARG002
        return np.log(np.array([self._rows.get(text[0], self._rows[""]) for text in texts], dtype=np.float32))

    def probabilities(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        return np.exp(self.logits(texts, context))


def _attacked(
    tmp_path: Path, goal: AttackGoal, tau: float = _TAU, labels: int = 2, recipe: str = "deepwordbug"
) -> list[Perturbation]:
    model = WordClassifier(labels)
    examples = [answered(model, text) for text in _TEXTS]
    with open_context(tmp_path / "job") as context:
        perturber = TextAttackPerturber()
        return list(perturber.perturb(model, examples, PerturbationRecipe(recipe), 0, "set", context, goal, tau))


@pytest.mark.parametrize("labels", [2, 3, 5])
def test_an_unknown_unknown_is_wrong_with_confidence_of_at_least_tau(tmp_path: Path, labels: int) -> None:
    found = _attacked(tmp_path, AttackGoal.UNKNOWN_UNKNOWN, labels=labels)
    outcomes = {row.outcome for row in found}
    assert AttackOutcome.SUCCESSFUL in outcomes
    for row in found:
        answer = np.array(row.perturbed_probabilities)
        is_unknown = answer.argmax() != row.label and answer.max() >= _TAU
        assert is_unknown == (row.outcome is AttackOutcome.SUCCESSFUL)


def test_the_same_texts_are_searched_further_than_for_the_flip(tmp_path: Path) -> None:
    flipped = _attacked(tmp_path / "a", AttackGoal.UNTARGETED)
    unknown = _attacked(tmp_path / "b", AttackGoal.UNKNOWN_UNKNOWN)
    assert [row.example_id for row in flipped] == [row.example_id for row in unknown]
    assert all(one.queries <= other.queries for one, other in zip(flipped, unknown, strict=True))
    both = [(a, b) for a, b in zip(flipped, unknown, strict=True) if b.outcome is AttackOutcome.SUCCESSFUL]
    assert all(one.outcome is AttackOutcome.SUCCESSFUL for one, _ in both)
    unsure = [row for row, _ in both if max(row.perturbed_probabilities) < _TAU]
    assert unsure, "the texts are too easy to tell the goals apart"


def test_at_a_low_tau_both_goals_find_the_same_with_two_classes(tmp_path: Path) -> None:
    flipped = _attacked(tmp_path / "a", AttackGoal.UNTARGETED)
    unknown = _attacked(tmp_path / "b", AttackGoal.UNKNOWN_UNKNOWN, tau=0.5001)
    sure = [
        (one.perturbed_text, one.queries) == (other.perturbed_text, other.queries)
        for one, other in zip(flipped, unknown, strict=True)
        if max(one.perturbed_probabilities) >= 0.5001
    ]
    assert sure
    assert all(sure)


def test_a_text_that_is_wrong_already_is_skipped_however_unsure(tmp_path: Path) -> None:
    model = Unsure({"": (0.45, 0.55)})
    with open_context(tmp_path / "job") as context:
        attack = TextAttackPerturber().perturb(
            model,
            [example("a plain story", label=0)],
            PerturbationRecipe.DEEPWORDBUG,
            0,
            "set",
            context,
            AttackGoal.UNKNOWN_UNKNOWN,
            0.9,
        )
        assert [row.outcome for row in attack] == [AttackOutcome.SKIPPED]


def test_a_doubt_shared_between_wrong_classes_is_no_unknown_unknown(tmp_path: Path) -> None:
    """Wrong, and the right class far below 1 - tau: what a goal on the right class's probability alone takes for
    success."""
    model = Unsure({"": (0.1, 0.45, 0.45), "story": (0.8, 0.1, 0.1)})
    with open_context(tmp_path / "job") as context:
        perturber, item = TextAttackPerturber(), [example("story", label=0)]
        outcomes = [
            [
                row.outcome
                for row in perturber.perturb(model, item, PerturbationRecipe.DEEPWORDBUG, 0, "set", context, goal, 0.65)
            ]
            for goal in AttackGoal
        ]
    assert outcomes == [[AttackOutcome.SUCCESSFUL], [AttackOutcome.FAILED]]


@pytest.mark.parametrize("tau", [0.5, 1.1])
def test_a_tau_that_is_none_is_refused(tmp_path: Path, tau: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        _attacked(tmp_path, AttackGoal.UNKNOWN_UNKNOWN, tau)


def test_pruthi_makes_one_typing_error(tmp_path: Path) -> None:
    found = _attacked(tmp_path, AttackGoal.UNTARGETED, recipe="pruthi")
    assert {row.words_changed for row in found} <= {0, 1}
    assert any(row.outcome is AttackOutcome.SUCCESSFUL for row in found)
