"""The figures of tables 4 to 7, worked out by hand."""

from __future__ import annotations

import pytest

from bsm_core.domain.attacks import AttackTally
from bsm_core.domain.unknowns import AttackOutcome, Perturbation
from bsm_core.metrics.attack import AttackStatistics, attack_statistics, tally


def _row(outcome: AttackOutcome, queries: int, changed: int, words: int, seconds: float = 0.5) -> Perturbation:
    flipped = (0.4, 0.6) if outcome is AttackOutcome.SUCCESSFUL else (0.6, 0.4)
    return Perturbation(
        perturbation_id="p",
        example_id="e",
        outcome=outcome,
        label=0,
        original_text=("o",),
        perturbed_text=("p",),
        original_probabilities=(0.6, 0.4),
        perturbed_probabilities=flipped,
        queries=queries,
        words_changed=changed,
        words_total=words,
        seconds=seconds,
    )


_ROWS = [
    _row(AttackOutcome.SUCCESSFUL, queries=20, changed=1, words=10),
    _row(AttackOutcome.SUCCESSFUL, queries=40, changed=6, words=20),
    _row(AttackOutcome.FAILED, queries=60, changed=5, words=5),
    _row(AttackOutcome.SKIPPED, queries=1, changed=0, words=7),
    _row(AttackOutcome.SKIPPED, queries=1, changed=0, words=8),
]


def test_statistics_follow_textattacks_definitions() -> None:
    found = attack_statistics(_ROWS)
    assert (found.successful, found.failed, found.skipped, found.errors) == (2, 1, 2, 0)
    assert (found.size, found.attacked) == (5, 3)
    assert found.original_accuracy == pytest.approx(3 / 5)
    assert found.accuracy_under_attack == pytest.approx(1 / 5)
    assert found.success_rate == pytest.approx(2 / 3)
    assert found.perturbed_words == pytest.approx((0.1 + 0.3) / 2)  # successful ones only
    assert found.words_per_input == pytest.approx(50 / 5)
    assert found.queries == pytest.approx((20 + 40 + 60) / 3)  # without the skipped
    assert found.total_queries == 122
    assert found.seconds == pytest.approx(2.5)


def test_errors_count_as_errors_and_in_no_average() -> None:
    error = _row(AttackOutcome.ERROR, queries=3, changed=0, words=0, seconds=4.0)
    with_error, without = attack_statistics([*_ROWS, error]), attack_statistics(_ROWS)
    assert with_error.errors == 1
    assert with_error.seconds == pytest.approx(6.5)
    assert with_error.total_queries == 125
    names = ("size", "original_accuracy", "accuracy_under_attack", "success_rate", "words_per_input", "queries")
    for name in names:
        assert getattr(with_error, name) == getattr(without, name), name


def test_nothing_attacked_has_no_averages() -> None:
    assert attack_statistics([]) == AttackStatistics(0, 0, 0, 0, None, None, None, None, None, None, 0, 0)


def test_only_skipped_texts_have_an_accuracy_but_no_rate() -> None:
    found = attack_statistics(_ROWS[3:])
    assert (found.original_accuracy, found.accuracy_under_attack) == (0.0, 0.0)
    assert found.success_rate is None
    assert found.perturbed_words is None
    assert found.queries is None


@pytest.mark.parametrize(("changed", "words"), [(0, 0), (0, 12)])
def test_success_without_a_changed_word_is_left_out_of_the_perturbed_words(changed: int, words: int) -> None:
    only_spaces = _row(AttackOutcome.SUCCESSFUL, queries=2, changed=changed, words=words)
    assert attack_statistics([_ROWS[0], only_spaces]).perturbed_words == pytest.approx(0.1)


def test_tallies_of_parts_add_up_to_that_of_the_whole() -> None:
    assert tally(_ROWS[:2]) + tally(_ROWS[2:]) == tally(_ROWS)
    assert tally([]) == AttackTally()
