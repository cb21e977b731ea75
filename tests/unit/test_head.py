"""The cheap head against scikit-learn, and its quick refits against fits from nothing."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from bsm_core.workflow.head import HeadProblem, of_rows, with_ones


def made_up(labels: int, rows: int = 160, dimensions: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(labels)
    features = rng.normal(size=(rows, dimensions))
    logits = features @ rng.normal(size=(dimensions, labels)) + rng.gumbel(size=(rows, labels))
    return features, logits.argmax(axis=1)


def test_binary_head_is_the_librarys_logistic_regression() -> None:
    features, labels = made_up(2)
    counts = np.random.default_rng(1).integers(0, 3, size=len(labels)).astype(float)
    penalty = 0.02
    mine = HeadProblem(features, labels, 2, penalty).fit(counts)
    theirs = LogisticRegression(C=1 / (penalty * counts.sum()), tol=1e-10, max_iter=1000)
    theirs.fit(features, labels, sample_weight=counts)
    assert mine[:-1, 0] == pytest.approx(theirs.coef_[0], abs=1e-5)
    assert mine[-1, 0] == pytest.approx(theirs.intercept_[0], abs=1e-5)
    assert of_rows(with_ones(features), mine) == pytest.approx(theirs.predict_proba(features), abs=1e-6)


@pytest.mark.parametrize("labels", [2, 3, 4])
def test_fit_is_where_no_direction_goes_down(labels: int) -> None:
    features, truth = made_up(labels)
    problem = HeadProblem(features, truth, labels, 0.05)
    counts = np.ones(len(truth))
    weights = problem.fit(counts)
    rng, least = np.random.default_rng(0), problem._value(weights, counts)
    assert weights.shape == (6, labels - 1)
    for _ in range(20):
        assert problem._value(weights + 1e-3 * rng.normal(size=weights.shape), counts) > least
    assert (of_rows(with_ones(features), weights).argmax(axis=1) == truth).mean() > 0.6


@pytest.mark.parametrize("labels", [2, 3])
def test_refit_without_some_rows_is_the_fit_from_nothing(labels: int) -> None:
    features, truth = made_up(labels)
    problem, counts = HeadProblem(features, truth, labels, 0.01), np.ones(len(truth))
    weights = problem.fit(counts)
    inverse = problem.inverse_curvature(weights, counts)
    changed = counts.copy()
    changed[:9], changed[20:29] = 0.0, 2.0
    quick = problem.neighbor(changed, weights, inverse)
    assert quick == pytest.approx(problem.fit(changed), abs=1e-6)
    assert np.abs(quick - weights).max() > 1e-3


def test_separable_rows_have_a_fit_and_no_penalty_is_refused() -> None:
    features, labels = np.array([[-1.0], [-2.0], [1.0], [2.0]]), np.array([0, 0, 1, 1])
    weights = HeadProblem(features, labels, 2, 1e-4).fit(np.ones(4))
    assert np.isfinite(weights).all()
    assert of_rows(with_ones(features), weights)[2, 1] > 0.99
    with pytest.raises(ValueError, match="more than 0"):
        HeadProblem(features, labels, 2, 0.0)
