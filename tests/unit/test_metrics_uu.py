"""UUs and transitions over arrays, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bsm_core.domain.arms import Transition
from bsm_core.metrics.uu import count, is_unknown, transition_counts, transitions

# right and sure, right and unsure, wrong and unsure, wrong at tau, wrong and sure
PROBABILITIES = np.array([[0.1, 0.9], [0.4, 0.6], [0.6, 0.4], [0.65, 0.35], [0.99, 0.01]])
LABELS = np.ones(5, dtype=np.int64)


def test_a_unknown_is_wrong_with_confidence_of_tau_or_more() -> None:
    assert is_unknown(PROBABILITIES, LABELS, 0.65).tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(("tau", "expected"), [(0.51, 3), (0.65, 2), (0.651, 1), (0.99, 1), (1.0, 0)])
def test_count_falls_with_tau(tau: float, expected: int) -> None:
    assert count(PROBABILITIES, LABELS, tau) == expected


def test_a_text_whose_label_is_not_preserved_is_no_unknown() -> None:
    preserved = np.array([True, True, True, False, True])
    assert is_unknown(PROBABILITIES, LABELS, 0.65, preserved).tolist() == [False, False, False, False, True]


def test_single_precision_probabilities_are_compared_as_the_store_does() -> None:
    just_below = np.array([[0.65, 0.35]], dtype=np.float32)
    assert float(just_below[0, 0]) < 0.65
    assert count(just_below, np.array([1]), 0.65) == 0


def test_of_many_classes_confidence_is_that_of_the_predicted_one() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.4, 0.35, 0.25]])
    assert is_unknown(probabilities, np.array([2, 2]), 0.65).tolist() == [True, False]


@pytest.mark.parametrize("tau", [0.5, 0.0, 1.01, float("nan")])
def test_tau_outside_its_range_is_refused(tau: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        count(PROBABILITIES, LABELS, tau)


@pytest.mark.parametrize(
    ("probabilities", "labels"), [(PROBABILITIES[0], LABELS), (PROBABILITIES, LABELS[:4]), (PROBABILITIES, LABELS[0])]
)
def test_shapes_that_do_not_fit_are_refused(probabilities: np.ndarray, labels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        count(probabilities, labels, 0.65)


def test_preserved_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        count(PROBABILITIES, LABELS, 0.65, np.array([True]))


def test_no_predictions_have_no_unknowns() -> None:
    assert count(np.empty((0, 2)), np.empty(0, dtype=np.int64), 0.65) == 0


BEFORE = np.array([[0.9, 0.1]] * 3 + [[0.2, 0.8], [0.6, 0.4], [0.2, 0.8]])
AFTER = np.array([[0.1, 0.9], [0.6, 0.4], [0.8, 0.2], [0.7, 0.3], [0.7, 0.3], [0.1, 0.9]])
TRUTH = np.ones(6, dtype=np.int64)


def test_transitions_name_what_became_of_each_text() -> None:
    masks = transitions(BEFORE, AFTER, TRUTH, 0.65)
    assert {kind: np.flatnonzero(mask).tolist() for kind, mask in masks.items()} == {
        Transition.FIXED: [0],
        Transition.DEMOTED: [1],
        Transition.PERSISTENT: [2],
        Transition.NEW: [3, 4],
    }


def test_transitions_do_not_overlap_and_add_up() -> None:
    generator = np.random.default_rng(0)
    before, after = generator.dirichlet([0.5] * 3, (2, 400))
    labels = generator.integers(0, 3, 400)
    preserved = generator.random(400) < 0.8
    masks = transitions(before, after, labels, 0.7, preserved)
    assert (np.sum(list(masks.values()), axis=0) <= 1).all()
    counts = transition_counts(before, after, labels, 0.7, preserved)
    old = counts[Transition.FIXED] + counts[Transition.DEMOTED] + counts[Transition.PERSISTENT]
    assert old == count(before, labels, 0.7, preserved) > 0
    assert counts[Transition.PERSISTENT] + counts[Transition.NEW] == count(after, labels, 0.7, preserved) > 0


def test_transitions_leave_out_texts_whose_label_is_not_preserved() -> None:
    none = np.zeros(6, dtype=np.bool_)
    assert set(transition_counts(BEFORE, AFTER, TRUTH, 0.65, none).values()) == {0}
