"""BERTScore (Zhang et al., 2020) of a text against all training texts: the paper's similarity gate (3.3).

Every text is encoded once; a cosine of pooled states picks the references worth a full comparison, and a candidate
is matched with all of them in one product. On pairs of texts this equals the ``bert_score`` package without idf and
without baseline, whose padded batches differ in the third decimal.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bsm_core.classifiers.states import StateEncoder, TokenStates
from bsm_core.domain.tasks import Text
from bsm_core.errors import NothingToDoError
from bsm_core.ports import JobContext, SimilarityScale

SHORTLIST = 64
"""References compared token by token. Of 1,000, it held the best for 100 candidates of 100."""

CALIBRATION_TEXTS = 300
"""References the pass mark is drawn from, at most."""

RATE_TEXTS = 150
"""Further references that pass rates are measured on, at most."""

KEPT_BYTES = 512 * 2**20
"""Token states of references kept in memory; those beyond are encoded again when a shortlist names them."""


class BertScoreSimilarity:
    """Fulfils ``ports.Similarity`` over ``references``, with the encoder in ``encoder``.

    ``layer`` None is the last one: with a calibrated pass mark it tells topics apart best. ``seed`` draws the texts
    of the calibration. Raises NothingToDoError for fewer than two references.
    """

    def __init__(
        self,
        encoder: Path,
        references: Sequence[Text],
        seed: int,
        layer: int | None = None,
        batch_size: int = 64,
        device: str | None = None,
        shortlist: int = SHORTLIST,
    ) -> None:
        if len(references) < 2:
            raise NothingToDoError(f"{len(references)} training texts are too few to compare with; import at least 2")
        self._name = _encoder_name(encoder)
        self._encoder = StateEncoder(encoder, layer, device, batch_size)
        self._references = list(references)
        self._seed = seed
        self._shortlist = shortlist
        self._kept: dict[int, TokenStates] = {}
        self._pooled: npt.NDArray[np.float32] | None = None

    @property
    def layer(self) -> int:
        return self._encoder.layer

    def scores(self, texts: Sequence[Text], context: JobContext | None = None) -> npt.NDArray[np.float64]:
        """See ``ports.Similarity``. An empty text scores 0."""
        return self._best(self._encoder.encode(texts, context), [None] * len(texts), context)

    def calibrate(
        self, quantile: float = 0.02, threshold: float | None = None, context: JobContext | None = None
    ) -> SimilarityScale:
        """The pass mark, and what passes it.

        The mark is the ``quantile`` of the scores of training texts, each against all others; ``threshold`` sets it
        instead (0.5 in the paper). The rates are measured on other training texts where there are enough: as they
        stand, and with their words shuffled.
        """
        order = np.random.default_rng(self._seed).permutation(len(self._references))
        half = max(1, min(CALIBRATION_TEXTS, len(order) // 2))
        for_mark, for_rates = order[:half].tolist(), order[half : half + RATE_TEXTS].tolist()
        if threshold is None:
            threshold = float(np.quantile(self._left_out(for_mark, context), quantile))
        real = self._left_out(for_rates, context)
        salad = self._encoder.encode([self._shuffled(index) for index in for_rates], context)
        shuffled = self._best(salad, for_rates, context)
        return SimilarityScale(
            threshold=threshold,
            encoder=self._name,
            layer=self.layer,
            references=len(self._references),
            passes_real=float((real >= threshold).mean()),
            passes_shuffled=float((shuffled >= threshold).mean()),
        )

    def _left_out(self, indices: Sequence[int], context: JobContext | None) -> npt.NDArray[np.float64]:
        self._pooled_references(context)  # so that the states asked for below are there already
        return self._best(self._states(indices), indices, context)

    def _shuffled(self, index: int) -> Text:
        words = " ".join(self._references[index]).split()
        return (" ".join(np.random.default_rng([self._seed, index]).permutation(words)),)

    def _best(
        self, candidates: Sequence[TokenStates], left_out: Sequence[int | None], context: JobContext | None
    ) -> npt.NDArray[np.float64]:
        """(n,) the best F1 of each candidate over all references but its ``left_out`` one."""
        pooled = self._pooled_references(context)
        best = np.zeros(len(candidates))
        for row, (states, without) in enumerate(zip(candidates, left_out, strict=True)):
            if context is not None:
                context.check_cancelled()
                context.progress("comparing with training texts", row + 1, len(candidates))
            if not states.weights.any():
                continue
            near = pooled @ states.pooled
            if without is not None:
                near[without] = -np.inf
            count = min(self._shortlist, len(near) - (without is not None))
            chosen = np.argpartition(-near, count - 1)[:count]
            best[row] = f1(states, self._states(chosen.tolist())).max()
        return best

    def _pooled_references(self, context: JobContext | None) -> npt.NDArray[np.float32]:
        """(references, hidden). Encodes them on first use, and keeps as many token states as there is room for."""
        if self._pooled is None:
            kept: dict[int, TokenStates] = {}
            rows, room = [], KEPT_BYTES
            for start in range(0, len(self._references), 1024):
                part = self._references[start : start + 1024]
                for index, states in enumerate(self._encoder.encode(part, context, "reading training texts"), start):
                    rows.append(states.pooled)
                    room -= states.states.nbytes
                    if room >= 0:
                        kept[index] = states
            self._kept, self._pooled = kept, np.stack(rows)
        return self._pooled

    def _states(self, chosen: Sequence[int]) -> list[TokenStates]:
        missing = [index for index in chosen if index not in self._kept]
        again = dict(zip(missing, self._encoder.encode([self._references[i] for i in missing]), strict=True))
        return [self._kept.get(index) or again[index] for index in chosen]


def f1(candidate: TokenStates, references: Sequence[TokenStates]) -> npt.NDArray[np.float64]:
    """(references,) BERTScore F1: each token with its best partner on the other side, by cosine.

    0 where a side has no token but the special ones.
    """
    starts = np.cumsum([0, *(len(one.weights) for one in references[:-1])])
    weights = np.concatenate([one.weights for one in references])
    cosine = candidate.states @ np.concatenate([one.states for one in references]).T
    precision = candidate.weights.astype(np.float64) @ np.maximum.reduceat(cosine, starts, axis=1)
    recall = np.add.reduceat(weights.astype(np.float64) * cosine.max(axis=0), starts)
    empty = np.add.reduceat(weights, starts) == 0
    total = precision + recall
    usable = ~empty & (total != 0)
    return np.divide(2 * precision * recall, total, out=np.zeros(len(references)), where=usable)


def _encoder_name(folder: Path) -> str:
    """A name that means something on another machine: the package or folder the encoder came from."""
    return folder.parent.name if folder.name == "model" else folder.name
