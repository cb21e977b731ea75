from datetime import UTC, datetime

import pytest

from bsm_core.domain.arms import Arm, Evaluation, EvaluationResult
from bsm_core.domain.comparison import AnswerPattern, Endpoint
from bsm_core.metrics.comparison import comparison_rows, seed_caution
from bsm_core.metrics.effects import effects
from bsm_core.metrics.judging import corrected_count
from bsm_core.metrics.paired import mcnemar
from bsm_core.metrics.preserved import preserved_count
from bsm_core.metrics.verdicts import answer, needed, verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WHAT = "unknown unknowns"


def result(arm: Arm, fresh: int, seed: int = 0, natural: int = 40, frozen: int = 90, attacked: int = 400):
    evaluation = Evaluation(f"ev{arm}{seed}", "st", f"m{arm}{seed}", "set0", f"set{arm}", None, NOW)
    return EvaluationResult(evaluation, arm, seed, 80, 0.85, 800, natural, frozen, 100, fresh, attacked, 0.3)


def patterns(counts: dict[str, int], models: dict[str, tuple[Arm, int]], endpoint: Endpoint = Endpoint.FRESH):
    """``counts["oa"]`` texts fool the models of the letters o and a, and no other."""
    names = {letter: f"m{arm}{seed}" for letter, (arm, seed) in models.items()}
    return [
        AnswerPattern(
            endpoint,
            tuple(name for letter, name in names.items() if letter in fooled),
            tuple(name for letter, name in names.items() if letter not in fooled),
            count,
        )
        for fooled, count in counts.items()
    ]


ONE_SEED = {"o": (Arm.ORIGINAL, 0), "r": (Arm.RELABEL, 0), "h": (Arm.HYPOTHESIS_LM, 0)}
COUNTS = {"orh": 80, "or": 90, "o": 30, "rh": 5, "r": 15, "": 180}
"""Of 400: Original 200, relabelling 190 (30 fixed, 20 new), samples 85 (120 fixed, 5 new)."""


@pytest.fixture
def found():
    results = [result(Arm.ORIGINAL, 200), result(Arm.RELABEL, 190), result(Arm.HYPOTHESIS_LM, 85)]
    return results, effects(patterns(COUNTS, ONE_SEED), results, Endpoint.FRESH)


def test_effects_by_hand(found):
    relabel, samples = found[1]
    assert (relabel.arm, samples.arm) == (Arm.RELABEL, Arm.HYPOTHESIS_LM)
    assert (relabel.size, relabel.before, relabel.after, relabel.change) == (400, 200, 190, pytest.approx(-0.05))
    assert [(one.only_before, one.only_after) for one in (*relabel.tests, *samples.tests)] == [(30, 20), (120, 5)]
    assert (relabel.p, samples.p) == (mcnemar(30, 20), mcnemar(120, 5))
    assert samples.adjusted == pytest.approx(2 * samples.p)  # Holm: the smaller of two is doubled
    assert relabel.adjusted == relabel.p
    assert (relabel.resolved, samples.resolved) == (False, True)
    assert relabel.intervals.difference.holds(0)
    assert (relabel.seeds_p, relabel.seeds_needed) == (None, None)


def test_effects_against_relabelling_leave_original_and_itself_out(found):
    (samples,) = effects(patterns(COUNTS, ONE_SEED), found[0], Endpoint.FRESH, Arm.RELABEL)
    assert (samples.arm, samples.before, samples.after) == (Arm.HYPOTHESIS_LM, 190, 85)
    assert effects(patterns(COUNTS, ONE_SEED), found[0][:1], Endpoint.FRESH, Arm.RELABEL) == []


