"""What the warm process knows: one classifier, and the training texts with their embeddings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from bsm_core.domain.tasks import Text
from bsm_core.ports import Classifier, Embedder, FloatArray, Neighbor
from bsm_core.workflow.repeats import trigrams
from bsm_core.workflow.tables import texts

MOST_REFERENCES = 50_000
"""Training texts that are compared with, from the first on: 77 MB of embeddings of 384 dimensions."""
NEIGHBORS = 3
_AT_ONCE = 8
"""Texts embedded before an answer may come between."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What loads the models. The process that answers is told where to get them."""

    load_classifier: Callable[[Path], Classifier]
    load_embedder: Callable[[], Embedder]


class References:
    """Training texts, embedded in the background a few at a time; kept beside the file for the next time."""

    def __init__(self, path: Path, embedder: Embedder, models: threading.Lock) -> None:
        table = pq.read_table(path).slice(0, MOST_REFERENCES)
        self._texts = texts(table)
        self._labels = table["label"].to_pylist()
        self._embedder, self._models = embedder, models
        self._kept = path.with_suffix(".npy")
        self._done = 0
        self._vectors: FloatArray | None = None
        if self._kept.exists():
            self._vectors = np.load(self._kept, allow_pickle=False)
        if self._vectors is None or len(self._vectors) != len(self._texts):
            self._vectors = None
            threading.Thread(target=self._read, name="references", daemon=True).start()

    @property
    def read(self) -> float:
        """Share of the texts that are embedded, in [0, 1]."""
        return 1.0 if self._vectors is not None else self._done / max(1, len(self._texts))

    def nearest(self, text: Text) -> tuple[Neighbor, ...]:
        """The nearest by cosine; none while they are being read."""
        if self._vectors is None or not len(self._vectors):
            return ()
        with self._models:
            vector = self._embedder.embed([_joined(text)])[0]
        similarities = self._vectors @ vector
        order = np.argsort(-similarities, kind="stable")[:NEIGHBORS]
        return tuple(
            Neighbor(
                self._texts[index], self._labels[index], float(similarities[index]), _shared(text, self._texts[index])
            )
            for index in order
        )

    def _read(self) -> None:
        parts = []
        for start in range(0, len(self._texts), _AT_ONCE):
            batch = [_joined(text) for text in self._texts[start : start + _AT_ONCE]]
            with self._models:
                parts.append(self._embedder.embed(batch))
            self._done = min(len(self._texts), start + _AT_ONCE)
        vectors = np.concatenate(parts) if parts else np.empty((0, 1), np.float32)
        draft = self._kept.with_suffix(".part.npy")
        np.save(draft, vectors)
        draft.replace(self._kept)
        self._vectors = vectors


class Lookup:
    """Answers one text at a time. Keeps the last model and the last references."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._models = threading.Lock()  # one thread in torch at a time
        self._classifier: tuple[str, Classifier] | None = None
        self._embedder: Embedder | None = None
        self._references: tuple[str, References] | None = None

    def answer(self, model: str, references: str, text: Text) -> dict[str, Any]:
        """The fields of ``ports.LiveAnswer``."""
        if self._classifier is None or self._classifier[0] != model:
            self._classifier = (model, self._parts.load_classifier(Path(model)))
        with self._models:
            probabilities = self._classifier[1].probabilities([text])[0]
        if self._references is None or self._references[0] != references:
            self._embedder = self._embedder or self._parts.load_embedder()
            self._references = (references, References(Path(references), self._embedder, self._models))
        known = self._references[1]
        return {
            "probabilities": [float(value) for value in probabilities],
            "neighbors": [asdict(neighbor) for neighbor in known.nearest(text)],
            "read": known.read,
        }


def _joined(text: Text) -> str:
    return " ".join(text)


def _shared(text: Text, other: Text) -> float:
    own = trigrams(text)
    return len(own & trigrams(other)) / len(own) if own else 0.0
