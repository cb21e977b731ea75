"""Is a text nearly another one? Shared runs of letters, which survive a few typing errors where word triples do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bsm_core.domain.tasks import Text
from bsm_core.workflow.lexicon import words

WIDTH = 8
"""Letters a run, spaces included."""
LEAST_RUNS = 48
"""A shorter text (55 letters) may well stand within another without being copied from it."""

Hashes = npt.NDArray[np.uint64]

_BASE = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Nearest:
    """The text most like a candidate: its place in the list, None when nothing is shared, and the ``share`` of letter
    runs in common, in [0, 1]: of the candidate's, or of the other's where that has LEAST_RUNS of them."""

    share: float
    place: int | None


def runs(text: Text) -> Hashes:
    """Hashes of the distinct runs, sorted. Letters are lower-cased, punctuation and spacing are left out."""
    plain = " ".join(word.lower() for side in text for word in words(side))
    if not plain:
        return np.empty(0, np.uint64)
    codes = np.frombuffer(plain.ljust(WIDTH).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    count = len(codes) - WIDTH + 1
    hashes = np.zeros(count, np.uint64)
    for offset in range(WIDTH):
        hashes = hashes * _BASE + codes[offset : offset + count]
    hashes *= _MIX
    return np.unique(hashes ^ (hashes >> np.uint64(29)))


def nearest(candidates: Sequence[Text], others: Iterable[Text]) -> list[Nearest]:
    """For each candidate the one of ``others`` that it shares most with. Linear in the letters of ``others``."""
    own = [runs(text) for text in candidates]
    sizes = np.array([len(found) for found in own], dtype=np.intp)
    hashes = np.concatenate(own) if own else np.empty(0, np.uint64)
    order = np.argsort(hashes, kind="stable")
    hashes, owners = hashes[order], np.repeat(np.arange(len(own)), sizes)[order]
    best, places = np.zeros(len(own)), np.full(len(own), -1)
    for place, text in enumerate(others):
        theirs = runs(text)
        shared = _shared(theirs, hashes, owners, len(own))
        share = shared / np.maximum(sizes, 1)
        if len(theirs) >= LEAST_RUNS:
            share = np.maximum(share, shared / len(theirs))
        better = share > best
        best[better], places[better] = share[better], place
    return [
        Nearest(float(share), int(place) if place >= 0 else None) for share, place in zip(best, places, strict=True)
    ]


def _shared(theirs: Hashes, hashes: Hashes, owners: npt.NDArray[np.intp], count: int) -> npt.NDArray[np.intp]:
    """(count,) how many of ``theirs`` each owner has. ``hashes`` is sorted, and may hold one hash of several owners."""
    first = np.searchsorted(hashes, theirs, "left")
    last = np.searchsorted(hashes, theirs, "right")
    found = np.flatnonzero(last > first)
    if not len(found):
        return np.zeros(count, np.intp)
    places = np.concatenate([np.arange(first[index], last[index]) for index in found])
    return np.bincount(owners[places], minlength=count)
