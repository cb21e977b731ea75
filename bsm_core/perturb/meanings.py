"""What single words mean: their embeddings by the sentence encoder, kept once made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bsm_core.perturb.vectors import WordVectors
from bsm_core.ports import Embedder, FloatArray


class Meanings:
    """Embeddings of words, beside their ``vectors``."""

    def __init__(self, vectors: WordVectors, embedder: Embedder) -> None:
        self.vectors = vectors
        self._embedder = embedder
        self._known: dict[str, FloatArray] = {}

    def of(self, words: Sequence[str]) -> FloatArray:
        """(words, dimensions), rows of length 1."""
        unknown = [word for word in dict.fromkeys(words) if word not in self._known]
        if unknown:
            self._known.update(zip(unknown, self._embedder.embed(unknown), strict=True))
        return np.stack([self._known[word] for word in words])

    def cosines(self, word: str, others: Sequence[str]) -> FloatArray:
        """(others,)"""
        rows: FloatArray = self.of([word, *others])
        return rows[1:] @ rows[0]
