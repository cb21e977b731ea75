"""The ``bert_score`` package's own scorer, to compare with: it encodes and matches pair by pair, in padded batches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from bert_score import BERTScorer

from bsm_core.domain.tasks import Text


class PackageScorer:
    """Without idf and without baseline. ``layer`` as the package counts it: the states after so many layers."""

    def __init__(self, encoder: Path, layer: int, batch_size: int = 64) -> None:
        self._scorer = BERTScorer(model_type=str(encoder), num_layers=layer, device="cpu", batch_size=batch_size)

    def best(self, candidates: Sequence[Text], references: Sequence[Text]) -> npt.NDArray[np.float64]:
        """(candidates,) the best F1 over the references: every pair is scored."""
        pairs = [(" ".join(one), " ".join(other)) for one in candidates for other in references]
        _, _, found = self._scorer.score([one for one, _ in pairs], [other for _, other in pairs])
        best: npt.NDArray[np.float64] = found.numpy().reshape(len(candidates), -1).max(axis=1).astype(np.float64)
        return best

    def padded(self, pairs: Sequence[tuple[Text, Text]]) -> npt.NDArray[np.float64]:
        """(pairs,) F1 as the package gives it for all of them at once."""
        _, _, found = self._scorer.score([" ".join(one) for one, _ in pairs], [" ".join(other) for _, other in pairs])
        scores: npt.NDArray[np.float64] = found.numpy().astype(np.float64)
        return scores

    def alone(self, pairs: Sequence[tuple[Text, Text]]) -> npt.NDArray[np.float64]:
        """(pairs,) F1 of each pair in a batch of its own. The two sides may still be padded to one another."""
        return np.array([self.padded([pair])[0] for pair in pairs])
