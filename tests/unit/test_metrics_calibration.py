"""Accuracy, calibration error, Brier score and log-likelihood, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from math import log

import numpy as np
import pytest

from bsm_core.metrics.calibration import SMALLEST, accuracy, brier, ece, nll

PROBABILITIES = np.array([[0.9, 0.1], [0.9, 0.1], [0.3, 0.7], [0.45, 0.55]])
LABELS = np.array([0, 1, 1, 0])
MEASURES: list[Callable[..., float]] = [accuracy, ece, brier, nll]


def test_accuracy_is_the_share_of_right_predictions() -> None:
    assert accuracy(PROBABILITIES, LABELS) == 0.5


def test_accuracy_of_equal_probabilities_takes_the_first() -> None:
    assert accuracy(np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([0, 1])) == 0.5


def test_ece_weighs_the_gap_of_each_bin_by_its_size() -> None:
    # Bins: [.9, 1]: 2 texts, half right; [.7, .8): one, right; [.5, .6): one, wrong.
    assert ece(PROBABILITIES, LABELS) == pytest.approx((2 * 0.4 + 0.3 + 0.55) / 4)


def test_ece_with_one_bin_is_the_gap_of_the_means() -> None:
    assert ece(PROBABILITIES, LABELS, bins=1) == pytest.approx(abs(0.5 - (0.9 + 0.9 + 0.7 + 0.55) / 4))


def test_ece_counts_full_confidence_in_the_last_bin() -> None:
    assert ece(np.array([[1.0, 0.0]]), np.array([1])) == 1.0


def test_ece_of_a_calibrated_classifier_nears_zero() -> None:
    generator = np.random.default_rng(0)
    positive = generator.random(20_000)
    labels = (generator.random(20_000) < positive).astype(np.int64)
    assert ece(np.stack([1 - positive, positive], axis=1), labels) < 0.02


def test_ece_without_bins_is_refused() -> None:
    with pytest.raises(ValueError, match="0 bins; use at least 1"):
        ece(PROBABILITIES, LABELS, bins=0)


def test_brier_is_the_squared_distance_over_all_classes() -> None:
    assert brier(PROBABILITIES, LABELS) == pytest.approx(2 * (0.1**2 + 0.9**2 + 0.3**2 + 0.55**2) / 4)
    assert brier(np.array([[1.0, 0.0, 0.0]]), np.array([2])) == 2.0


def test_nll_is_the_mean_of_minus_log_of_the_labels_probability() -> None:
    assert nll(PROBABILITIES, LABELS) == pytest.approx(-(log(0.9) + log(0.1) + log(0.7) + log(0.45)) / 4)


def test_nll_of_a_probability_of_zero_is_finite() -> None:
    assert nll(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(-log(SMALLEST))


@pytest.mark.parametrize("measure", MEASURES)
def test_measures_of_a_perfect_classifier(measure: Callable[..., float]) -> None:
    expected = 1.0 if measure is accuracy else 0.0
    assert measure(np.eye(3, dtype=np.float32), np.arange(3)) == pytest.approx(expected)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("probabilities", "labels", "message"),
    [
        (PROBABILITIES, LABELS[:3], "do not fit"),
        (PROBABILITIES[0], LABELS, "do not fit"),
        (np.empty((0, 2)), np.empty(0), "no predictions"),
        (PROBABILITIES, np.array([0, 1, 2, 0]), "labels run from 0 to 2; use 0 to 1"),
        (PROBABILITIES, np.array([0, -1, 1, 0]), "labels run from -1 to 1"),
    ],
)
def test_measures_refuse_what_they_cannot_measure(
    measure: Callable[..., float], probabilities: np.ndarray, labels: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        measure(probabilities, labels)
