"""How near two hypotheses are to each other, by their words and by their meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from bsm_core.config import DATA
from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.ports import Embedder, FloatArray
from bsm_core.workflow.lexicon import words

SAME_OVERLAP, SAME_COSINE = 0.7, 0.95
"""From here on two hypotheses of one kind say the same."""
PARENT_OVERLAP, PARENT_COSINE = 0.5, 0.9
"""From here on an extrapolation is its abstraction in other words; it must name a different failure (2.2)."""

LoadEmbedder = Callable[[], Embedder]


@dataclass(frozen=True, slots=True)
class Near:
    """``cosine`` is None without an encoder."""

    other: Hypothesis
    overlap: float
    cosine: float | None

    def reaches(self, overlap: float, cosine: float) -> bool:
        return self.overlap >= overlap or (self.cosine is not None and self.cosine >= cosine)

    def told(self) -> str:
        by_meaning = "" if self.cosine is None else f", cosine {self.cosine:.2f}"
        return f"{self.overlap:.0%} of the content words in common{by_meaning}"


def overlap(one: str, other: str) -> float:
    """Jaccard similarity of the content words, in [0, 1]; 0 when neither has any."""
    left, right = content_words(one), content_words(other)
    return len(left & right) / len(left | right) if left | right else 0.0


def content_words(text: str) -> frozenset[str]:
    """In small letters, without the common English stop words."""
    return frozenset(word.lower() for word in words(text)) - _stop_words()


class Compass:
    """Finds what is near. The encoder loads with the first question, and every text is embedded once."""

    def __init__(self, load_embedder: LoadEmbedder | None) -> None:
        self._load = load_embedder
        self._embedder: Embedder | None = None
        self._known: dict[str, FloatArray] = {}

    def learn(self, texts: Sequence[str]) -> None:
        """Embed many at once: faster than one by one."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if not new or self._load is None:
            return
        if self._embedder is None:
            self._embedder = self._load()
        self._known |= dict(zip(new, self._embedder.embed(new), strict=True))

    def between(self, text: str, other: Hypothesis) -> Near:
        return Near(other, overlap(text, other.text), self._cosine(text, other.text))

    def nearest(self, text: str, others: Sequence[Hypothesis]) -> Near | None:
        """By cosine, and by words where there is none."""
        found = [self.between(text, other) for other in others]
        return max(found, key=lambda near: max(near.overlap, near.cosine or 0.0), default=None)

    def _cosine(self, one: str, other: str) -> float | None:
        self.learn([one, other])
        if one not in self._known:
            return None
        return float(np.dot(self._known[one], self._known[other]))


@cache
def _stop_words() -> frozenset[str]:
    listed = (DATA / "nltk" / "corpora" / "stopwords" / "english").read_text(encoding="utf-8")
    return frozenset(listed.split())
