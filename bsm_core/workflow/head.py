"""A cheap head: multinomial logistic regression on frozen features, fitted exactly and quickly refitted.

Label 0 is the one that the others are held against. The objective is the mean cross-entropy over weighted rows plus
``penalty / 2`` times the squared weights (the intercepts are free). It is convex: a fit has no seed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_TOLERANCE = 1e-9
"""Of the gradient's largest entry."""
_MOST_STEPS = 100
_MOST_CHEAP_STEPS = 30


class HeadProblem:
    """Rows (n, D) with labels (n,) below ``label_count``, to be fitted under many weightings."""

    def __init__(self, features: npt.NDArray[np.floating], labels: IntArray, label_count: int, penalty: float) -> None:
        if penalty <= 0:
            raise ValueError(f"a penalty of {penalty:g} leaves separable rows without a fit; use more than 0")
        self._rows = with_ones(features)
        self._answers = np.eye(label_count)[labels][:, 1:]
        self._penalty = np.full((self._rows.shape[1], 1), penalty)
        self._penalty[-1] = 0.0

    def fit(self, counts: FloatArray, start: FloatArray | None = None) -> FloatArray:
        """Weights (D + 1, K - 1), by Newton's method with halved steps, for rows that count ``counts`` (n,) times."""
        shape = (self._rows.shape[1], self._answers.shape[1])
        weights = np.zeros(shape) if start is None else start.copy()
        value = self._value(weights, counts)
        for _ in range(_MOST_STEPS):
            gradient, probabilities = self._gradient(weights, counts)
            if np.abs(gradient).max() < _TOLERANCE:
                break
            step = np.linalg.solve(self._curvature(probabilities, counts), gradient.ravel(order="F"))
            step = step.reshape(shape, order="F")
            size, trial = 1.0, weights - step
            while (new := self._value(trial, counts)) > value and size > 1e-6:
                size /= 2
                trial = weights - size * step
            if new >= value:
                break  # as exact as the numbers allow
            weights, value = trial, new
        return weights

    def neighbor(self, counts: FloatArray, weights: FloatArray, inverse: FloatArray) -> FloatArray:
        """The fit for ``counts``, from the one nearby at ``weights`` with its ``inverse`` curvature: Newton's steps
        with a curvature that stays. Where that does not settle, a full fit."""
        for _ in range(_MOST_CHEAP_STEPS):
            gradient, _ = self._gradient(weights, counts)
            if np.abs(gradient).max() < _TOLERANCE:
                return weights
            step = inverse @ gradient.ravel(order="F")
            weights = weights - step.reshape(weights.shape, order="F")
            if not np.isfinite(weights).all():
                return self.fit(counts)
        else:
            return self.fit(counts, weights)
        return weights

    def inverse_curvature(self, weights: FloatArray, counts: FloatArray) -> FloatArray:
        """At ``weights``, for ``neighbor``."""
        whole = self._curvature(self._gradient(weights, counts)[1], counts)
        return np.asarray(np.linalg.inv(whole), dtype=np.float64)

    def _value(self, weights: FloatArray, counts: FloatArray) -> float:
        logits = self._rows @ weights
        top = np.maximum(logits.max(axis=1, initial=0.0), 0.0)
        total = top + np.log(np.exp(-top) + np.exp(logits - top[:, None]).sum(axis=1))
        loss = float(counts @ (total - (logits * self._answers).sum(axis=1))) / float(counts.sum())
        return loss + float((self._penalty * weights**2).sum()) / 2

    def _gradient(self, weights: FloatArray, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        probabilities = of_rows(self._rows, weights)[:, 1:]
        wrong = (probabilities - self._answers) * (counts / counts.sum())[:, None]
        return self._rows.T @ wrong + self._penalty * weights, probabilities

    def _curvature(self, probabilities: FloatArray, counts: FloatArray) -> FloatArray:
        size, classes = self._rows.shape[1], probabilities.shape[1]
        whole = np.empty((size * classes, size * classes))
        share = counts / counts.sum()
        for a in range(classes):
            for b in range(a, classes):
                scale = share * probabilities[:, a] * ((a == b) - probabilities[:, b])
                block = self._rows.T @ (self._rows * scale[:, None])
                if a == b:
                    block[np.diag_indices(size)] += self._penalty[:, 0]
                whole[a * size : (a + 1) * size, b * size : (b + 1) * size] = block
                whole[b * size : (b + 1) * size, a * size : (a + 1) * size] = block
        # The intercepts are free: a last bit keeps the system solvable where one label has no rows.
        whole[np.diag_indices(len(whole))] += 1e-12
        return whole


def with_ones(features: npt.NDArray[np.floating]) -> FloatArray:
    """(n, D + 1): the last column is the intercept's."""
    rows = np.asarray(features, dtype=np.float64)
    return np.concatenate([rows, np.ones((len(rows), 1))], axis=1)


def of_rows(rows: FloatArray, weights: FloatArray) -> FloatArray:
    """Probabilities (n, K) of rows as ``with_ones`` makes them."""
    logits = np.concatenate([np.zeros((len(rows), 1)), rows @ weights], axis=1)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: FloatArray = powers / powers.sum(axis=1, keepdims=True)
    return found
