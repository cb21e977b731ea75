"""Planning numbers, checked by simulating the studies that they plan."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from bsm_core.metrics.paired import mcnemar
from bsm_core.metrics.power import seeds_needed, texts_needed

T_975 = {9: 2.262, 10: 2.228, 11: 2.201, 12: 2.179}
"""Student's t, two-sided 5%, by degrees of freedom (any table)."""


def test_texts_needed_by_hand() -> None:
    # psi .3, delta .1: (1.959964 sqrt(.3) + .841621 sqrt(.29))^2 / .01 = (1.073517 + .453224)^2 / .01.
    assert texts_needed(0.1, 0.3) == 234
    assert texts_needed(-0.1, 0.3) == 234
    assert texts_needed(0.0, 0.3) is None


def test_halving_a_difference_takes_about_four_times_the_texts() -> None:
    one, half = texts_needed(0.1, 0.3), texts_needed(0.05, 0.3)
    assert one is not None
    assert half is not None
    assert half / one == pytest.approx(4, rel=0.03)


@pytest.mark.parametrize(("gone", "new"), [(0.15, 0.05), (0.1, 0.06)])
def test_texts_needed_gives_the_power_it_promises(gone: float, new: float) -> None:
    size = texts_needed(gone - new, gone + new)
    drawn = np.random.default_rng(3).multinomial(size, [gone, new, 1 - gone - new], size=2_000)
    found = np.mean([mcnemar(int(b), int(c)) <= 0.05 for b, c, _ in drawn])
    assert 0.74 <= found <= 0.84  # the exact test is a little stricter than the formula's


def test_seeds_needed_gives_the_power_it_promises() -> None:
    size = seeds_needed(1.0, 1.1)
    assert size == 12  # (2.801585 * 1.1)^2 + 1.920729 = 11.42
    drawn = np.random.default_rng(4).normal(1.0, 1.1, size=(20_000, size))
    t = drawn.mean(axis=1) / (drawn.std(axis=1, ddof=1) / sqrt(size))
    assert 0.78 <= np.mean(t > T_975[size - 1]) <= 0.86
    assert seeds_needed(0.0, 1.0) is None


def test_impossible_figures_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no mean square of 0\.05"):
        texts_needed(0.5, 0.05)
    with pytest.raises(ValueError, match="-1 is no standard deviation"):
        seeds_needed(1.0, -1.0)
