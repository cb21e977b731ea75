"""Temperature scaling, where the best temperature is known."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from bsm_core.metrics.calibration import accuracy, nll
from bsm_core.metrics.scaling import fit_temperature, scaled


def of_margin(margins: np.ndarray) -> np.ndarray:
    positive = 1 / (1 + np.exp(-margins))
    return np.stack([1 - positive, positive], axis=1)


def test_scaling_halves_the_logits_at_temperature_two() -> None:
    assert scaled(of_margin(np.array([3.0, -1.0])), 2) == pytest.approx(of_margin(np.array([1.5, -0.5])))
    three = scaled(np.array([[0.7, 0.2, 0.1]]), 0.5)[0]
    assert three == pytest.approx(np.array([0.49, 0.04, 0.01]) / 0.54)


def test_best_temperature_by_hand() -> None:
    # Always sure by a margin of 4 and right 3 times in 4: the best confidence is .75, so 4 / T = log 3.
    fitted = fit_temperature(of_margin(np.full(8, 4.0)), np.array([1, 1, 1, 0] * 2))
    assert fitted == pytest.approx(4 / log(3), rel=1e-6)


def test_fit_finds_the_temperature_that_the_answers_were_made_with() -> None:
    rng = np.random.default_rng(1)
    margins = rng.normal(0, 2, 20_000)
    labels = (rng.random(20_000) < of_margin(margins)[:, 1]).astype(np.int64)
    assert fit_temperature(of_margin(2.5 * margins), labels) == pytest.approx(2.5, rel=0.05)


def test_scaling_keeps_every_answer_and_lowers_the_loss() -> None:
    rng = np.random.default_rng(2)
    margins, labels = rng.normal(0, 5, 400), rng.integers(0, 2, 400)
    before = of_margin(margins)
    after = scaled(before, fit_temperature(before, labels))
    assert accuracy(after, labels) == accuracy(before, labels)
    assert nll(after, labels) < nll(before, labels)


def test_float32_zeros_do_not_break_it() -> None:
    values = np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    assert np.isfinite(scaled(values, 3)).all()
    with pytest.raises(ValueError, match="temperature of 0 is not above 0"):
        scaled(values, 0)
