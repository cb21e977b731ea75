from datetime import UTC, datetime

import pytest

from bsm_core.domain.arms import Arm, Evaluation, EvaluationResult
from bsm_core.metrics.comparison import comparison_rows, seed_caution, verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def result(arm: Arm, fresh: int, seed: int = 0, natural: int = 40, frozen: int = 90, attacked: int = 400):
    evaluation = Evaluation(f"ev{arm}{seed}", "st", f"m{arm}{seed}", "set0", f"set{arm}", None, NOW)
    return EvaluationResult(evaluation, arm, seed, 80, 0.85, 800, natural, frozen, 100, fresh, attacked, 0.3)


def test_comparison_rows_states_changes_against_original_only():
    original, arm = comparison_rows([result(Arm.ORIGINAL, 200), result(Arm.RELABEL, 150)])
    assert original.is_original
    assert original.fresh.change is None
    assert original.fresh.resolvable is None
    assert arm.fresh.change == pytest.approx(-0.25)
    assert (arm.fresh.count, arm.fresh.size, arm.fresh.share) == (150, 400, 0.375)


def test_comparison_rows_call_a_small_difference_not_resolvable_and_a_large_one_resolvable():
    rows = comparison_rows([result(Arm.ORIGINAL, 200), result(Arm.RELABEL, 190), result(Arm.HYPOTHESIS_LM, 90)])
    assert [row.fresh.resolvable for row in rows] == [None, False, True]
    assert "not resolvable at this size" in verdict(rows[1].fresh, "unknown unknowns")
    assert "5% fewer unknown unknowns" in verdict(rows[1].fresh, "unknown unknowns")
    assert "intervals lie apart" in verdict(rows[2].fresh, "unknown unknowns")


def test_comparison_rows_without_original_state_no_change():
    (row,) = comparison_rows([result(Arm.RELABEL, 150)])
    assert row.fresh.change is None


def test_verdict_states_no_change_when_original_had_none():
    rows = comparison_rows([result(Arm.ORIGINAL, 0), result(Arm.RELABEL, 3)])
    assert "no change can be stated" in verdict(rows[1].fresh, "unknown unknowns")


def test_verdict_says_more_when_the_count_grew():
    rows = comparison_rows([result(Arm.ORIGINAL, 100), result(Arm.RELABEL, 110)])
    assert verdict(rows[1].fresh, "texts").startswith("10% more texts")


def test_verdict_of_an_unchanged_count_claims_nothing():
    rows = comparison_rows([result(Arm.ORIGINAL, 100), result(Arm.RELABEL, 100)])
    assert verdict(rows[1].fresh, "texts") == "no change in texts; intervals overlap: not resolvable at this size."


def test_seed_caution_names_the_single_seed_and_counts_several():
    assert seed_caution([result(Arm.ORIGINAL, 1)]) == ""
    assert "One seed (3)" in seed_caution([result(Arm.ORIGINAL, 1), result(Arm.RELABEL, 1, seed=3)])
    several = [result(Arm.ORIGINAL, 1), result(Arm.RELABEL, 1, seed=3), result(Arm.RELABEL, 1, seed=4)]
    assert seed_caution(several).startswith("2 seeds (3, 4)")
