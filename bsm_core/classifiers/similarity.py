"""BERTScore (Zhang et al., 2020) of a text against all training texts: the paper's similarity gate (3.3).

Every text is encoded once; a cosine of pooled states picks the references worth a full comparison, and a candidate
is matched with all of them in one product. On pairs of texts this equals the ``bert_score`` package without idf and
without baseline, whose padded batches differ in the third decimal.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bsm_core.classifiers.matching import Packed, Scores, best_of, f1
from bsm_core.classifiers.reference_states import ReferenceStates
from bsm_core.classifiers.states import StateEncoder, TokenStates
from bsm_core.domain.tasks import Text
from bsm_core.errors import NothingToDoError
from bsm_core.ports import JobContext, SimilarityScale
from bsm_core.workflow import made_bad

SHORTLIST = 256
"""References compared token by token. Of 1,000 it held the best for 79 candidates of 80 on layer 4, where pooled
vectors are a poorer guide than on the last layer: 64 held it for 66 of 80 there, and for all 80 on the last."""

CALIBRATION_TEXTS = 300
"""References the pass mark is drawn from, at most."""

RATE_TEXTS = 150
"""Further references that pass rates are measured on, at most."""

_GROUP = 64
"""Candidates whose shortlists are looked up together, so that a reference which several name is encoded once."""


class BertScoreSimilarity:
    """Fulfils ``ports.Similarity`` over ``references``, with the encoder in ``encoder``.

    ``layer`` None is the last one; ``layers.chosen_layer`` knows better ones. A score is the mean over the ``top`` best
    of ``shortlist`` references (0: of all). ``seed`` draws the texts of the calibration. Raises NothingToDoError for
    fewer than two references.
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
        top: int = 1,
    ) -> None:
        if len(references) < 2:
            raise NothingToDoError(f"{len(references)} training texts are too few to compare with; import at least 2")
        self._name = _encoder_name(encoder)
        self._encoder = StateEncoder(encoder, layer, device, batch_size)
        self._texts = list(references)
        self._references = ReferenceStates(self._encoder, self._texts)
        self._seed = seed
        self._shortlist = shortlist if 0 < shortlist < len(references) else 0
        self._top = top

    @property
    def layer(self) -> int:
        return self._encoder.layer

    def scores(self, texts: Sequence[Text], context: JobContext | None = None) -> Scores:
        """See ``ports.Similarity``. An empty text scores 0."""
        return self._best(self._encoder.encode(texts, context), [None] * len(texts), context)

    def nearness(
        self, texts: Sequence[Text], sources: Sequence[Sequence[Text]], context: JobContext | None = None
    ) -> list[float | None]:
        """See ``ports.Similarity``: by the cosine of pooled states to the nearest source."""
        pooled = self._references.pooled(context)
        known: dict[tuple[Text, ...], npt.NDArray[np.float32]] = {}
        found: list[float | None] = []
        for own, behind in zip(self._encoder.encode(texts, context), map(tuple, sources), strict=True):
            if not behind:
                found.append(None)
                continue
            if behind not in known:
                known[behind] = np.stack([states.pooled for states in self._encoder.encode(behind)])
            cosines = (pooled @ known[behind].T).max(axis=1)
            found.append(float((cosines < (known[behind] @ own.pooled).max()).mean()))
        return found

    def calibrate(
        self, quantile: float = 0.02, threshold: float | None = None, context: JobContext | None = None
    ) -> SimilarityScale:
        """The pass mark, and what passes it.

        The mark is the ``quantile`` of the scores of training texts, each against all others; ``threshold`` sets it
        instead (0.5 in the paper). The rates are measured on other training texts where there are enough: as they
        stand, with their words shuffled, with random words, and on sentences about something else.
        """
        order = np.random.default_rng(self._seed).permutation(len(self._texts))
        half = max(1, min(CALIBRATION_TEXTS, len(order) // 2))
        for_mark, for_rates = order[:half].tolist(), order[half : half + RATE_TEXTS].tolist()
        training = self._left_out(for_mark, context)
        if threshold is None:
            threshold = float(np.quantile(training, quantile))
        real, drawn = self._left_out(for_rates, context), random.Random(f"{self._seed}/made bad")
        vocabulary = made_bad.vocabulary_of(self._texts)
        rates = [self._texts[index] for index in for_rates]
        shuffled = self._of([made_bad.shuffled(text, drawn) for text in rates], for_rates, context)
        invented = self._of([made_bad.random_words(text, vocabulary, drawn) for text in rates], for_rates, context)
        elsewhere = made_bad.off_topic(len(for_rates), self._seed)
        off_topic = self._of(elsewhere, [None] * len(elsewhere), context)
        return SimilarityScale(
            threshold=threshold,
            encoder=self._name,
            layer=self.layer,
            references=len(self._texts),
            passes_real=float((real >= threshold).mean()),
            passes_shuffled=float((shuffled >= threshold).mean()),
            top=self._top,
            training=_rounded(training),
            real=_rounded(real),
            shuffled=_rounded(shuffled),
            random_words=_rounded(invented),
            off_topic=_rounded(off_topic),
        )

    def _left_out(self, indices: Sequence[int], context: JobContext | None) -> Scores:
        self._references.pooled(context)  # so that the states asked for below are there already
        states = self._references.states(indices)
        return self._best([states[index] for index in indices], indices, context)

    def _of(self, texts: Sequence[Text], left_out: Sequence[int | None], context: JobContext | None) -> Scores:
        return self._best(self._encoder.encode(texts, context), left_out, context)

    def _best(
        self, candidates: Sequence[TokenStates], left_out: Sequence[int | None], context: JobContext | None
    ) -> Scores:
        """(n,) the score of each candidate over all references but its ``left_out`` one."""
        pooled = self._references.pooled(context)
        rows = [row for row, states in enumerate(candidates) if states.weights.any()]
        if not rows:
            return np.zeros(len(candidates))
        if not self._shortlist:
            return self._against_all(candidates, left_out, rows, context)
        best = np.zeros(len(candidates))
        for start in range(0, len(rows), _GROUP):
            _report(context, start, len(rows))
            group = rows[start : start + _GROUP]
            near = np.stack([candidates[row].pooled for row in group]) @ pooled.T
            chosen = {
                row: _nearest(line, left_out[row], self._shortlist) for row, line in zip(group, near, strict=True)
            }
            states = self._references.states(index for row in group for index in chosen[row])
            for row in group:
                packed = Packed.of([states[index] for index in chosen[row]])
                best[row] = best_of(f1(candidates[row], packed), self._top).mean()
        return best

    def _against_all(
        self,
        candidates: Sequence[TokenStates],
        left_out: Sequence[int | None],
        rows: Sequence[int],
        context: JobContext | None,
    ) -> Scores:
        """Like ``_best``, over every reference; ``rows`` are the candidates that have words."""
        tops = {row: np.empty(0) for row in rows}
        done = 0
        for part in self._references.walk():
            _report(context, done, len(self._texts))
            packed, places = Packed.of(list(part.values())), {index: at for at, index in enumerate(part)}
            for row in rows:
                scores, without = f1(candidates[row], packed), left_out[row]
                if without in places:
                    scores = np.delete(scores, places[without])
                tops[row] = best_of(np.concatenate([tops[row], scores]), self._top)
            done += len(part)
        best = np.zeros(len(candidates))
        best[list(rows)] = [tops[row].mean() for row in rows]
        return best


def _nearest(cosines: npt.NDArray[np.float32], without: int | None, count: int) -> list[int]:
    if without is not None:
        cosines[without] = -np.inf
    chosen: list[int] = np.argpartition(-cosines, count - 1)[:count].tolist()
    return [index for index in chosen if index != without]


def _report(context: JobContext | None, done: int, total: int) -> None:
    if context is not None:
        context.check_cancelled()
        context.progress("comparing with training texts", done, total)


def _rounded(scores: Scores) -> tuple[float, ...]:
    return tuple(round(float(score), 4) for score in scores)


def _encoder_name(folder: Path) -> str:
    """A name that means something on another machine: the package or folder the encoder came from."""
    return folder.parent.name if folder.name == "model" else folder.name
