"""Which words may stand in for a word: GloVe's neighbors, less those that would turn its meaning around."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from textattack.shared import AbstractWordEmbedding

from bsm_core.perturb.antonyms import are_opposed
from bsm_core.perturb.meanings import Meanings
from bsm_core.perturb.names import Names
from bsm_core.perturb.polarity import Polarity
from bsm_core.perturb.tagging import PerceptronTagger
from bsm_core.perturb.word_lists import listed_words
from bsm_core.workflow.lexicon import lexicon

NEIGHBORS = 50
LEAST_COSINE = 0.5
"""Of GloVe's vectors. Both as in TextFooler (Jin et al., 2020), there of counter-fitted vectors."""

LEAST_MEANING = 0.62
"""Cosine of the two words under the sentence encoder, which is trained on paraphrases and parts what only stands in
the same places: "film" keeps "movie" and loses "comedy"."""

POLAR = 0.8
"""A word at least this far from 0 is an opinion: it may only be swapped for one of the same sign that is at least
half as far."""

QUANTITIES = frozenset({"all", "any", "every", "few", "fewer", "half", "little", "many", "none", "several", "some"})
"""Neighbors of each other, and of opposite sense: "few surprises", "several surprises"."""

DEGREES = frozenset({"so", "too"})
"""Neighbors of "well" and "very", for which they make no sense."""

NUMBERS = listed_words("number_words.txt")
"""Amounts and places in an order. Digits are in no vocabulary here, and so never changed."""

MOST_SHIFT = 0.9
"""How far apart the polarities of two words may be, on a scale from -4 to 4."""


class GuardedNeighbors(AbstractWordEmbedding):
    """An embedding for TextAttack's ``WordSwapEmbedding``: ``nearest_neighbours`` gives only words that may be swapped.

    Excluded are words whose meaning is too far off, opposites (``antonyms``), numbers and function words that decide
    over the sense of a sentence, proper names, another part of speech, and any change of polarity.
    """

    def __init__(self, meanings: Meanings, polarity: Polarity, names: Names, tagger: PerceptronTagger) -> None:
        self.meanings = meanings
        self.polarity = polarity
        self.names = names
        self._tagger = tagger
        self._found: dict[int, list[int]] = {}
        self._fixed = fixed_words()

    def __getitem__(self, index: str | int) -> npt.NDArray[np.float32]:
        vectors = self.meanings.vectors
        row: npt.NDArray[np.float32] = vectors.vectors[vectors.index(index) if isinstance(index, str) else index]
        return row

    def word2index(self, word: str) -> int:
        return self.meanings.vectors.index(word)

    def index2word(self, index: int) -> str:
        return self.meanings.vectors.words[index]

    def nearest_neighbours(self, index: int, topn: int) -> list[int]:
        """At most ``topn``, best meaning first."""
        if index not in self._found:
            word = self.index2word(index)
            self._found[index] = [self.word2index(other) for other in self.allowed(word)]
        return self._found[index][:topn]

    def get_cos_sim(self, a: str | int, b: str | int) -> float:
        return float(np.dot(self[a], self[b]))

    def get_mse_dist(self, a: str | int, b: str | int) -> float:
        """The squared distance, which TextAttack calls so."""
        return 2.0 - 2.0 * self.get_cos_sim(a, b)

    def allowed(self, word: str) -> list[str]:
        """Words that may stand in for ``word``, which is in the vocabulary; best meaning first."""
        if word in self._fixed or word in self.names:
            return []
        near = self.meanings.vectors.nearest(word, NEIGHBORS, LEAST_COSINE)
        near = [other for other in near if other not in self._fixed and not are_opposed(word, other)]
        near = [other for other in near if self._is_of_a_kind(word, other)]  # before what takes the encoder
        alike = [other for other in self._of_like_meaning(word, near) if self._is_as_good(word, other)]
        return [other for other in alike if other not in self.names]

    def _is_of_a_kind(self, word: str, other: str) -> bool:
        """Not if they are known to be different parts of speech. What a word is in its sentence is checked there."""
        one, two = self._tagger.usual(word), self._tagger.usual(other)
        return one is None or two is None or one.split("|")[0] == two.split("|")[0]

    def _of_like_meaning(self, word: str, others: Sequence[str]) -> list[str]:
        if not others:
            return []
        cosines = self.meanings.cosines(word, others)
        order = np.argsort(-cosines, kind="stable").tolist()
        return [others[at] for at in order if cosines[at] >= LEAST_MEANING]

    def _is_as_good(self, word: str, other: str) -> bool:
        before, after = self.polarity.of(word), self.polarity.of(other)
        if abs(before - after) > MOST_SHIFT:
            return False
        is_opinion = max(abs(before), abs(after)) >= POLAR
        return not is_opinion or (before * after > 0 and min(abs(before), abs(after)) >= POLAR / 2)


def fixed_words() -> frozenset[str]:
    """Function words that are neither changed nor put in: they decide over the sense of what stands around them."""
    words = lexicon()
    return (
        words.negations
        | words.contrasts
        | words.comparisons
        | words.conditionals
        | words.doubts
        | QUANTITIES
        | DEGREES
        | NUMBERS
    )
