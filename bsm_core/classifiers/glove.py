"""GloVe word vectors (Pennington et al., 2014), from the packaged 6B, 50-dimensional ones, for the Bi-LSTM."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from bsm_core.classifiers.card import file_hash
from bsm_core.errors import ClassifierError

WORDS_FILE, VECTORS_FILE = "glove_6B_index.parquet", "glove_6B_50d_emb.npy"


@dataclass(frozen=True, slots=True)
class GloveVectors:
    """``words``: row by word, in order of falling frequency. ``matrix`` (words, size) stays on the disk."""

    words: dict[str, int]
    matrix: npt.NDArray[np.float32]

    @property
    def size(self) -> int:
        return int(self.matrix.shape[1])

    @property
    def spread(self) -> float:
        """Standard deviation of a frequent word's numbers."""
        return float(np.std(self.matrix[:10_000]))

    def rows(self, words: list[str]) -> npt.NDArray[np.float32]:
        return np.asarray(self.matrix[[self.words[word] for word in words]], dtype=np.float32)


def word_vectors(folder: Path) -> tuple[GloveVectors, str]:
    """The vectors in ``folder`` and their file's SHA-256. Raises ClassifierError when the files do not fit together."""
    words = pq.read_table(folder / WORDS_FILE, columns=["index"])["index"].to_pylist()
    matrix = np.lib.format.open_memmap(folder / VECTORS_FILE, mode="r")
    if len(words) != len(matrix):
        raise ClassifierError(f"{folder} has {len(matrix)} vectors for {len(words)} words; run `make venv`")
    return GloveVectors({word: at for at, word in enumerate(words)}, matrix), file_hash(folder / VECTORS_FILE)
