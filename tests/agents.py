"""What tests of the agent's workflow need: UUs, and stand-ins for the models that a job calls at its end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bsm_core.config import GateConfig
from bsm_core.domain.tasks import Split, Text
from bsm_core.domain.unknowns import UnknownUnknown, UUOrigin
from bsm_core.ports import FloatArray, JobContext, SimilarityScale


def make_unknown(
    original: str,
    perturbed: str | None = None,
    *,
    label: int = 1,
    confidence: float = 0.9,
    item_id: str = "",
    second: str | None = None,
) -> UnknownUnknown:
    """Natural without ``perturbed``; ``second`` is the other side of a pair."""
    sides = (original,) if second is None else (original, second)
    changed = None if perturbed is None else (perturbed, *sides[1:])
    return UnknownUnknown(
        item_id=item_id or f"i-{original[:20]}",
        model_id="m",
        example_id=f"e-{original[:20]}",
        origin=UUOrigin.NATURAL if perturbed is None else UUOrigin.ADVERSARIAL,
        split=Split.VALIDATION,
        original_text=sides,
        perturbed_text=changed,
        recipe=None if perturbed is None else "deepwordbug",
        label=label,
        predicted=1 - label,
        confidence=confidence,
        probabilities=(confidence, 1 - confidence) if label else (1 - confidence, confidence),
        original_probabilities=None,
        verdict=None,
    )


class SharedWords:
    """A Similarity in [0, 1]: the largest share of a text's words that one reference has."""

    def __init__(self, references: Sequence[Text], seed: int, gates: GateConfig) -> None:
        self.references, self.seed, self.gates = references, seed, gates

    def calibrate(
        self,
        quantile: float = 0.02,
        threshold: float | None = None,
        context: JobContext | None = None,  # noqa: ARG002
    ) -> SimilarityScale:
        mark = 0.1 + quantile if threshold is None else threshold
        return SimilarityScale(mark, "shared-words", 1, len(self.references), 0.98, 0.9, real=(0.2, 0.6))

    def nearness(
        self,
        texts: Sequence[Text],
        sources: Sequence[Sequence[Text]],
        context: JobContext | None = None,  # noqa: ARG002
    ) -> list[float | None]:
        """The share of a text's words that its sources have."""
        known = [{word for text in behind for word in _words(text)} for behind in sources]
        return [
            len(_words(text) & behind) / len(_words(text)) if behind else None
            for text, behind in zip(texts, known, strict=True)
        ]

    def scores(self, texts: Sequence[Text], context: JobContext | None = None) -> npt.NDArray[np.float64]:  # noqa: ARG002
        known = [set(" ".join(text).lower().split()) for text in self.references]
        return np.array([max(len(own & one) / len(own) for one in known) for own in map(_words, texts)])


class Undecided:
    """A Classifier that gives every label the same probability."""

    label_count = 2

    def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:  # noqa: ARG002
        return np.zeros((len(texts), 2), dtype=np.float32)

    def probabilities(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:  # noqa: ARG002
        return np.full((len(texts), 2), 0.5, dtype=np.float32)


def _words(text: Text) -> set[str]:
    return set(" ".join(text).lower().split())
