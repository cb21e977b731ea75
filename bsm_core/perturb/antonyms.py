"""Words of opposite meaning, out of WordNet (``data/lexicon/antonyms.txt``)."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from bsm_core.config import DATA

_NEGATING = ("anti", "dis", "il", "im", "in", "ir", "mis", "non", "un")


def are_opposed(one: str, other: str) -> bool:
    """Whether WordNet opposes two lower-case words, or one is the other behind a negating prefix or with -less
    instead of -ful ("likely" and "unlikely", "joyful" and "joyless")."""
    return bool(_groups_of(one) & _opposites_of(other)) or _negates(one, other) or _negates(other, one)


def _negates(longer: str, shorter: str) -> bool:
    if any(longer == prefix + shorter for prefix in _NEGATING):
        return True
    return longer.endswith("less") and shorter in (longer[:-4], longer[:-4] + "ful", longer[:-4] + "y")


def _groups_of(word: str) -> set[int]:
    return _groups().get(word, set())


def _opposites_of(word: str) -> set[int]:
    return {group ^ 1 for group in _groups_of(word)}


@cache
def _groups() -> dict[str, set[int]]:
    """Word -> numbers of its groups. The groups of the n-th line are 2n and 2n + 1, so ``group ^ 1`` is the other."""
    groups: dict[str, set[int]] = defaultdict(set)
    lines = (DATA / "lexicon" / "antonyms.txt").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(line for line in lines if not line.startswith("#")):
        for side, words in enumerate(line.split(" | ")):
            for word in words.split():
                groups[word].add(2 * number + side)
    return dict(groups)