def test_effects_of_two_seeds_are_means_with_a_test_a_seed():
    models = {"o": (Arm.ORIGINAL, 0), "a": (Arm.RELABEL, 1), "b": (Arm.RELABEL, 2)}
    results = [result(arm, 0, seed) for arm, seed in models.values()]
    (effect,) = effects(patterns({"oab": 40, "o": 30, "oa": 20, "b": 6, "": 104}, models), results, Endpoint.FRESH)
    assert (effect.before, effect.after) == (90, (60 + 46) / 2)
    assert [(one.seed, one.only_before, one.only_after) for one in effect.tests] == [(1, 30, 0), (2, 50, 6)]
    assert effect.agreeing == 2
    assert effect.seeds_p == pytest.approx(0.5)  # of the four ways to flip two signs, two are as far from 0
    assert effect.p < 1e-9
    assert effect.seeds_needed is not None


def test_arm_without_common_texts_is_left_out():
    models = {"o": (Arm.ORIGINAL, 0), "a": (Arm.RELABEL, 0)}
    results = [result(arm, 0) for arm, _ in models.values()]
    apart = [
        AnswerPattern(Endpoint.FRESH, ("mORIGINAL0",), (), 5),
        AnswerPattern(Endpoint.FRESH, (), ("mRELABEL0",), 5),
    ]
    assert effects(apart, results, Endpoint.FRESH) == []


def test_comparison_rows_state_changes_against_original_only(found):
    results, effect = found
    original, relabel, samples = comparison_rows(results, {Endpoint.FRESH: effect})
    assert original.is_original
    assert (original.fresh.change, original.fresh.resolvable) == (None, None)
    assert relabel.fresh.change == pytest.approx(-0.05)
    assert (samples.fresh.count, samples.fresh.size) == (85, 400)
    assert (relabel.fresh.resolvable, samples.fresh.resolvable) == (False, True)
    (alone,) = comparison_rows(results[1:2], {})
    assert alone.fresh.change is None


def test_verdict_says_what_was_seen_and_what_would_resolve_it(found):
    relabel, samples = found[1]
    said = verdict(relabel, WHAT)
    assert said.startswith("5% fewer unknown unknowns (95% interval: ")
    assert "Not resolvable at this size: p 0.2 after Holm" in said
    # psi .125, delta .025, alpha .025: (2.241403 sqrt(.125) + .841621 sqrt(.124375))^2 / .000625 = 1,900
    assert relabel.texts_needed == pytest.approx(1_900, abs=5)
    assert "About 1,900 texts, not 400, would show an effect of this size 4 times in 5." in said
    assert verdict(samples, WHAT).startswith("57% fewer unknown unknowns")
    assert "p below 0.001 after Holm" in verdict(samples, WHAT)
    assert needed(samples) == ""


def test_verdict_explains_a_p_that_only_holm_raises_over_the_level():
    # Relabelling: 33 fixed, 17 new, p .033 on its own, the smaller of two; more training: 30 and 28.
    models = {"o": (Arm.ORIGINAL, 0), "r": (Arm.RELABEL, 0), "m": (Arm.MORE_TRAINING, 0)}
    results = [result(arm, 0) for arm, _ in models.values()]
    counts = {"om": 33, "rm": 17, "or": 30, "m": 11, "": 209}
    relabel, more = effects(patterns(counts, models), results, Endpoint.FRESH)
    assert (relabel.p, relabel.adjusted) == (mcnemar(33, 17), 2 * mcnemar(33, 17))
    assert "On its own its p would be 0.033" in verdict(relabel, WHAT)
    assert "On its own" not in verdict(more, WHAT)


def test_verdict_of_no_difference_and_of_nothing_before():
    models = {"o": (Arm.ORIGINAL, 0), "r": (Arm.RELABEL, 0)}
    results = [result(arm, 0) for arm, _ in models.values()]
    (same,) = effects(patterns({"o": 4, "r": 4, "": 92}, models), results, Endpoint.FRESH)
    assert verdict(same, WHAT).startswith("as many unknown unknowns")
    assert "no number of texts" in verdict(same, WHAT)
    (more,) = effects(patterns({"r": 12, "": 88}, models), results, Endpoint.FRESH)
    assert verdict(more, WHAT).startswith("+12 unknown unknowns, where there were none. Chance alone")


