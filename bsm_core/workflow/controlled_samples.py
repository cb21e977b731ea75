"""Golden hypotheses: what an analyst who knew the truth would write down, and the samples that code writes from them.

``data/controlled/golden.json`` has a hypothesis a kind of planted spot, by hand, and the frames of the samples. Each
frame takes three terms of one polarity, whatever part of speech they are, so that its label is beyond doubt.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt

from bsm_core.config import DATA
from bsm_core.domain.controlled import SpotKind, Treatment
from bsm_core.errors import NothingToDoError
from bsm_core.ports import LabelledText

SLOTS = ("a", "b", "c")
_MOST_TRIES = 1000


@dataclass(frozen=True, slots=True)
class GoldenHypothesis:
    """``text`` has a slot for some of the planted terms: ``named`` fills it."""

    kind: SpotKind
    text: str
    reasoning: str

    def named(self, terms: Sequence[str]) -> str:
        return self.text.format(examples=", ".join(terms))


@dataclass(frozen=True, slots=True)
class GoldenSet:
    hypotheses: tuple[GoldenHypothesis, ...]
    frames: tuple[str, ...]


@cache
def golden_set() -> GoldenSet:
    """As it ships."""
    content = json.loads((DATA / "controlled" / "golden.json").read_text(encoding="utf-8"))
    hypotheses = (
        GoldenHypothesis(SpotKind(one["kind"]), one["text"], one["reasoning"]) for one in content["hypotheses"]
    )
    return GoldenSet(tuple(hypotheses), tuple(content["frames"]))


def additions(
    treatment: Treatment,
    kinds: Sequence[SpotKind],
    planted: Mapping[SpotKind, Sequence[str]],
    others: Mapping[SpotKind, Sequence[str]],
    counts: Mapping[str, int],
    train: Sequence[LabelledText],
    budget: int,
    seed: int,
) -> list[LabelledText]:
    """The ``budget`` texts that a treatment adds to ``train``.

    GOLDEN samples are of ``planted`` terms, as many of each of ``kinds``; UNTARGETED ones of ``others``, as many of
    either side. ``counts`` says in how many texts a term is.
    """
    rng = random.Random(f"{seed}/{treatment}")
    if treatment is Treatment.MORE_TRAINING:
        return rng.sample(list(train), budget)
    golden = treatment is Treatment.GOLDEN
    sides, terms = (kinds, planted) if golden else (tuple(SpotKind), others)
    taken: set[LabelledText] = set()
    for place, kind in enumerate(sides):
        each = budget // len(sides) + (place < budget % len(sides))
        taken |= _samples(kind, terms[kind], counts, each, rng)
    return sorted(taken, key=lambda row: row.text)


def _samples(
    kind: SpotKind, terms: Sequence[str], counts: Mapping[str, int], size: int, rng: random.Random
) -> set[LabelledText]:
    """``size`` different texts. Terms are drawn by the root of their frequency: the frequent often, the rare too."""
    ordered = sorted(terms)
    weights = [sqrt(counts[term]) for term in ordered]
    if len(ordered) < len(SLOTS):
        raise NothingToDoError(f"{len(ordered)} terms fill no frame, which takes {len(SLOTS)}; plant more terms")
    made: set[LabelledText] = set()
    for _ in range(_MOST_TRIES * max(1, size)):
        if len(made) == size:
            break
        chosen: list[str] = []
        while len(chosen) < len(SLOTS):
            term = rng.choices(ordered, weights)[0]
            if term not in chosen:
                chosen.append(term)
        frame = rng.choice(golden_set().frames)
        made.add(LabelledText((frame.format(**dict(zip(SLOTS, chosen, strict=True))),), kind.label))
    return made
