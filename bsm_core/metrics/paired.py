"""Two arms on the same texts: what differs, and whether chance alone would make it differ so much.

Only texts that both arms' models answered are compared. An arm of several seeds has a model a seed; its figure is the
mean over seeds, and the same texts for each make that the pooled share, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bsm_core.domain.comparison import AnswerPattern, Endpoint

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """``counts[p]`` texts (P,) have the statuses ``before[p]`` (P, R) and ``after[p]`` (P, S), 0 or 1, under the R
    models compared with and the S models of the arm."""

    counts: IntArray
    before: IntArray
    after: IntArray

    @property
    def size(self) -> int:
        """Texts."""
        return int(self.counts.sum())

    @property
    def before_totals(self) -> IntArray:
        """(R,) of each model."""
        return self.counts @ self.before

    @property
    def after_totals(self) -> IntArray:
        """(S,) of each model."""
        return self.counts @ self.after

    @property
    def differences(self) -> FloatArray:
        """(P,) of one text: mean over the arm's models less mean over the others."""
        return self.after.mean(axis=1) - self.before.mean(axis=1)

    def discordant(self, seed: int) -> tuple[int, int]:
        """(only before, only after): texts whose status differs between the first model compared with, or the one at
        the same place where there are as many, and the arm's model at place ``seed``."""
        other = self.before[:, seed if self.before.shape[1] == self.after.shape[1] else 0]
        mine = self.after[:, seed]
        return int(self.counts[other > mine].sum()), int(self.counts[mine > other].sum())


class Answered:
    """One endpoint's texts by what all models made of them; pairs of any two arms are taken from it."""

    def __init__(self, patterns: Iterable[AnswerPattern], endpoint: Endpoint) -> None:
        mine = [pattern for pattern in patterns if pattern.endpoint is endpoint]
        models = sorted({model for pattern in mine for model in (*pattern.fooled, *pattern.held)})
        self._column = {model: place for place, model in enumerate(models)}
        self._counts = np.array([pattern.count for pattern in mine], dtype=np.int64)
        self._fooled = self._table([pattern.fooled for pattern in mine])
        self._known = self._fooled | self._table([pattern.held for pattern in mine])

    def pairs(self, before: Sequence[str], after: Sequence[str]) -> Pairs | None:
        """Of the models ``before`` and ``after``; None when no text was answered by all of them."""
        models = [*before, *after]
        if not before or not after or not all(model in self._column for model in models):
            return None
        columns = [self._column[model] for model in models]
        known = self._known[:, columns].all(axis=1)
        if not known.any():
            return None
        # Bytes of packed bits stand for whole rows: they sort faster.
        rows = self._fooled[known][:, columns]
        packed = np.ascontiguousarray(np.packbits(rows, axis=1))
        keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
        _, first, place = np.unique(keys, return_index=True, return_inverse=True)
        totals = np.bincount(place.ravel(), weights=self._counts[known]).astype(np.int64)
        statuses = rows[first].astype(np.int64)
        return Pairs(totals, statuses[:, : len(before)], statuses[:, len(before) :])

    def _table(self, names: Sequence[Sequence[str]]) -> npt.NDArray[np.bool_]:
        """(patterns, models)"""
        table = np.zeros((len(names), len(self._column)), dtype=np.bool_)
        for row, models in enumerate(names):
            table[row, [self._column[model] for model in models]] = True
        return table


def mcnemar(only_before: int, only_after: int) -> float:
    """Exact two-sided p (McNemar, 1947, with the binomial in place of its approximation): under the null hypothesis
    each text whose status changed is as likely to have changed one way as the other."""
    if only_before < 0 or only_after < 0:
        raise ValueError(f"{only_before} and {only_after} are no counts of changed texts; use 0 or more")
    total, least = only_before + only_after, min(only_before, only_after)
    # Whole numbers up to the last division: nothing is rounded. ``ways`` is the binomial coefficient.
    ways = tail = 1
    for count in range(least):
        ways = ways * (total - count) // (count + 1)
        tail += ways
    return min(1.0, 2 * tail / 2**total)


def sign_flip(differences: Sequence[int] | IntArray, counts: Sequence[int] | IntArray) -> float:
    """Exact two-sided p of Fisher's (1935) randomization test for paired data: of all ways to give each pair's
    difference the other sign, the share with a sum at least as far from 0.

    ``counts[p]`` pairs differ by the whole number ``differences[p]``. A text keeps all its seeds together when its sign
    is flipped, so seeds are not taken for texts of their own. With differences of 1 it is McNemar's exact test.
    """
    values, numbers = np.asarray(differences, dtype=np.int64), np.asarray(counts, dtype=np.int64)
    values = values // max(1, int(np.gcd.reduce(values, initial=0)))
    reach = int((np.abs(values) * numbers).sum())
    observed = abs(int((values * numbers).sum()))
    if observed == 0:
        return 1.0
    # The characteristic function of a sum of random signs is a product of cosines; its transform is the distribution.
    length = 2 * reach + 1
    angles = 2 * np.pi * np.arange(length) / length
    spectrum = np.ones(length)
    sizes, place = np.unique(np.abs(values), return_inverse=True)
    for value, number in zip(sizes, np.bincount(place.ravel(), weights=numbers), strict=True):
        spectrum *= np.cos(value * angles) ** int(number)
    chances = np.maximum(np.fft.fft(spectrum).real / length, 0.0)
    # A sum of -k stands at length - k.
    return float(min(1.0, chances[observed : length - observed + 1].sum()))


def paired_p(pairs: Pairs) -> float:
    """McNemar's exact test with one model a side, else the sign-flip test over texts."""
    seeds, others = pairs.after.shape[1], pairs.before.shape[1]
    if seeds == others == 1:
        return mcnemar(*pairs.discordant(0))
    return sign_flip(pairs.after.sum(axis=1) * others - pairs.before.sum(axis=1) * seeds, pairs.counts)
