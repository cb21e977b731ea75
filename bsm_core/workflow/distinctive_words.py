"""The words that set some texts apart from others: weighted log-odds with an informative Dirichlet prior (Monroe,
Colaresi and Quinn, 2008, "Fightin' Words", equations 16 and 22)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from math import log, sqrt

from bsm_core.config import DATA
from bsm_core.domain.blind_spots import DistinctiveWord
from bsm_core.domain.tasks import Text
from bsm_core.workflow.lexicon import words

LEAST_Z = 1.96
"""Words below are not told. Of the many words of many texts some are above by chance alone, which the page says."""

MOST_WORDS = 8

_LEAST_TEXTS, _FEW_TEXTS = 3, 2
_SMALL = 10
"""Of fewer texts two are enough to tell a word."""
_LEAST_LETTERS = 3


def text_counts(texts: Iterable[Text]) -> Counter[str]:
    """In how many texts each word is, in small letters: a text counts a word once, however often it says it. Numbers,
    words of one or two letters and English function words are left out."""
    return Counter(word for text in texts for word in _words(text))


def distinctive_words(
    inside: Counter[str], outside: Counter[str], texts: int, limit: int = MOST_WORDS
) -> tuple[DistinctiveWord, ...]:
    """Words that more of the ``texts`` ``inside`` have than of those ``outside``, the surest first.

    The prior is what all texts together say, and weighs as much as the texts inside: so that a rare word needs more
    than chance, and one that everybody uses says nothing.
    """
    weight, all_outside = inside.total(), outside.total()
    if not weight or not all_outside:
        return ()
    least = _FEW_TEXTS if texts < _SMALL else _LEAST_TEXTS
    found = []
    for word, count in inside.items():
        pseudo = weight * (count + outside[word]) / (weight + all_outside)
        here, there = count + pseudo, outside[word] + pseudo
        odds = log(here / (2 * weight - here)) - log(there / (all_outside + weight - there))
        z = odds / sqrt(1 / here + 1 / there)
        if z >= LEAST_Z and count >= least:
            found.append(DistinctiveWord(word, round(z, 3), count, outside[word]))
    return tuple(sorted(found, key=lambda one: (-one.z, one.word))[:limit])


def _words(text: Text) -> set[str]:
    present = {word.lower() for side in text for word in words(side)}
    return {word for word in present - _function_words() if len(word) >= _LEAST_LETTERS and not word.isdigit()}


@cache
def _function_words() -> frozenset[str]:
    path = DATA / "nltk" / "corpora" / "stopwords" / "english"
    return frozenset(path.read_text(encoding="utf-8").split())
