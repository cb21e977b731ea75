"""What was done to O to make P: word by word, which slip of the pen, and in what kind of word."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from bsm_core.domain.tasks import Text
from bsm_core.workflow.lexicon import lexicon, words

LONG_WORD = 9
"""Letters from which a word counts as long (and so, in English, mostly as rare)."""

_LOOKALIKES = str.maketrans("асеорхуіѕјԁһκνοτυі‐–’‘", "aceopxyisjdhkvotui--''")


class EditKind(StrEnum):
    SWAP = "swap"
    DELETION = "deletion"
    INSERTION = "insertion"
    SUBSTITUTION = "substitution"
    HOMOGLYPH = "homoglyph"
    SEVERAL = "several"
    """More than one letter, but still the same word to a reader."""
    WORD = "word"
    """Another word."""
    ADDED = "added"
    REMOVED = "removed"

    @property
    def is_typo(self) -> bool:
        return self not in (EditKind.WORD, EditKind.ADDED, EditKind.REMOVED)


class Target(StrEnum):
    """The kind of word that was hit, the most telling first."""

    OPINION = "opinion"
    NEGATION = "negation"
    INTENSIFIER = "intensifier"
    NAME = "name"
    LONG = "long"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class WordEdit:
    """``original`` is empty for an added word, ``perturbed`` for a removed one."""

    original: str
    perturbed: str
    kind: EditKind
    target: Target


def word_edits(original: Text, perturbed: Text) -> list[WordEdit]:
    """The words in which O and P differ, in order, over both sides of a pair."""
    edits: list[WordEdit] = []
    for before, after in zip(original, perturbed, strict=True):
        edits += _side_edits(words(before), words(after))
    return edits


def _side_edits(before: list[str], after: list[str]) -> list[WordEdit]:
    edits = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, stop, other_start, other_stop in matcher.get_opcodes():
        if tag == "equal":
            continue
        old, new = before[start:stop], after[other_start:other_stop]
        for index in range(max(len(old), len(new))):
            word = old[index] if index < len(old) else ""
            changed = new[index] if index < len(new) else ""
            first = start + index == 0
            edits.append(WordEdit(word, changed, edit_kind(word, changed), target_of(word or changed, first)))
    return edits


def edit_kind(before: str, after: str) -> EditKind:
    """How one word became another."""
    if not before:
        return EditKind.ADDED
    if not after:
        return EditKind.REMOVED
    old, new = before.lower(), after.lower()
    if fold(old) == fold(new):
        return EditKind.HOMOGLYPH if old != new else EditKind.SUBSTITUTION
    if len(old) == len(new):
        differing = [index for index, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        if len(differing) == 1:
            return EditKind.SUBSTITUTION
        first, last = differing[0], differing[-1]
        if len(differing) == 2 and last == first + 1 and old[first] == new[last] and old[last] == new[first]:
            return EditKind.SWAP
    if len(new) == len(old) - 1 and any(old[:i] + old[i + 1 :] == new for i in range(len(old))):
        return EditKind.DELETION
    if len(new) == len(old) + 1 and any(new[:i] + new[i + 1 :] == old for i in range(len(new))):
        return EditKind.INSERTION
    close = distance(old, new) <= max(2, len(old) // 2)
    return EditKind.SEVERAL if close and len(old) > 3 else EditKind.WORD


def target_of(word: str, first: bool = False) -> Target:
    """What kind of word it is. A capital counts as a name except at the start (``first``) of a text."""
    known, plain = lexicon(), word.lower()
    if plain in known.opinions:
        return Target.OPINION
    if known.is_negation(word):
        return Target.NEGATION
    if plain in known.intensifiers:
        return Target.INTENSIFIER
    if not first and word[:1].isupper() and word.lower() != "i":
        return Target.NAME
    return Target.LONG if len(plain) >= LONG_WORD else Target.OTHER


def fold(text: str) -> str:
    """Accents taken off and letters of other alphabets that look Latin made Latin."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_LOOKALIKES)


def distance(a: str, b: str) -> int:
    """Levenshtein's: the least number of insertions, deletions and substitutions."""
    previous = list(range(len(b) + 1))
    for row, char in enumerate(a, 1):
        current = [row]
        for column, other in enumerate(b, 1):
            current.append(min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (char != other)))
        previous = current
    return previous[-1]
