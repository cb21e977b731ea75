"""A property of words that is known for some of them, estimated for the others from what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bsm_core.perturb.meanings import Meanings

RIDGE = 3.0
"""Strength of the penalty."""


class WordEstimates:
    """A ridge regression on ``meanings``. ``known`` words must all be in its vocabulary; so must those asked about."""

    def __init__(self, known: Mapping[str, float], meanings: Meanings) -> None:
        self._meanings = meanings
        features = self._features(list(known))
        target = np.array(list(known.values()))
        penalty = RIDGE * np.eye(features.shape[1])
        self._weights = np.linalg.solve(features.T @ features + penalty, features.T @ target)
        self._found: dict[str, float] = {}

    def of(self, word: str) -> float:
        if word not in self._found:
            self._found[word] = float((self._features([word]) @ self._weights)[0])
        return self._found[word]

    def _features(self, words: Sequence[str]) -> npt.NDArray[np.float64]:
        columns = (self._meanings.of(words), self._meanings.vectors.rows(list(words)), np.ones((len(words), 1)))
        return np.concatenate(columns, axis=1, dtype=np.float64)
