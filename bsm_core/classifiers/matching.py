"""BERTScore's matching: each token with its best partner on the other side, for many references in one product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bsm_core.classifiers.states import TokenStates
from bsm_core.ports import FloatArray

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Packed:
    """References end to end: ``states`` (tokens, hidden), ``weights`` (tokens,), and where each one ``starts``."""

    states: FloatArray
    weights: npt.NDArray[np.float64]
    starts: npt.NDArray[np.intp]

    @classmethod
    def of(cls, references: Sequence[TokenStates]) -> Packed:
        starts = np.cumsum([0, *(len(one.weights) for one in references[:-1])])
        weights = np.concatenate([one.weights for one in references]).astype(np.float64)
        return cls(np.concatenate([one.states for one in references]), weights, starts)


def f1(candidate: TokenStates, references: Packed) -> Scores:
    """(references,) BERTScore F1; 0 where a side has no token but the special ones."""
    cosine = candidate.states @ references.states.T
    precision = candidate.weights.astype(np.float64) @ np.maximum.reduceat(cosine, references.starts, axis=1)
    recall = np.add.reduceat(references.weights * cosine.max(axis=0), references.starts)
    empty = np.add.reduceat(references.weights, references.starts) == 0
    total = precision + recall
    usable = ~empty & (total != 0)
    return np.divide(2 * precision * recall, total, out=np.zeros(len(total)), where=usable)


def best_of(scores: Scores, top: int) -> Scores:
    """(top,) the largest, or all where there are fewer."""
    return scores if len(scores) <= top else np.partition(scores, -top)[-top:]
