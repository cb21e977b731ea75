"""A small word list of English opinions and function words, our own compilation (``data/lexicon/english.toml``)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache

from bsm_core.config import DATA

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")


def words(text: str) -> list[str]:
    """The words of a text as they stand, punctuation left out; "isn't" and "half-baked" are one word each."""
    return _WORD.findall(text)


def word_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of each of ``words(text)``."""
    return [match.span() for match in _WORD.finditer(text)]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``*_adjectives`` fit after "the movie was"; ``positive`` and ``negative`` are all words of that polarity."""

    positive: frozenset[str]
    negative: frozenset[str]
    positive_adjectives: tuple[str, ...]
    negative_adjectives: tuple[str, ...]
    positive_rare: tuple[str, ...]
    negative_rare: tuple[str, ...]
    negations: frozenset[str]
    intensifiers: frozenset[str]
    contrasts: frozenset[str]
    comparisons: frozenset[str]
    conditionals: frozenset[str]
    sarcasm: frozenset[str]
    doubts: frozenset[str]
    """Words that leave open which way a sentence judges."""

    @property
    def opinions(self) -> frozenset[str]:
        return self.positive | self.negative

    def adjectives(self, positive: bool) -> tuple[str, ...]:
        return self.positive_adjectives if positive else self.negative_adjectives

    def rare(self, positive: bool) -> tuple[str, ...]:
        return self.positive_rare if positive else self.negative_rare

    def is_negation(self, word: str) -> bool:
        return word.lower().replace("’", "'") in self.negations


@cache
def lexicon() -> Lexicon:
    data = tomllib.loads((DATA / "lexicon" / "english.toml").read_text(encoding="utf-8"))
    good, bad, function = data["positive"], data["negative"], data["function"]
    return Lexicon(
        positive=frozenset(good["adjectives"] + good["others"] + good["rare"]),
        negative=frozenset(bad["adjectives"] + bad["others"] + bad["rare"]),
        positive_adjectives=tuple(good["adjectives"]),
        negative_adjectives=tuple(bad["adjectives"]),
        positive_rare=tuple(good["rare"]),
        negative_rare=tuple(bad["rare"]),
        **{name: frozenset(listed) for name, listed in function.items()},
    )
