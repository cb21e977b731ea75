"""What changed between an original and a perturbed text: by words, and by characters within a changed word. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"\S+")
_PAIRWISE_SHARE = 0.5
"""Recipes mostly swap words one for one. When texts have the same number of words and at most this share differs,
the words are compared place by place, which is exact and linear."""
_ALIGNMENT_LIMIT = 4_000_000
"""Words by words beyond which alignment would take seconds; then the differing middle is shown as one change."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of one side of a change; ``changed`` ones are not on the other side."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of words. Unchanged: ``before == after`` and no pieces. Added: ``before`` is empty; removed:
    ``after`` is. ``words`` counts those of the longer side."""

    before: str
    after: str
    changed: bool
    words: int
    before_pieces: tuple[Piece, ...] = ()
    after_pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Fold:
    """An unchanged stretch too long to read: its ends are shown, ``middle`` only on demand."""

    head: str
    middle: str
    tail: str
    words: int
    """In ``middle``."""


def diff(before: str, after: str) -> list[Span]:
    """Spans in reading order. Words are compared exactly; white space is kept as in ``before`` where unchanged.

    The joined ``before`` sides are ``before`` again, up to white space at the ends and between changed words.
    """
    old, new = _words(before), _words(after)
    spans: list[Span] = []
    for low, high, start, end, changed in _opcodes([word for word, _ in old], [word for word, _ in new]):
        spans += _changes(old[low:high], new[start:end]) if changed else [_same(old[low:high])]
    return spans


def fold(span: Span, keep: int = 12, least: int = 16) -> Span | Fold:
    """Fold an unchanged span when at least ``least`` words would be hidden behind ``keep`` on either side."""
    if span.changed or span.words < 2 * keep + least:
        return span
    places = [match.span() for match in _WORD.finditer(span.before)]
    left, right = places[keep][0], places[-keep][0]
    text = span.before
    return Fold(text[:left], text[left:right], text[right:], span.words - 2 * keep)


def changed_words(spans: list[Span]) -> int:
    return sum(span.words for span in spans if span.changed)


def word_edits(before: str, after: str) -> int:
    """The edit distance in words (Levenshtein): the fewest insertions, removals and replacements that lead there."""
    old, new = before.split(), after.split()
    row = list(range(len(new) + 1))
    for place, word in enumerate(old, start=1):
        diagonal, row[0] = row[0], place
        for column, other in enumerate(new, start=1):
            best = min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other))
            diagonal, row[column] = row[column], best
    return row[-1]


def _words(text: str) -> list[tuple[str, str]]:
    """(word, word with the white space after it)."""
    places = [match.span() for match in _WORD.finditer(text)]
    ends = [*(start for start, _ in places), len(text)][1:]
    return [(text[start:stop], text[start:end]) for (start, stop), end in zip(places, ends, strict=False)]


def _opcodes(old: list[str], new: list[str]) -> list[tuple[int, int, int, int, bool]]:
    """(old from, old to, new from, new to, changed) over the two word lists, in order and without gaps."""
    if len(old) == len(new):
        flags = [one != other for one, other in zip(old, new, strict=True)]
        if sum(flags) <= _PAIRWISE_SHARE * len(flags):
            return _runs(flags)
    left = _common(old, new)
    right = _common(old[left:][::-1], new[left:][::-1])
    low, high, start, end = left, len(old) - right, left, len(new) - right
    middle: list[tuple[int, int, int, int, bool]]
    if (high - low) * (end - start) > _ALIGNMENT_LIMIT:
        middle = [(low, high, start, end, True)]
    else:
        matcher = SequenceMatcher(None, old[low:high], new[start:end], autojunk=False)
        middle = [(low + a, low + b, start + c, start + d, tag != "equal") for tag, a, b, c, d in matcher.get_opcodes()]
    ends = [(0, left, 0, left, False)], [(high, len(old), end, len(new), False)]
    return [item for item in (*ends[0], *middle, *ends[1]) if item[0] < item[1] or item[2] < item[3]]


def _runs(flags: list[bool]) -> list[tuple[int, int, int, int, bool]]:
    """Same-length texts: maximal runs of changed and unchanged places."""
    found: list[tuple[int, int, int, int, bool]] = []
    start = 0
    for place in range(1, len(flags) + 1):
        if place == len(flags) or flags[place] != flags[start]:
            found.append((start, place, start, place, flags[start]))
            start = place
    return found


def _common(one: list[str], other: list[str]) -> int:
    """Length of the common start."""
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))


def _same(words: list[tuple[str, str]]) -> Span:
    text = "".join(spaced for _, spaced in words)
    return Span(text, text, False, len(words))


def _changes(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> list[Span]:
    """Word for word when as many stand on either side, else as one change."""
    if len(old) == len(new):
        return [_change([one], [other]) for one, other in zip(old, new, strict=True)]
    return [_change(old, new)]


def _change(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> Span:
    before = "".join(spaced for _, spaced in old)
    after = "".join(spaced for _, spaced in new)
    one, other = before.rstrip(), after.rstrip()
    left, right = character_diff(one, other) if one and other else ((), ())
    return Span(before, after, True, max(len(old), len(new)), left, right)


def character_diff(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Which characters of a changed word differ. Nothing when the sides have too little in common for it to help."""
    if len(before) * len(after) > _ALIGNMENT_LIMIT:
        return (), ()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.5:
        return (), ()
    codes = matcher.get_opcodes()
    left = tuple(Piece(before[a:b], tag != "equal") for tag, a, b, _, _ in codes if a < b)
    right = tuple(Piece(after[c:d], tag != "equal") for tag, _, _, c, d in codes if c < d)
    return left, right
