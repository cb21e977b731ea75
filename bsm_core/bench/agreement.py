"""Whether two attacks on the same examples came to the same, and if not, whether a float tie explains it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bsm_core.domain.tasks import Example, Text
from bsm_core.domain.unknowns import Perturbation
from bsm_core.ports import FloatArray

TIE = 1e-4
"""Probabilities that differ by less are the same but for the batch they were computed in."""


class Trace:
    """What the model was asked about each example, in order, and what it answered."""

    def __init__(self) -> None:
        self.texts: dict[str, list[Text]] = defaultdict(list)
        self._rows: dict[str, list[FloatArray]] = defaultdict(list)

    def add(self, example: Example, texts: Sequence[Text], logits: FloatArray) -> None:
        self.texts[example.example_id].extend(texts)
        self._rows[example.example_id].append(logits)

    def probabilities(self, example_id: str) -> FloatArray:
        """(queries, K)."""
        logits = np.concatenate(self._rows[example_id]).astype(np.float64)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        answers: FloatArray = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
        return answers

    @property
    def asked(self) -> int:
        return sum(len(texts) for texts in self.texts.values())

    def unique(self, examples: Iterable[Example]) -> list[Text]:
        """What was asked about ``examples``, each text once."""
        return list(dict.fromkeys(text for one in examples for text in self.texts[one.example_id]))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts of examples: of all, and those with the same outcome, perturbed text, number of queries, all three."""

    examples: int
    outcomes: int
    texts: int
    queries: int
    whole: int
    ties: int
    """Differ, but up to where they part the model's answers are the same but for less than ``TIE``: the searches are
    the same code with the same random state, so that they parted at two scores nearer than that."""
    unexplained: int
    largest: float
    """Largest difference of a probability on the same text, up to where the searches part."""


def agreement(
    ours: Sequence[Perturbation], theirs: Mapping[str, Perturbation], our_trace: Trace, their_trace: Trace
) -> Agreement:
    """Over the examples of ``theirs``."""
    pairs = [(one, theirs[one.example_id]) for one in ours if one.example_id in theirs]
    same = [(a.outcome == b.outcome, a.perturbed_text == b.perturbed_text, a.queries == b.queries) for a, b in pairs]
    gaps = [_gap(our_trace, their_trace, one.example_id) for one, _ in pairs]
    parted = [gap for gap, equal in zip(gaps, same, strict=True) if not all(equal)]
    ties = sum(gap < TIE for gap in parted)
    return Agreement(
        examples=len(pairs),
        outcomes=sum(one[0] for one in same),
        texts=sum(one[1] for one in same),
        queries=sum(one[2] for one in same),
        whole=sum(all(one) for one in same),
        ties=ties,
        unexplained=len(parted) - ties,
        largest=max(gaps, default=0.0),
    )


def _gap(one: Trace, other: Trace, example_id: str) -> float:
    """The largest difference of an answer before the first text that only one of them asked about."""
    pairs = list(zip(one.texts[example_id], other.texts[example_id], strict=False))
    shared = next((place for place, (a, b) in enumerate(pairs) if a != b), len(pairs))
    if not shared:
        return 0.0
    gaps = np.abs(one.probabilities(example_id)[:shared] - other.probabilities(example_id)[:shared])
    return float(gaps.max())
