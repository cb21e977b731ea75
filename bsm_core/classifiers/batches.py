"""Which rows go into which batch, so that little is padded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]

MEGABATCH = 50
"""Batches that are sorted by length together in training."""


def by_length(lengths: Sequence[int], rows: int, tokens: int) -> Iterator[Rows]:
    """All indices, shortest texts first, cut into batches of at most ``rows`` rows and ``tokens`` padded tokens (a
    single longer text is a batch of its own)."""
    order = np.argsort(np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    for end in range(1, len(order) + 1):
        size = end - start
        # With end == len(order) this was the last row; else the next one is the longest so far.
        if end == len(order) or size == rows or (size + 1) * lengths[order[end]] > tokens:
            yield order[start:end]
            start = end


def grouped(lengths: Sequence[int], rows: int, generator: np.random.Generator) -> list[Rows]:
    """All indices once, in batches of ``rows`` (the last of a group may be smaller) of similar length and in
    random order.

    Rows are shuffled, sorted within groups of up to ``MEGABATCH`` batches, and the batches are shuffled again:
    otherwise a group would run from its longest to its shortest texts.
    """
    count = len(lengths)
    size = np.asarray(lengths, dtype=np.int64)
    order = generator.permutation(count)
    # At least four groups, so that small data do not always meet in the same batches.
    group = rows * int(np.clip(count // (rows * 4), 1, MEGABATCH))
    batches: list[Rows] = []
    for start in range(0, count, group):
        chunk = order[start : start + group]
        chunk = chunk[np.argsort(size[chunk], kind="stable")]
        batches.extend(chunk[at : at + rows] for at in range(0, len(chunk), rows))
    return [batches[index] for index in generator.permutation(len(batches))]
