"""GloVe word vectors (Pennington et al., 2014), read from the packaged 6B, 50-dimensional ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from bsm_core.errors import PerturbationError

ASSET = "glove-6b-50d"

VOCABULARY = 40_000
"""The most frequent entries that are read: rarer ones are names and misspellings, and make odd neighbors."""


class WordVectors:
    """``words`` by falling frequency, lower-case ASCII letters only, and ``vectors`` (words, 50) of length 1."""

    def __init__(self, folder: Path, vocabulary: int = VOCABULARY) -> None:
        """Raises PerturbationError when the files do not fit together."""
        entries = pq.read_table(folder / "glove_6B_index.parquet", columns=["index"])["index"].to_pylist()
        rows = np.lib.format.open_memmap(folder / "glove_6B_50d_emb.npy", mode="r")
        if len(entries) != len(rows):
            raise PerturbationError(f"{folder} has {len(rows)} vectors for {len(entries)} words; run `make venv`")
        kept = [at for at, entry in enumerate(entries[:vocabulary]) if entry.isascii() and entry.isalpha()]
        chosen = np.asarray(rows[kept], dtype=np.float32)
        self.words: list[str] = [entries[at] for at in kept]
        self.vectors: npt.NDArray[np.float32] = chosen / np.linalg.norm(chosen, axis=1, keepdims=True)
        self._index = {word: at for at, word in enumerate(self.words)}

    def __contains__(self, word: str) -> bool:
        return word in self._index

    def index(self, word: str) -> int:
        """Raises KeyError for an unknown word."""
        return self._index[word]

    def rows(self, words: list[str]) -> npt.NDArray[np.float32]:
        return self.vectors[[self._index[word] for word in words]]

    def nearest(self, word: str, count: int, least: float) -> list[str]:
        """At most ``count`` other words with a cosine of at least ``least``, nearest first."""
        cosine = self.vectors @ self.vectors[self._index[word]]
        order = np.argsort(-cosine, kind="stable")[: count + 1].tolist()
        return [self.words[at] for at in order if cosine[at] >= least and self.words[at] != word][:count]
