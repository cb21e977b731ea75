"""The temperature-scaling control (Guo et al., 2017): one number makes a model less sure, and no answer better.

What an arm removes beyond what this removes, it did not get by lower confidence alone.
"""

from __future__ import annotations

from math import exp, log

import numpy as np

from bsm_core.metrics.calibration import SMALLEST, FloatArray, IntArray, checked, nll

LOWEST, HIGHEST = 0.05, 20.0
"""The temperatures looked at. An end of the range means that the labels ask for an extreme one."""

_GOLDEN = (5**0.5 - 1) / 2
_STEPS = 60


def scaled(probabilities: FloatArray, temperature: float) -> FloatArray:
    """(n, K) the softmax of the logits divided by ``temperature``. Above 1 all are less sure; the prediction stays.

    Raises ValueError unless the temperature is above 0.
    """
    if temperature <= 0:
        raise ValueError(f"a temperature of {temperature:g} is not above 0; 1 changes nothing")
    logits = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), SMALLEST)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def fit_temperature(probabilities: FloatArray, labels: IntArray) -> float:
    """The temperature with the least negative log-likelihood on these texts, which must not be test's.

    The likelihood is unimodal in it, so a golden-section search over its logarithm finds it.
    """
    values, truth = checked(probabilities, labels)

    def loss(place: float) -> float:
        return nll(scaled(values, exp(place)), truth)

    low, high = log(LOWEST), log(HIGHEST)
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = loss(left), loss(right)
    for _ in range(_STEPS):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = loss(right)
    return exp((low + high) / 2)
