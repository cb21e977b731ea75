"""The counter-fitted vectors of TextFooler (Mrkšić et al., 2016), out of text or plain arrays: never out of pickles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from textattack.shared import WordEmbedding, utils
from textattack.shared.utils import install

from bsm_core.errors import PerturbationError

FOLDER = Path("word_embeddings", "paragramcf")
"""Below TextAttack's cache, where its own download puts them."""

TEXT = "counter-fitted-vectors.txt"
"""As its authors publish it: a word and its numbers a line."""
MATRIX, WORDS, NEIGHBORS = "paragram.npy", "wordlist.txt", "nn.npy"
"""Or as TextAttack has it, but for the words: the matrix, its words in order, one a line, and, if it is there, the
numbers of each word's nearest."""
PICKLED_WORDS = "wordlist.pickle"

_KEY = "textattack_counterfitted_GLOVE_embedding"
"""Under this name TextAttack looks for the vectors before it would load its own files."""


def folder() -> Path:
    return Path(install.TEXTATTACK_CACHE_DIR) / FOLDER


def missing() -> list[str]:
    """What is not there, with its remedy. Looks at file names only."""
    place = folder()
    if (place / TEXT).is_file() or all((place / name).is_file() for name in (MATRIX, WORDS)):
        return []
    if (place / PICKLED_WORDS).is_file():
        return [
            f"{WORDS} in {place}: its {PICKLED_WORDS} is a pickle, which can run code when it is read, and is never "
            f"read here. Take {TEXT} in its place; or, if you trust the pickle, write its words in the order of their "
            f"numbers into {WORDS}, one a line (docs/attacks.md has the command)"
        ]
    return [
        f"the counter-fitted word vectors: {TEXT} (github.com/nmrksic/counter-fitting), or {MATRIX} and {WORDS}, "
        f"in {place}"
    ]


def hand_over() -> None:
    """Give TextAttack the vectors, in place of those that it would load from pickles.

    Raises PerturbationError for a file that is not what it should be.
    """
    place = folder()
    words, matrix = _from_text(place / TEXT) if (place / TEXT).is_file() else _from_arrays(place)
    nearest = _array(place / NEIGHBORS, len(words)) if (place / NEIGHBORS).is_file() else None
    if nearest is not None and not (nearest.dtype.kind in "iu" and 0 <= nearest.min() <= nearest.max() < len(words)):
        raise PerturbationError(f"{place / NEIGHBORS} does not hold numbers of words; leave it out")
    index = {word: at for at, word in enumerate(words)}
    utils.GLOBAL_OBJECTS[_KEY] = _Vectors(matrix, index, dict(enumerate(words)), nearest)


class _Vectors(WordEmbedding):
    """TextAttack 0.3.11 cannot search for neighbors itself: without ``nn.npy`` it raises AttributeError."""

    def nearest_neighbours(self, index: int, topn: int) -> list[int]:
        if self.nn_matrix is not None:
            nearest: list[int] = super().nearest_neighbours(index, topn)
            return nearest
        if index not in self._nn_cache:
            distance = np.linalg.norm(self.embedding_matrix - self.embedding_matrix[index], axis=1)
            distance[index] = -1.0  # the word itself comes first, also where another has the same vector
            self._nn_cache[index] = np.argsort(distance, kind="stable")[1 : topn + 1].tolist()
        found: list[int] = self._nn_cache[index]
        return found


def _from_text(path: Path) -> tuple[list[str], npt.NDArray[np.float32]]:
    words: list[str] = []
    rows: list[npt.NDArray[np.float32]] = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            word, *values = line.split()
            try:
                row = np.array(values, dtype=np.float32)
            except ValueError as error:
                raise PerturbationError(f"{path}, line {number}: {error}; it takes a word and its numbers") from error
            if not len(row) or (rows and len(row) != len(rows[0])):
                expected = len(rows[0]) if rows else "some"
                raise PerturbationError(f"{path}, line {number}: {len(row)} numbers in place of {expected}")
            words.append(word)
            rows.append(row)
    if not rows:
        raise PerturbationError(f"{path} is empty; fetch it again")
    return words, np.stack(rows)


def _from_arrays(place: Path) -> tuple[list[str], npt.NDArray[np.float32]]:
    words = (place / WORDS).read_text(encoding="utf-8").splitlines()
    return words, _array(place / MATRIX, len(words)).astype(np.float32)


def _array(path: Path, rows: int) -> npt.NDArray[np.generic]:
    try:
        found: npt.NDArray[np.generic] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise PerturbationError(f"{path} is no plain array ({error}); fetch it again") from error
    if found.ndim != 2 or len(found) != rows:
        raise PerturbationError(f"{path} has the shape {found.shape}, and there are {rows:,} words; they must fit")
    return found
