"""Lists of words that ship in ``data/lexicon``."""

from __future__ import annotations

from bsm_core.config import DATA


def listed_words(name: str) -> frozenset[str]:
    """All words of a file, apart from lines that begin with #."""
    lines = (DATA / "lexicon" / name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
