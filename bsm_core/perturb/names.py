"""Which words are proper names: a text about Kevin is not one about Michael, though their vectors are neighbors."""

from __future__ import annotations

from bsm_core.perturb.estimates import WordEstimates
from bsm_core.perturb.meanings import Meanings
from bsm_core.perturb.tagging import PerceptronTagger

NAME_WORDS = 8_000
"""Most frequent words that are learned from, as far as the tagger knows them."""

LEAST_NAME = 0.43
"""From here on a word, 1 for a name and 0 for any other, is taken for one."""


class Names:
    """Texts may be in lower case, so that capitals cannot tell."""

    def __init__(self, tagger: PerceptronTagger, meanings: Meanings) -> None:
        known = {word: tagger.usual(word) for word in meanings.vectors.words[:NAME_WORDS]}
        told = {word: float(tag == "PROPN|-") for word, tag in known.items() if tag is not None}
        self._estimates = WordEstimates(told, meanings)

    def __contains__(self, word: str) -> bool:
        return self._estimates.of(word) >= LEAST_NAME
