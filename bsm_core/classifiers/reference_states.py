"""Reference texts, each encoded once: a pooled vector of every one, token states of as many as memory is given to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from bsm_core.classifiers.states import StateEncoder, TokenStates
from bsm_core.domain.tasks import Text
from bsm_core.ports import JobContext

KEPT_BYTES = 2**30
"""Token states kept in memory; those beyond are encoded again when they are asked for."""
_PART = 1024
PACKED_TOKENS = 16_384
"""Tokens of references compared in one product, in a walk over all of them."""


class ReferenceStates:
    """Of 25,000 sentences of 24 tokens: 38 MB of pooled vectors, and 0.9 GiB of token states at 384 dimensions. Of as
    many whole reviews the token states would take ten times as much, and most are encoded when they are asked for."""

    def __init__(self, encoder: StateEncoder, texts: Sequence[Text]) -> None:
        self._encoder = encoder
        self._texts = list(texts)
        self._kept: dict[int, TokenStates] = {}
        self._pooled: npt.NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self._texts)

    def pooled(self, context: JobContext | None = None) -> npt.NDArray[np.float32]:
        """(references, hidden). Encodes them on first use, and keeps as many token states as there is room for."""
        if self._pooled is None:
            kept: dict[int, TokenStates] = {}
            rows, room = [], KEPT_BYTES
            for start in range(0, len(self._texts), _PART):
                part = self._texts[start : start + _PART]
                for index, states in enumerate(self._encoder.encode(part, context, "reading training texts"), start):
                    rows.append(states.pooled)
                    room -= states.states.nbytes
                    if room >= 0:
                        kept[index] = states
            self._kept, self._pooled = kept, np.stack(rows)
        return self._pooled

    def states(self, chosen: Iterable[int]) -> dict[int, TokenStates]:
        wanted = list(dict.fromkeys(chosen))
        missing = [index for index in wanted if index not in self._kept]
        again = dict(zip(missing, self._encoder.encode([self._texts[i] for i in missing]), strict=True))
        return {index: self._kept.get(index) or again[index] for index in wanted}

    def walk(self) -> Iterator[dict[int, TokenStates]]:
        """All of them, in parts of about PACKED_TOKENS tokens."""
        part: dict[int, TokenStates] = {}
        tokens = 0
        for start in range(0, len(self._texts), _PART):
            for index, states in self.states(range(start, min(start + _PART, len(self._texts)))).items():
                part[index] = states
                tokens += len(states.weights)
                if tokens >= PACKED_TOKENS:
                    yield part
                    part, tokens = {}, 0
        if part:
            yield part
