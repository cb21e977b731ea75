"""Points, spots and clusterings for tests of blind spots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bsm_core.domain.blind_spots import (
    Clustering,
    DistinctiveWord,
    MapPoint,
    Spot,
    SpotMethod,
    SpotPoint,
    SpotSpace,
)
from bsm_core.domain.locations import Locating, Region
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import UUOrigin
from bsm_core.ports import FloatArray, JobResult, Store, UnknownFilter
from bsm_core.workflow.cluster import point_table
from tests.records import STUDY_ID, make_job, moment

CLUSTERING_ID = "cl-1"


def make_point(
    item_id: str, place: Sequence[float] = (0.0, 0.0), neighbors: Sequence[str] = (), example_id: str = ""
) -> SpotPoint:
    return SpotPoint(item_id, example_id or item_id, place[0], place[1], tuple(place), tuple(neighbors))


def make_spot(spot_id: str, items: Sequence[str], *, name: str = "", by_hand: bool = False) -> Spot:
    return Spot(
        spot_id=spot_id,
        clustering_id=CLUSTERING_ID,
        name=name or f"words of {spot_id}",
        named_by_hand=by_hand,
        words=(DistinctiveWord("plot", 3.5, 4, 2),),
        item_ids=tuple(items),
        wrong_share=0.4,
        wrong_low=0.3,
        wrong_high=0.5,
        neighbors=12,
    )


def make_map_point(item_id: str, origin: UUOrigin = UUOrigin.NATURAL, confidence: float = 0.9) -> MapPoint:
    return MapPoint(item_id, 0.0, 0.0, 0, 1, confidence, origin, f"text {item_id}")


def planted(sizes: Sequence[int], *, dimensions: int = 8, seed: int = 0) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Vectors in well-separated groups of these sizes, shuffled, and the group of each."""
    generator = np.random.default_rng(seed)
    groups = generator.permutation(np.repeat(np.arange(len(sizes)), sizes))
    centers = 10 * np.eye(len(sizes), dimensions)
    vectors = centers[groups] + generator.normal(scale=0.3, size=(len(groups), dimensions))
    return vectors.astype(np.float32), groups


def make_clustering(
    spots: Sequence[Spot], *, model_id: str = "m-original", tau: float = 0.65, job_id: str | None = "job-cluster"
) -> Clustering:
    return Clustering(
        clustering_id=CLUSTERING_ID,
        study_id=STUDY_ID,
        model_id=model_id,
        tau=tau,
        method=SpotMethod.KMEANS,
        space=SpotSpace.ENCODER,
        size=max(2, len(spots)),
        seed=0,
        neighbors=3,
        wrong_share=0.2,
        spots=tuple(spots),
        job_id=job_id,
        created_at=moment(30),
    )


def add_clustering(
    store: Store, model_id: str, parts: int = 3, *, tau: float = 0.65, job_id: str = "job-cluster"
) -> Clustering:
    """The model's UUs at tau dealt out to ``parts`` spots ``spot-0``, ...; all but the last UU, which is in none."""
    rows = store.unknowns.page(UnknownFilter(model_id, tau), limit=10_000).rows
    validation = store.examples.table(STUDY_ID, Split.VALIDATION)["example_id"].to_pylist()
    points = [
        make_point(row.item_id, (float(at % parts), at / 10), validation[at % 7 : at % 7 + 3], row.example_id)
        for at, row in enumerate(rows)
    ]
    spots = [make_spot(f"spot-{part}", [one.item_id for one in points[:-1][part::parts]]) for part in range(parts)]
    found = make_clustering(spots, model_id=model_id, tau=tau, job_id=job_id)
    store.jobs.add(make_job(job_id, title="Find blind spots", at=29))
    store.ingest(JobResult(job_id, clusterings=((found, point_table(points)),)))
    return found


def make_locating(spot_ids: Sequence[str], *, items: int = 1, at: float = 120) -> Locating:
    regions = tuple(Region(spot_id, f"words of {spot_id}", 4, 0.25) for spot_id in spot_ids)
    return Locating("lc-1", STUDY_ID, CLUSTERING_ID, SpotSpace.ENCODER, regions, items, "job-locate", moment(at))


def location_table(items: Sequence[str], spot_id: str, reach: Sequence[float] | None = None) -> pa.Table:
    """What a locating job brings; a reach of 0.5 unless said otherwise."""
    return pa.table(
        {
            "item_id": pa.array(items, pa.string()),
            "spot_id": pa.array([spot_id] * len(items), pa.string()),
            "distance": pa.array([0.2] * len(items), pa.float64()),
            "reach": pa.array(reach if reach is not None else [0.5] * len(items), pa.float64()),
        }
    )
