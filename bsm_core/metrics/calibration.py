"""How often a classifier is right, and whether its confidence says so.

All take probabilities (n, K), rows summing to 1, and labels (n,) in 0 to K - 1, and raise ValueError for other shapes
and for no rows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating]
IntArray = npt.NDArray[np.integer]

SMALLEST = 1e-12
"""A probability below this counts as this in ``nll``: a float32 softmax rounds to 0 what is only very unlikely."""


def accuracy(probabilities: FloatArray, labels: IntArray) -> float:
    """Share of right predictions; of equal probabilities the first is the prediction."""
    values, truth = checked(probabilities, labels)
    return float((values.argmax(axis=1) == truth).mean())


def ece(probabilities: FloatArray, labels: IntArray, bins: int = 10) -> float:
    """Expected calibration error (Naeini et al., 2015): the mean over predictions of |accuracy - mean confidence|
    of their bin, in [0, 1]. Bins are equally wide over [0, 1], each [low, high), the last closed."""
    if bins < 1:
        raise ValueError(f"{bins} bins; use at least 1")
    values, truth = checked(probabilities, labels)
    confidence = values.max(axis=1)
    right = values.argmax(axis=1) == truth
    index = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    # count * |accuracy - confidence| of a bin is the absolute sum of its differences.
    gaps = np.bincount(index, weights=right - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(truth))


def brier(probabilities: FloatArray, labels: IntArray) -> float:
    """Multi-class Brier score (Brier, 1950): mean squared distance to the one-hot label, in [0, 2]."""
    values, truth = checked(probabilities, labels)
    target = np.eye(values.shape[1])[truth]
    return float(((values - target) ** 2).sum(axis=1).mean())


def nll(probabilities: FloatArray, labels: IntArray) -> float:
    """Mean negative log-likelihood of the labels, in nats."""
    values, truth = checked(probabilities, labels)
    return float(-np.log(np.maximum(values[np.arange(len(truth)), truth], SMALLEST)).mean())


def checked(probabilities: FloatArray, labels: IntArray) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Both in double precision, (n, K) and (n,). Raises ValueError when they do not fit or are empty."""
    values, truth = np.asarray(probabilities, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    if values.ndim != 2 or truth.shape != values.shape[:1]:
        raise ValueError(f"probabilities {values.shape} and labels {truth.shape} do not fit; use (n, K) and (n,)")
    if not len(truth):
        raise ValueError("no predictions; a mean needs at least one")
    if truth.min() < 0 or truth.max() >= values.shape[1]:
        raise ValueError(f"labels run from {truth.min()} to {truth.max()}; use 0 to {values.shape[1] - 1}")
    return values, truth
