"""The packaged opinion lexicon: how good or bad single words sound (VADER; Hutto and Gilbert, 2014)."""

from __future__ import annotations

from bsm_core.tasks.assets import asset_path

ASSET = "vader-lexicon"


def opinion_ratings() -> dict[str, float]:
    """Word, in small letters, to its rating from -4 to 4; emoticons and the like are left out. Raises AssetError."""
    found: dict[str, float] = {}
    for line in asset_path(ASSET).read_text(encoding="utf-8").splitlines():
        if line.strip():
            entry, rating, *_ = line.split("\t")
            if entry.isascii() and entry.isalpha():
                found[entry.lower()] = float(rating)
    return found
