"""Blind spots: what the store remembers of them, and what finding them needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bsm_core.domain.blind_spots import Clustering, MapPoint, Spot, SpotChange, SpotMethod, SpotPoint
from bsm_core.domain.tasks import Text
from bsm_core.ports.work import FloatArray, JobContext


class BlindSpotLog(Protocol):
    """Clusterings and the edits on them. Append-only; clusterings come with the job that made them."""

    def latest(self, model_id: str) -> Clustering | None:
        """The newest clustering of the model's UUs, with the spots that the clustering itself made."""
        ...

    def spots(self, clustering_id: str) -> list[Spot]:
        """All that were ever made of it, also by merging and splitting; see ``domain.blind_spots.current``."""
        ...

    def changes(self, clustering_id: str) -> list[SpotChange]:
        """Oldest first."""
        ...

    def change(self, change: SpotChange, spots: Sequence[Spot] = ()) -> None:
        """Append an edit with the spots it makes, in one transaction."""
        ...

    def map_points(self, clustering_id: str) -> list[MapPoint]:
        """All clustered UUs, in the order of their ids."""
        ...

    def points(self, clustering_id: str) -> list[SpotPoint]:
        """The same with their places and neighbors, for merging and splitting."""
        ...

    def item_ids(self, clustering_id: str) -> list[str]: ...

    def unknown_ids(self, model_id: str, tau: float) -> list[str]:
        """The UUs on validation, judged-invalid ones left out: what a clustering would cluster now."""
        ...


class TextEmbedder(Protocol):
    """Vectors of texts, single or in pairs."""

    def embed(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        """Float32 (len(texts), dimensions), rows of length 1, in the order given. With a context, progress is told and
        cancellation looked for between batches."""
        ...


class Grouper(Protocol):
    """Clusters and maps vectors, which are principal components by falling variance. The same input and seed give the
    same answer on the same machine."""

    def group(self, vectors: FloatArray, method: SpotMethod, size: int, seed: int) -> npt.NDArray[np.int64]:
        """(n,) number of each vector's cluster, -1 for none. ``size`` as in SpotSettings, never 0."""
        ...

    def map(self, vectors: FloatArray, seed: int) -> FloatArray:
        """(n, 2): near on the map where near in space."""
        ...
