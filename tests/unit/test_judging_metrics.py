"""The corrected count's interval and the measures of agreement, against definitions and published examples."""

from __future__ import annotations

from math import comb

import pytest
from sklearn.metrics import cohen_kappa_score

from bsm_core.metrics.agreement import cohen_kappa, krippendorff_alpha, strength
from bsm_core.metrics.judging import corrected_count, invalid_interval
from bsm_core.metrics.statistics import wilson_interval


@pytest.mark.parametrize("raw", [1, 2, 7, 20, 31])
def test_interval_covers_the_truth_at_least_as_often_as_it_says(raw: int) -> None:
    """All populations, all sample sizes, all outcomes, weighted with their exact probabilities."""
    for judged in range(raw + 1):
        intervals = [invalid_interval(raw, judged, count) for count in range(judged + 1)]
        for number in range(raw + 1):
            covered = sum(
                comb(number, count) * comb(raw - number, judged - count)
                for count, (low, high) in enumerate(intervals)
                if count <= number and judged - count <= raw - number and low <= number <= high
            )
            assert covered / comb(raw, judged) >= 0.95 - 1e-12


def test_interval_of_the_whole_population_is_the_count_itself() -> None:
    assert invalid_interval(40, 40, 7) == (7, 7)
    found = corrected_count(40, 40, 7)
    assert (found.estimate, found.low, found.high, found.invalid_share) == (33, 33, 33, 7 / 40)


def test_without_a_judgement_anything_is_possible() -> None:
    found = corrected_count(40, 0, 0)
    assert (found.estimate, found.low, found.high, found.invalid_share) == (None, 0, 40, None)
    assert corrected_count(0, 0, 0).high == 0


def test_interval_narrows_as_more_are_judged_and_keeps_what_was_seen() -> None:
    widths = []
    for judged in (10, 50, 100, 200, 400):
        low, high = invalid_interval(400, judged, judged // 10)
        assert judged // 10 <= low <= high <= 400 - (judged - judged // 10)
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == 0


def test_small_sample_of_a_large_population_comes_near_wilson_s_interval() -> None:
    low, high = invalid_interval(100_000, 100, 5)
    wilson = wilson_interval(5, 100)
    assert low / 100_000 == pytest.approx(wilson.low, abs=0.01)
    assert high / 100_000 == pytest.approx(wilson.high, abs=0.01)


@pytest.mark.parametrize(("raw", "judged", "invalid"), [(10, 11, 0), (10, 5, 6), (10, 5, -1)])
def test_impossible_sample_is_refused(raw: int, judged: int, invalid: int) -> None:
    with pytest.raises(ValueError, match="is no sample"):
        corrected_count(raw, judged, invalid)


@pytest.mark.parametrize(("first", "second"), [("yyynnynnyu", "ynynnyynyn"), ("ynynyn", "nynyny"), ("yyyn", "yyyy")])
def test_cohen_kappa_equals_scikit_learn_s(first: str, second: str) -> None:
    assert cohen_kappa(first, second) == pytest.approx(cohen_kappa_score(list(first), list(second)))


def test_cohen_kappa_equals_cohen_s_own_example() -> None:
    """Cohen, "A coefficient of agreement for nominal scales" (1960), table 1: 200 cases, three categories; 0.492."""
    counts = {"aa": 88, "ab": 14, "ac": 18, "ba": 10, "bb": 40, "bc": 10, "ca": 2, "cb": 6, "cc": 12}
    first, second = ("".join(pair[side] * count for pair, count in counts.items()) for side in (0, 1))
    assert cohen_kappa(first, second) == pytest.approx(0.492, abs=5e-4)


@pytest.mark.parametrize(
    ("agreement", "word"),
    [
        (None, "not known"),
        (-0.3, "no better than chance"),
        (0.0, "no better than chance"),
        (0.2, "nearly chance"),
        (0.21, "weak"),
        (0.5, "moderate"),
        (0.8, "good"),
        (1.0, "very good"),
    ],
)
def test_agreement_in_words(agreement: float | None, word: str) -> None:
    assert strength(agreement) == word


def test_cohen_kappa_at_its_ends() -> None:
    assert cohen_kappa("ynyn", "ynyn") == 1
    assert cohen_kappa("yyyy", "yyyy") is None
    assert cohen_kappa("", "") is None
    with pytest.raises(ValueError, match="2 and 1 verdicts"):
        cohen_kappa("yn", "y")


def test_krippendorff_alpha_equals_krippendorff_s_own_example() -> None:
    """Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), part C: four observers, nominal data with
    missing values; alpha is 0.743."""
    observers = ("123321412***", "1233224125*3", "*3332342251*", "12332441251*")
    texts = [[value for value in column if value != "*"] for column in zip(*observers, strict=True)]
    assert krippendorff_alpha(texts) == pytest.approx(0.743, abs=5e-4)


def test_krippendorff_alpha_at_its_ends() -> None:
    assert krippendorff_alpha(["yy", "nn", "y"]) == 1
    assert krippendorff_alpha(["yy", "yy"]) is None
    assert krippendorff_alpha(["y", "n"]) is None
    alpha = krippendorff_alpha(["yn", "ny"])
    assert alpha is not None
    assert alpha < 0