def test_needed_asks_for_seeds_where_texts_would_do():
    # Two seeds, one with 90 of Original's 100 UUs fixed and one with none: means over texts are clear, seeds are not.
    models = {"o": (Arm.ORIGINAL, 0), "a": (Arm.RELABEL, 1), "b": (Arm.RELABEL, 2)}
    results = [result(arm, 0, seed) for arm, seed in models.values()]
    (effect,) = effects(patterns({"ob": 90, "oab": 10, "": 300}, models), results, Endpoint.FRESH)
    assert effect.p < 1e-9
    assert not effect.resolved  # both drawn seeds may be the one that fixed nothing
    # s / d is sqrt(2): (2.801585 * 1.414214)^2 + 1.920729 = 17.6
    assert effect.seeds_needed == 18
    assert "seeds differ too much: about 18 of them, not 2" in needed(effect)


def test_answer_in_every_case(found):
    relabel, samples = found[1]

    def told(*compared):
        return answer(compared, lambda arm: arm.value, WHAT, "the original model")

    assert told(relabel, samples).short == "Yes, it helped"
    assert "HYPOTHESIS_LM: fewer unknown unknowns than the original model" in told(relabel, samples).long
    assert "Not resolvable at this size: RELABEL." in told(relabel, samples).long
    assert (told(relabel).short, told(relabel).resolved) == ("Not resolvable at this size", False)
    assert told(relabel).long == "RELABEL: no difference from the original model that chance alone could not give."
    assert told().short == "Nothing to compare"


def test_answer_names_the_control_and_the_harm():
    models = {"o": (Arm.ORIGINAL, 0), "m": (Arm.MORE_TRAINING, 0), "r": (Arm.RELABEL, 0)}
    results = [result(arm, 0) for arm, _ in models.values()]
    both = effects(patterns({"or": 100, "r": 60, "": 240}, models), results, Endpoint.FRESH)
    told = answer(both, lambda arm: arm.value, WHAT, "the original model")
    assert told.short == "It helped some, and harmed some"
    assert "MORE_TRAINING: fewer" in told.long
    assert "RELABEL: more" in told.long
    assert "Merely training on did so, too" in told.long
    assert answer(both[1:], lambda arm: arm.value, WHAT, "the original model").short == "No, it harmed"


def test_preserved_count_by_hand():
    judged = corrected_count(100, 20, 6)  # 30% of the judged have lost their label
    arm = preserved_count(80, judged, 100)
    assert arm.estimate == pytest.approx(56)
    # Original has 70 left; of the arm's 80 as many are left when 12.5% have lost theirs.
    assert arm.break_even == pytest.approx(0.125)
    assert (arm.interval.low, arm.interval.high) == (0.8 * judged.low, 0.8 * judged.high)
    assert preserved_count(80, judged).break_even is None
    assert preserved_count(50, judged, 100).break_even is None  # no share makes up for it
    with pytest.raises(ValueError, match="nobody has judged"):
        preserved_count(80, corrected_count(100, 0, 0))


def test_seed_caution_names_the_single_seed_and_counts_several():
    assert seed_caution([result(Arm.ORIGINAL, 1)]) == ""
    assert "One seed (3)" in seed_caution([result(Arm.ORIGINAL, 1), result(Arm.RELABEL, 1, seed=3)])
    several = [result(Arm.ORIGINAL, 1), result(Arm.RELABEL, 1, seed=3), result(Arm.RELABEL, 1, seed=4)]
    assert seed_caution(several).startswith("2 seeds (3, 4)")
    assert "too narrow" in seed_caution(several)
    assert "too narrow" not in seed_caution([result(Arm.RELABEL, 1, seed=seed) for seed in range(5)])
