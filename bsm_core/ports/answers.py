"""Answers while somebody writes: the classifier's, and which training texts come near."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bsm_core.domain.tasks import Text


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A training text near to what is written. ``similarity`` is the cosine of the embeddings; ``repeated`` the share
    of the written text's word trigrams that it has as well."""

    text: Text
    label: int
    similarity: float
    repeated: float


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """``neighbors``, nearest first, is empty while the training texts are still being read: ``read`` is the share done,
    in [0, 1]."""

    probabilities: tuple[float, ...]
    neighbors: tuple[Neighbor, ...]
    read: float


class Answers(Protocol):
    """A classifier kept warm outside the server, so that the server stays free of torch."""

    def ask(self, model: Path, references: Path, text: Text, wait: float) -> LiveAnswer | None:
        """The answer of the model in folder ``model``; ``references`` is a Parquet file with columns text, text_b and
        label. None when there is no answer after ``wait`` seconds, because the model is still loading.

        Raises ClassifierError when the model cannot answer.
        """
        ...

    def close(self) -> None: ...
