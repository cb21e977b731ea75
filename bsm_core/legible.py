"""Untrusted text made legible: cut to a length, invisible characters shown as what they are. Standard library only.

A text may hide words (zero-width and format characters), reverse them (bidi controls), or overrun its place (piles of
combining marks, a hundred thousand characters). What is shown is what is there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

DISPLAY_LIMIT = 20_000
"""Characters of one text that are drawn. The longest IMDB review has about 14,000."""

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")
"""Letters and marks by category that draw nothing."""
_KEPT_CONTROLS = frozenset("\n\t")
_HIDDEN_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_MOST_MARKS = 3


def is_invisible(character: str) -> bool:
    """Whether a character changes or hides text without being seen: controls, bidi and format characters,
    surrogates, private use, line and paragraph separators, blank fillers."""
    if character in _KEPT_CONTROLS:
        return False
    return character in _BLANK or unicodedata.category(character) in _HIDDEN_CATEGORIES


def code_point(character: str) -> str:
    """``⟨U+202E⟩``: an invisible character as something to see."""
    return f"⟨U+{ord(character):04X}⟩"


def runs(text: str) -> Iterator[tuple[bool, str]]:
    """(hidden, piece): maximal seen pieces, and each invisible character alone, as its label. Of a pile of
    combining marks more than three high the rest counts as invisible, since it draws over its neighbors."""
    seen: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if is_invisible(character) or marks > _MOST_MARKS:
            if seen:
                yield False, "".join(seen)
                seen = []
            yield True, code_point(character)
        else:
            seen.append(character)
    if seen:
        yield False, "".join(seen)


def cut(text: str, limit: int = DISPLAY_LIMIT) -> tuple[str, int]:
    """The first ``limit`` characters and how many were left out."""
    return text[:limit], max(0, len(text) - limit)


def visible(text: str, limit: int = DISPLAY_LIMIT) -> str:
    """For plain-text places: cut with a note, invisible characters labelled."""
    head, missing = cut(text, limit)
    shown = "".join(piece for _, piece in runs(head))
    return f"{shown} … ({missing:,} more characters not shown)" if missing else shown


def one_line(text: str, limit: int = 160) -> str:
    """``visible`` for a cell or an option: white space collapsed, cut with an ellipsis."""
    head, missing = cut(text, limit * 4)
    shown = "".join(piece for _, piece in runs(" ".join(head.split())))
    return shown if len(shown) <= limit and not missing else shown[: limit - 1].rstrip() + "…"
