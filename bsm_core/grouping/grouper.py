"""k-means and HDBSCAN for blind spots, t-SNE for their map. Fulfils ``ports.blind_spots.Grouper``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors

from bsm_core.domain.blind_spots import SpotMethod
from bsm_core.ports import FloatArray

LANDMARKS = 2_000
"""Vectors that t-SNE lays out. Its time grows faster than their number (docs/blind-spots.md has the figures), so that
the others are put between the landmarks nearest to them."""

DENSE_COMPONENTS = 5
"""First components that HDBSCAN looks at: over 32 of them nearly everything is noise, or one spot (same page)."""

_RESTARTS = 4
_PERPLEXITY = 30.0
_NEAREST = 5


class SpotGrouper:
    def group(self, vectors: FloatArray, method: SpotMethod, size: int, seed: int) -> npt.NDArray[np.int64]:
        """See the port. With fewer vectors than ``size`` asks for, k-means makes fewer clusters."""
        if not len(vectors):
            return np.empty(0, np.int64)
        if method is SpotMethod.KMEANS:
            count = min(size, len(np.unique(vectors, axis=0)))
            found = KMeans(count, n_init=_RESTARTS, random_state=seed).fit_predict(vectors)
        elif size > len(vectors):
            found = np.full(len(vectors), -1)
        else:
            # Leaves: the most even clusters. By excess of mass one large cluster swallows most of the others.
            dense = HDBSCAN(min_cluster_size=size, min_samples=2, cluster_selection_method="leaf", copy=True)
            found = dense.fit_predict(vectors[:, :DENSE_COMPONENTS])
        return np.asarray(found, np.int64)

    def map(self, vectors: FloatArray, seed: int) -> FloatArray:
        """t-SNE (van der Maaten and Hinton, 2008), begun from the first two components so that the whole keeps its
        shape. Fewer than 8 vectors are shown by their first two components as they stand."""
        if len(vectors) < 8:
            return np.pad(vectors[:, :2], ((0, 0), (0, max(0, 2 - vectors.shape[1])))).astype(np.float32)
        drawn = np.random.default_rng(seed).permutation(len(vectors))[:LANDMARKS]
        landmarks = np.sort(drawn)
        perplexity = min(_PERPLEXITY, (len(landmarks) - 1) / 3)
        layout = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=1).fit_transform(vectors[landmarks])
        placed = np.empty((len(vectors), 2), np.float32)
        placed[landmarks] = layout
        others = np.setdiff1d(np.arange(len(vectors)), landmarks)
        if len(others):
            near = NearestNeighbors(n_neighbors=_NEAREST).fit(vectors[landmarks])
            distances, places = near.kneighbors(vectors[others])
            weights = 1 / np.maximum(distances, 1e-6)
            weights /= weights.sum(axis=1, keepdims=True)
            placed[others] = (layout[places] * weights[:, :, None]).sum(axis=1)
        return placed
