"""Parts of speech by an averaged perceptron, trained on the Universal Dependencies English Web Treebank.

The weights come as JSON in a package (test accuracy 93.4 %); this reads them, and tags as they were trained to.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from textattack.constraints.grammaticality import PartOfSpeech

from bsm_core.errors import PerturbationError

ASSET = "english-tagger"
_BEFORE, _AFTER = "<s>", "</s>"
_SETTLED = 0.5
"""Least weight of a word itself for a tag, to say that it usually has it."""


class PerceptronTagger:
    """Tags words from left to right: "VERB|Part", "ADJ|-"; the second half is the form of a verb."""

    def __init__(self, path: Path) -> None:
        """Raises PerturbationError for a file of another make."""
        data = json.loads(gzip.decompress(path.read_bytes()))
        try:
            self._weights: dict[str, dict[str, float]] = data["weights"]
            self._unambiguous: dict[str, str] = data["tagdict"]
            self._tags: list[str] = sorted(data["classes"])
        except KeyError as error:
            raise PerturbationError(f"{path} is not a tagger as known here: it has no {error}") from error
        self.tags = lru_cache(maxsize=2**14)(self._tag)

    def usual(self, word: str) -> str | None:
        """The tag of a lower-case word wherever it stands; None where the training texts did not settle it."""
        if word in self._unambiguous:
            return self._unambiguous[word]
        weights = self._weights.get(f"w {word}", {})
        tag = max(weights, key=lambda one: weights[one], default=None)
        return tag if tag is not None and weights[tag] >= _SETTLED else None

    def _tag(self, words: tuple[str, ...]) -> tuple[str, ...]:
        lower = [word.lower() for word in words]
        found: list[str] = []
        for index in range(len(words)):
            known = self._unambiguous.get(lower[index])
            found.append(known or self._guess(_features(words, lower, index, found)))
        return tuple(found)

    def _guess(self, features: Sequence[str]) -> str:
        scores = dict.fromkeys(self._tags, 0.0)
        for feature in features:
            for tag, weight in self._weights.get(feature, {}).items():
                scores[tag] += weight
        return max(self._tags, key=lambda tag: (scores[tag], tag))


def _features(words: Sequence[str], lower: Sequence[str], index: int, found: Sequence[str]) -> list[str]:
    """What the weights are weights of, by the names they were trained under."""
    word, before = lower[index], [_BEFORE, _BEFORE, *found]
    shape = ("X" if words[index][:1].isupper() else "x") + ("d" if any(sign.isdigit() for sign in word) else "")
    around = [_BEFORE, _BEFORE, *lower, _AFTER, _AFTER]
    return [
        "bias",
        f"suf3 {word[-3:]}",
        f"suf2 {word[-2:]}",
        f"suf1 {word[-1:]}",
        f"pre1 {word[:1]}",
        f"shape {shape}",
        f"w {word}",
        f"t-1 {before[-1]}",
        f"t-2 {before[-2]}",
        f"t-1t-2 {before[-1]} {before[-2]}",
        f"w-1 {around[index + 1]}",
        f"w-2 {around[index]}",
        f"w+1 {around[index + 3]}",
        f"w+2 {around[index + 4]}",
        f"t-1 w {before[-1]} {word}",
    ]


class SamePartOfSpeech(PartOfSpeech):
    """TextAttack's constraint with this tagger: part of speech and form of verb must stay as they are."""

    def __init__(self, tagger: PerceptronTagger) -> None:
        super().__init__(tagger_type="nltk", allow_verb_noun_swap=False)
        self._tagger = tagger

    def _get_pos(self, before_ctx: list[str], word: str, after_ctx: list[str]) -> str:
        return self._tagger.tags((*before_ctx, word, *after_ctx))[len(before_ctx)]
