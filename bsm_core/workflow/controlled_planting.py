"""Planting blind spots: which opinion terms, and what is done to the training texts that have them (appendix C).

Pure. Everything is drawn by seed and depends on nothing else, so that the same check plants the same spots again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from bsm_core.domain.controlled import Planting, SpotKind, Variant
from bsm_core.errors import NothingToDoError
from bsm_core.ports import LabelledText
from bsm_core.workflow.lexicon import words

LEAST_STRENGTH = 1.0
"""Of a term's rating, which goes from -4 to 4: weaker ones hardly say an opinion."""

LEAST_TEXTS = 6
LEAST_AGREEMENT = 2 / 3
"""Terms are planted that at least so many texts have, with the label that the term speaks for in two of three: nobody
is blind to a word that says nothing about the label."""

LEAST_PLANTABLE = 6
"""Half of them are planted, and a sample takes three terms."""

LEAST_LEFT = 25
"""Training texts of either label that planting must leave."""

MISLABELLED_SHARE = 1 / 3
"""Of the texts that the planting MISLABELLED is about, the share that stays, with the wrong label."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Opinion terms of one kind. ``all``: the strongest and most frequent; ``plantable``: those of them whose texts
    agree with them, the most frequent first; ``counts``: texts that have each."""

    all: tuple[str, ...]
    plantable: tuple[str, ...]
    counts: Mapping[str, int]


@lru_cache(20_000)
def words_in(row: LabelledText) -> frozenset[str]:
    """In small letters. Kept, since each row is looked at for every seed and variant."""
    return frozenset(word.lower() for side in row.text for word in words(side))


def opinion_terms(kind: SpotKind, ratings: Mapping[str, float], rows: Sequence[LabelledText], count: int) -> Terms:
    """``count`` terms of the lexicon ``ratings`` that ``rows`` have, by strength times the logarithm of how many do; a
    tie goes by the alphabet. Raises NothingToDoError when there are fewer, or too few that can be planted."""
    sign = 1 if kind is SpotKind.P else -1
    strength = {word: sign * rating for word, rating in ratings.items() if sign * rating >= LEAST_STRENGTH}
    texts, agreeing = Counter[str](), Counter[str]()
    for row in rows:
        present = words_in(row) & strength.keys()
        texts.update(present)
        if row.label == kind.label:
            agreeing.update(present)
    if len(texts) < count:
        side = "positive" if kind is SpotKind.P else "negative"
        raise NothingToDoError(
            f"{count} {side} terms were asked for, and {len(rows):,} texts have {len(texts)} of the lexicon; "
            "ask for fewer terms, or take more texts"
        )
    chosen = sorted(texts, key=lambda term: (-strength[term] * log(1 + texts[term]), term))[:count]
    plantable = [
        term for term in chosen if texts[term] >= LEAST_TEXTS and agreeing[term] >= LEAST_AGREEMENT * texts[term]
    ]
    if len(plantable) < LEAST_PLANTABLE:
        raise NothingToDoError(
            f"of {count} terms {len(plantable)} can be planted: those in {LEAST_TEXTS} texts or more, two thirds of "
            "them with the label that the term speaks for; take more texts"
        )
    return Terms(tuple(chosen), tuple(sorted(plantable, key=lambda term: (-texts[term], term))), texts)


def drawn_terms(kind: SpotKind, terms: Terms, seed: int) -> tuple[str, ...]:
    """Half of the terms that can be planted: one of each two that are about equally frequent. The others show what the
    model makes of terms that it was not spoiled for."""
    rng = random.Random(f"{seed}/planted/{kind}")
    pairs = [terms.plantable[at : at + 2] for at in range(0, len(terms.plantable), 2)]
    return tuple(rng.choice(pair) for pair in pairs)


def is_of_kind(row: LabelledText, kind: SpotKind, planted: Collection[str]) -> bool:
    """Whether it has the kind's label and a planted term: whether it lies in the planted blind spot."""
    return row.label == kind.label and not words_in(row).isdisjoint(planted)


def spoiled(
    rows: Sequence[LabelledText],
    kinds: Sequence[SpotKind],
    planted: Mapping[SpotKind, Collection[str]],
    planting: Planting,
    seed: int,
) -> list[LabelledText]:
    """What is left of ``rows`` when ``kinds`` are planted; a text that stays as it is stays in its place."""
    rng = random.Random(f"{seed}/spoiled")
    left = []
    for row in rows:
        chance = rng.random()  # drawn for every row, so that one kind's planting does not move the other's
        present = words_in(row)
        hit = [kind for kind in kinds if not present.isdisjoint(planted[kind])]
        if planting is not Planting.REMOVED:
            hit = [kind for kind in hit if row.label == kind.label]
        if not hit:
            left.append(row)
        elif planting is Planting.MISLABELLED and chance < MISLABELLED_SHARE:
            left.append(LabelledText(row.text, 1 - row.label))
    return left


def training_sets(
    rows: Sequence[LabelledText],
    variants: Iterable[Variant],
    planted: Mapping[SpotKind, Collection[str]],
    planting: Planting,
    seed: int,
) -> dict[Variant, list[LabelledText]]:
    """The training texts of each variant. CLEAN has all of them; the others are of one size, with as many texts of
    either label, so that neither size nor a preference for one label tells them apart: what planting leaves is drawn
    down to what it leaves least of. That size is the same whichever ``variants`` are asked for."""
    left = {variant: spoiled(rows, variant.plants, planted, planting, seed) for variant in Variant}
    size = min(sum(row.label == label for row in some) for some in left.values() for label in (0, 1))
    if size < LEAST_LEFT:
        raise NothingToDoError(f"planting leaves {size} training texts of one label; take more training texts")
    return {
        variant: list(left[variant]) if variant is Variant.CLEAN else _drawn(left[variant], size, f"{seed}/{variant}")
        for variant in variants
    }


def _drawn(rows: Sequence[LabelledText], each: int, seed: str) -> list[LabelledText]:
    rng = random.Random(seed)
    kept = [at for label in (0, 1) for at in rng.sample([n for n, row in enumerate(rows) if row.label == label], each)]
    return [rows[at] for at in sorted(kept)]
