"""Odd texts, and a model without an answer, through the recipes that need nothing: each recorded, none ends a run.

The same texts go through TextFooler and its stand-in in their own tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bsm_core.domain.tasks import Text
from bsm_core.domain.unknowns import AttackOutcome, Perturbation, PerturbationRecipe
from bsm_core.errors import ClassifierError
from bsm_core.perturb.engine import TextAttackPerturber
from bsm_core.perturb.limits import AttackLimits
from bsm_core.ports import FloatArray, JobContext
from tests.attacks import ODD_TEXTS, WordClassifier, answered, open_context

pytestmark = pytest.mark.slow

_RECIPES = [PerturbationRecipe.DEEPWORDBUG, PerturbationRecipe.PRUTHI]
_PLAIN = "a plain sentence between two odd ones"


class _WithoutAnswer(WordClassifier):
    """As a model whose weights are NaN: see ``classifiers.predict``."""

    def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:  # noqa: ARG002
        raise ClassifierError("the model answers NaN or infinity")


def _attack(
    folder: Path, recipe: PerturbationRecipe, texts: Sequence[Text], model: WordClassifier
) -> list[Perturbation]:
    examples = [answered(WordClassifier(), *text) for text in texts]
    with open_context(folder / "job") as context:
        perturber = TextAttackPerturber(AttackLimits(concurrency=4))
        return list(perturber.perturb(model, examples, recipe, 0, "set-1", context))


@pytest.mark.parametrize("recipe", _RECIPES)
def test_odd_texts_are_each_recorded(tmp_path: Path, recipe: PerturbationRecipe) -> None:
    found = _attack(tmp_path, recipe, [(text,) for text in ODD_TEXTS.values()], WordClassifier())
    assert [row.original_text[0] for row in found] == list(ODD_TEXTS.values())
    broken = {name: row.note for name, row in zip(ODD_TEXTS, found, strict=True) if row.outcome is AttackOutcome.ERROR}
    assert list(broken) == ["ten thousand words"]
    assert "10,000 words would take about" in broken["ten thousand words"]
    assert all(row.perturbed_text == row.original_text for row in found if not row.words_changed)


@pytest.mark.parametrize("recipe", _RECIPES)
def test_pairs_with_an_odd_side_are_each_recorded(tmp_path: Path, recipe: PerturbationRecipe) -> None:
    odd = [text for name, text in ODD_TEXTS.items() if name != "ten thousand words"]
    texts = [pair for text in odd for pair in ((text, _PLAIN), (_PLAIN, text))]
    found = _attack(tmp_path, recipe, texts, WordClassifier())
    assert [row.original_text for row in found] == texts
    assert not [row.note for row in found if row.outcome is AttackOutcome.ERROR]


@pytest.mark.parametrize("recipe", _RECIPES)
def test_a_model_without_an_answer_is_recorded_for_each_text(tmp_path: Path, recipe: PerturbationRecipe) -> None:
    found = _attack(tmp_path, recipe, [(_PLAIN,), ("a second one",)], _WithoutAnswer())
    assert [row.outcome for row in found] == [AttackOutcome.ERROR] * 2
    assert {row.note for row in found} == {"ClassifierError: the model answers NaN or infinity"}
    assert {row.original_probabilities for row in found} == {()}
