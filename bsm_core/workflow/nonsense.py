"""Texts that nobody would write as an input: junk, refusals, echoes of the prompt, word salad. Rules, no model."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bsm_core.domain.tasks import Text
from bsm_core.workflow.lexicon import lexicon, words
from bsm_core.workflow.repeats import inner_repeat
from bsm_core.workflow.word_order import WordOrder

LEAST_KNOWN = 0.4
"""Share of words that must be known from the references; typos and names are not."""
LONGEST_WORD = 40
MOST_IN_A_ROW = 3
MOST_SYMBOLS = 0.3
LEAST_VOCABULARY = 1000
"""Known words below which being unknown means nothing."""
LEAST_LETTERS = 5000
"""Letters of the references below which a letter that they lack means nothing."""
MOST_STRANGE = 0.3
"""Share of a text's letters that the references may lack: names and loan words have some."""
MAX_INNER_REPEAT = 0.5
"""Share of a text's word trigrams that it may have used already; of 4,000 real sentences none reaches it."""
LEAST_COMPRESSED = 0.25
"""What zlib must leave of a text; of 1,990 real reviews the lowest leaves 0.32."""
COMPRESSED_BYTES = 200
"""Shorter texts hardly compress at all."""

_REFUSAL = re.compile(
    r"\bas an? (?:ai|artificial intelligence|language model)\b|\b(?:i'm|i am) (?:an ai|a language model|sorry, but)"
    r"|\bi (?:cannot|can't|can not|am unable to|won't) (?:assist|help|fulfill|comply|provide|generate|write|create)\b",
    re.IGNORECASE,
)
_ECHO = re.compile(
    r"```|<\|[^|]*\|>|^\s*(?:sample|label|hypothesis|reasoning|answer|output)\s*:|\bonly write the sentence\b"
    r"|\bwrite one \w+ \w+|\bhere(?:'s| is) (?:a|an|the|one) (?:\w+ ){0,3}(?:sentence|sample|review|example)\b"
    r"|^\s*(?:sure|certainly)[,!]|\bthe original sentence\b|[{}]",
    re.IGNORECASE,
)
_VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüý")


@dataclass(frozen=True, slots=True)
class Judgment:
    """``value`` and ``threshold`` of the rule that decided, None where it is a matter of yes or no."""

    passed: bool
    reason: str
    value: float | None = None
    threshold: float | None = None


class NonsenseJudge:
    """Learns words and word order from ``references`` (the training texts)."""

    def __init__(self, references: Sequence[Text], seed: int) -> None:
        known = {word.lower() for text in references for side in text for word in words(side)}
        self._is_rich = len(known) >= LEAST_VOCABULARY
        self._known = known | lexicon().opinions
        self._alphabet = _alphabet(references)
        self._order = WordOrder([" ".join(text) for text in references], seed)

    def judge(self, text: Text) -> Judgment:
        """The first rule that is broken, or how well the word order fares."""
        joined = " ".join(text)
        problem = junk(joined)
        if problem:
            return Judgment(False, problem)
        looped = loops(text) or self._strange(joined)
        if looped is not None:
            return looped
        found = [word.lower() for word in words(joined)]
        share = sum(word in self._known for word in found) / len(found)
        if self._is_rich and len(found) >= 5 and share < LEAST_KNOWN:
            reason = f"only {share:.0%} of its words occur in the training texts"
            return Judgment(False, reason, share, LEAST_KNOWN)
        gain, mark = self._order.gain(joined), self._order.mark
        if gain is None or mark is None:
            return Judgment(True, "too short, or too few training texts, to judge its word order")
        if gain < mark:
            reason = f"its words stand in no likely order ({gain:.2f}; 97% of misspelled real texts reach {mark:.2f})"
            return Judgment(False, reason, gain, mark)
        return Judgment(True, f"its word order is plausible ({gain:.2f}; the mark is {mark:.2f})", gain, mark)

    def _strange(self, text: str) -> Judgment | None:
        """Letters that the references do not have: another script, or noise."""
        letters = [character for character in text.lower() if character.isalpha()]
        share = sum(letter not in self._alphabet for letter in letters) / max(1, len(letters))
        if not self._alphabet or share <= MOST_STRANGE:
            return None
        return Judgment(False, f"{share:.0%} of its letters never stand in the training texts", share, MOST_STRANGE)


def loops(text: Text) -> Judgment | None:
    """Does it say the same over and over? None when not. Needs no references."""
    inner = inner_repeat(text)
    if inner > MAX_INNER_REPEAT:
        reason = f"it repeats itself: {inner:.0%} of its word triples were there before"
        return Judgment(False, reason, inner, MAX_INNER_REPEAT)
    body = " ".join(text).encode("utf-8", "surrogatepass")
    left = len(zlib.compress(body, 9)) / max(1, len(body))
    if len(body) >= COMPRESSED_BYTES and left < LEAST_COMPRESSED:
        reason = f"it repeats itself: it can be packed into {left:.0%} of its size"
        return Judgment(False, reason, left, LEAST_COMPRESSED)
    return None


def _alphabet(references: Sequence[Text]) -> frozenset[str]:
    """The references' letters; empty when there are too few to go by."""
    counts = Counter(letter for text in references for side in text for letter in side.lower() if letter.isalpha())
    return frozenset(counts) if counts.total() >= LEAST_LETTERS else frozenset()


def junk(text: str) -> str:
    """What makes the text no text, in words; empty when nothing does. Needs no references."""
    found = words(text)
    if not found:
        return "it has no words"
    if any(_is_broken(character) for character in text):
        return "it holds control characters or broken ones"
    if "\ufffd" in text:
        return "it holds characters that were lost in decoding"
    if _REFUSAL.search(text):
        return "it is a refusal, not a sample"
    if _ECHO.search(text):
        return "it repeats the prompt, or talks about the task"
    return _odd_words(text, found)


def _is_broken(character: str) -> bool:
    """C1 controls do not count: real reviews have them, from quotation marks decoded wrongly."""
    return unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") and not (
        character in "\n\t\r" or "\x80" <= character <= "\x9f"
    )


def _odd_words(text: str, found: Sequence[str]) -> str:
    longest = max(found, key=len)
    if len(longest) > LONGEST_WORD:
        return f"it has a word of {len(longest)} letters"
    run = 1
    for before, after in pairwise(found):
        run = run + 1 if before.lower() == after.lower() else 1
        if run > MOST_IN_A_ROW:
            return f"it says {after[:20]!r} {run} times in a row"
    symbols = sum(not (c.isalnum() or c.isspace() or c in ".,;:!?'\"-’()") for c in text) / len(text)
    if symbols > MOST_SYMBOLS:
        return f"{symbols:.0%} of its characters are symbols"
    long = [word for word in found if len(word) > 4 and word.isalpha() and word.isascii()]
    mute = [word for word in long if not _VOWELS & set(word.lower())]
    if len(long) >= 4 and len(mute) > len(long) / 2:
        return "most of its words have no vowel"
    return ""
