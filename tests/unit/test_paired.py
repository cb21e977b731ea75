"""Paired tests against published examples, full enumeration, and each other."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from bsm_core.domain.comparison import AnswerPattern, Endpoint
from bsm_core.metrics.bootstrap import paired_intervals
from bsm_core.metrics.multiplicity import holm
from bsm_core.metrics.paired import Answered, Pairs, mcnemar, paired_p, sign_flip

DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
"""Crossed less self-fertilized Zea mays in eighths of an inch, of Darwin; Fisher, The Design of Experiments, 21."""


@pytest.mark.parametrize(
    ("only_before", "only_after", "p"),
    [
        (2, 9, 0.06543),  # the worked example of the R package exact2x2 (Fay, 2010), mcnemar.exact
        (0, 5, 2 / 2**5),
        (3, 3, 1.0),
        (0, 0, 1.0),
    ],
)
def test_mcnemar_by_published_example_and_by_hand(only_before: int, only_after: int, p: float) -> None:
    assert mcnemar(only_before, only_after) == pytest.approx(p, abs=5e-6)
    assert mcnemar(only_after, only_before) == mcnemar(only_before, only_after)


def test_mcnemar_of_large_counts_nears_the_chi_squared_test_of_the_published_table() -> None:
    # Agresti's approval ratings: 150 and 86 changed their mind, z = -4.17, P < 0.0001.
    assert 1e-5 < mcnemar(150, 86) < 1e-4


def test_mcnemar_refuses_a_negative_count() -> None:
    with pytest.raises(ValueError, match="-1 and 3 are no counts"):
        mcnemar(-1, 3)


def test_sign_flip_gives_fishers_figure_for_darwins_plants() -> None:
    # 863 of the 32,768 sums are 314 or more, so twice as many are as far from 0.
    assert sum(DARWIN) == 314
    assert sign_flip(DARWIN, [1] * 15) == pytest.approx(2 * 863 / 32_768, abs=1e-12)


def test_sign_flip_equals_full_enumeration() -> None:
    differences = [3, -1, 2, 2, -2, 1, 0, 5]
    sums = [abs(sum(s * d for s, d in zip(signs, differences, strict=True))) for signs in product((1, -1), repeat=8)]
    assert sign_flip(differences, [1] * 8) == pytest.approx(np.mean(np.array(sums) >= 10))


@pytest.mark.parametrize(("fewer", "more"), [(2, 9), (40, 22), (300, 251)])
def test_sign_flip_of_single_steps_is_mcnemars_test(fewer: int, more: int) -> None:
    assert sign_flip([-1, 1, 0], [fewer, more, 500]) == pytest.approx(mcnemar(fewer, more), rel=1e-9)


def test_holm_by_the_textbook_example() -> None:
    # Wikipedia, "Holm-Bonferroni method": .01, .04, .03, .005.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
    with pytest.raises(ValueError, match=r"1\.2 is no p value"):
        holm([0.5, 1.2])


PATTERNS = [
    AnswerPattern(Endpoint.FRESH, ("o", "a", "b"), (), 4),
    AnswerPattern(Endpoint.FRESH, ("o",), ("a", "b"), 6),
    AnswerPattern(Endpoint.FRESH, ("o", "a"), ("b",), 2),
    AnswerPattern(Endpoint.FRESH, ("b",), ("o", "a"), 1),
    AnswerPattern(Endpoint.FRESH, (), ("o", "a", "b"), 7),
    AnswerPattern(Endpoint.FRESH, ("o",), ("a",), 3),  # b's attack broke off
    AnswerPattern(Endpoint.NATURAL, ("o",), ("a", "b"), 99),
]


def test_pairs_are_the_texts_that_all_models_answered() -> None:
    both, one = (Answered(PATTERNS, Endpoint.FRESH).pairs(["o"], after) for after in (["a", "b"], ["a"]))
    assert both is not None
    assert one is not None
    assert (both.size, both.before_totals.tolist(), both.after_totals.tolist()) == (20, [12], [6, 5])
    assert (one.size, one.before_totals.tolist(), one.after_totals.tolist()) == (23, [15], [6])
    assert [both.discordant(0), both.discordant(1)] == [(6, 0), (8, 1)]
    assert paired_p(one) == mcnemar(9, 0)
    # Sums over the two seeds: 6 texts by -2, 2 by -1, 1 by +1.
    assert paired_p(both) == pytest.approx(sign_flip([-2, -1, 1], [6, 2, 1]))
    assert Answered(PATTERNS, Endpoint.FRESH).pairs(["o"], ["nobody"]) is None
    assert Answered(PATTERNS, Endpoint.FROZEN).pairs(["o"], ["a"]) is None


def pairs(only_before: int, only_after: int, both: int = 0, neither: int = 0) -> Pairs:
    counts = np.array([only_before, only_after, both, neither])
    return Pairs(counts, np.array([[1], [0], [1], [0]]), np.array([[0], [1], [1], [0]]))


def test_bootstrap_interval_has_the_textbook_width() -> None:
    # The variance of the difference of two paired counts is b + c - (b - c)^2 / n (Agresti, 10.1).
    b, c, n = 60, 30, 400
    made = paired_intervals(pairs(b, c, 100, n - b - c - 100), resamples=20_000)
    reach = 1.96 * (b + c - (b - c) ** 2 / n) ** 0.5
    assert (made.difference.low, made.difference.high) == pytest.approx((-30 - reach, -30 + reach), abs=1.2)
    assert made.change is not None
    assert made.change.low < -30 / 160 < made.change.high


def test_bootstrap_covers_the_truth_as_often_as_it_says() -> None:
    rng, hits = np.random.default_rng(5), 0
    for trial in range(300):
        b, c, both, neither = rng.multinomial(250, [0.16, 0.08, 0.2, 0.56])
        interval = paired_intervals(pairs(b, c, both, neither), resamples=400, seed=trial).difference
        hits += interval.holds(250 * (0.08 - 0.16))
    assert 0.91 <= hits / 300 <= 0.98


def test_bootstrap_draws_seeds_too() -> None:
    before, steady = np.ones((2, 1), dtype=np.int64), np.array([[1, 1], [0, 0]])
    uneven = np.array([[1, 1], [1, 0]])
    counts = np.array([100, 100])
    narrow = paired_intervals(Pairs(counts, before, steady)).difference
    wide = paired_intervals(Pairs(counts, before, uneven)).difference
    assert narrow.high - narrow.low < 40
    assert (wide.low, wide.high) == (pytest.approx(-107, abs=10), 0)  # both drawn seeds may be the one that fixed none


def test_bootstrap_states_no_change_where_there_was_hardly_anything_before() -> None:
    assert paired_intervals(pairs(1, 5, 0, 100)).change is None


def false_alarms(seeds: int, trials: int = 200) -> tuple[float, float]:
    """(by p alone, by p and interval) how often arms that differ from the reference by their seeds' luck alone, 0.2 in
    logits, are called different; 300 texts."""
    rng = np.random.default_rng(0)
    by_p = by_both = 0
    for trial in range(trials):
        ease = rng.normal(-0.5, 2, 300)
        luck = [0.0, *rng.normal(0, 0.2, seeds)]
        fooled = np.stack([rng.random(300) < 1 / (1 + np.exp(-ease - one)) for one in luck], axis=1)
        rows, counts = np.unique(fooled.astype(np.int64), axis=0, return_counts=True)
        made = Pairs(counts, rows[:, :1], rows[:, 1:])
        called = paired_p(made) <= 0.05
        by_p += called
        by_both += called and not paired_intervals(made, resamples=300, seed=trial).difference.holds(0)
    return by_p / trials, by_both / trials


def test_one_seed_takes_luck_for_an_effect_and_several_with_the_interval_do_not() -> None:
    assert false_alarms(seeds=1)[1] > 0.1
    by_p, by_both = false_alarms(seeds=5)
    assert by_both <= 0.06
    assert by_both <= by_p
