"""Only the side of a pair that may be changed is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bsm_core.domain.unknowns import AttackGoal, PairSide, Perturbation, PerturbationRecipe
from bsm_core.jobs.context import FolderContext
from bsm_core.perturb.engine import TextAttackPerturber
from tests.attacks import WordClassifier, answered, open_context
from tests.records import review

pytestmark = pytest.mark.slow

_PAIRS = [(review(number, 0), review(number + 1, 1)) for number in range(0, 12, 2)]


@pytest.fixture
def context(tmp_path: Path) -> Iterator[FolderContext]:
    with open_context(tmp_path / "job") as opened:
        yield opened


def _attack(context: FolderContext, side: PairSide, *texts: tuple[str, ...]) -> list[Perturbation]:
    model = WordClassifier()
    examples = [answered(model, *text) for text in texts or _PAIRS]
    arguments = (PerturbationRecipe.DEEPWORDBUG, 0, "set-1", context, AttackGoal.UNTARGETED, 0.65, side)
    return list(TextAttackPerturber().perturb(model, examples, *arguments))


def _changed(rows: list[Perturbation]) -> tuple[bool, ...]:
    """For each side whether any pair has it changed."""
    pairs = [zip(row.original_text, row.perturbed_text, strict=True) for row in rows]
    return tuple(any(sides) for sides in zip(*[[a != b for a, b in pair] for pair in pairs], strict=True))


@pytest.mark.parametrize(
    ("side", "changed"),
    [(PairSide.BOTH, (True, True)), (PairSide.FIRST, (True, False)), (PairSide.SECOND, (False, True))],
)
def test_the_other_side_of_a_pair_stays_as_it_is(
    context: FolderContext, side: PairSide, changed: tuple[bool, bool]
) -> None:
    assert _changed(_attack(context, side)) == changed


def test_a_pair_whose_open_side_is_empty_is_recorded(context: FolderContext) -> None:
    (row,) = _attack(context, PairSide.SECOND, (review(0, 0), ""))
    assert row.perturbed_text == row.original_text
    assert row.words_changed == 0
