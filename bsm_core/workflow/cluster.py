"""Cluster the UUs into blind spots: the job, what it is told, and what it brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from bsm_core.domain.arms import Model
from bsm_core.domain.blind_spots import Clustering, Spot, SpotMethod, SpotPoint, SpotSettings, SpotSpace
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Split, Text
from bsm_core.domain.unknowns import UnknownUnknown, UUOrigin
from bsm_core.errors import NothingToDoError
from bsm_core.ports import FloatArray, JobContext, JobResult, Store, UnknownFilter
from bsm_core.ports.blind_spots import Grouper, TextEmbedder
from bsm_core.workflow.specs import Job, new_id, new_job
from bsm_core.workflow.spots import Describer, Surroundings, continued
from bsm_core.workflow.tables import text_of, text_table, texts

NEIGHBORS = 10
"""Nearest validation texts looked at for each UU."""

COMPONENTS = 32
"""Principal components that are clustered: in hundreds of dimensions all texts are about equally far apart, and what is
stored stays small."""

_ROWS = 1024

EmbedderFor = Callable[[SpotSpace, Path], TextEmbedder]


def cluster_job(
    store: Store,
    study: Study,
    model: Model,
    model_path: Path,
    unknowns: Sequence[UnknownUnknown],
    settings: SpotSettings,
    before: Sequence[Spot],
    seed: int,
) -> Job:
    """Cluster ``unknowns``, which are the UUs at the study's tau. ``before`` are the spots as they stand, whose names
    go over to those that go on from them. Raises NothingToDoError for fewer than two UUs."""
    if len(unknowns) < 2:
        raise NothingToDoError(
            f"{len(unknowns)} unknown unknowns at tau {study.tau:g} make no clusters; lower tau, or attack more texts"
        )
    validation = store.examples.table(study.study_id, Split.VALIDATION)
    wrong = wrong_examples(store, model.model_id)
    flags = pa.array([name in wrong for name in validation["example_id"].to_pylist()], pa.bool_())
    params: dict[str, object] = {
        "model_id": model.model_id,
        "model_path": str(model_path),
        "clustering_id": new_id("cl"),
        "tau": study.tau,
        "method": settings.method,
        "space": settings.space,
        "size": settings.size or usual_size(settings.method, len(unknowns)),
        "plan_id": None,
    }
    title = f"Find blind spots among {len(unknowns):,} unknown unknowns"
    return new_job(
        study,
        JobKind.CLUSTER,
        title,
        seed,
        params,
        unknowns=_unknown_table(unknowns),
        validation=validation.append_column("wrong", flags),
        before=_before_table(before),
    )


def usual_size(method: SpotMethod, count: int) -> int:
    """Of 300 UUs 12 spots, of 10,000 no more than 40; HDBSCAN's smallest spot grows as slowly."""
    if method is SpotMethod.KMEANS:
        return min(40, max(2, round(sqrt(count / 2))))
    return max(3, round(sqrt(count) / 4))


def wrong_examples(store: Store, model_id: str) -> set[str]:
    """Validation texts, as they stand, that the model gets wrong, however unsure."""
    return set(store.unknowns.ids(UnknownFilter(model_id, 0.0, origin=UUOrigin.NATURAL)))


def cluster(
    spec: JobSpec, context: JobContext, *, embedder_for: EmbedderFor, grouper_for: Callable[[], Grouper]
) -> JobResult:
    """Job handler of kind CLUSTER. Deterministic by the spec's seed; it has no checkpoint, being short."""
    params: dict[str, Any] = spec.params
    unknowns = pq.read_table(context.inputs / "unknowns.parquet")
    validation = pq.read_table(context.inputs / "validation.parquet")
    space, method = SpotSpace(params["space"]), SpotMethod(params["method"])
    here, around = _vectors(embedder_for(space, Path(params["model_path"])), unknowns, validation, context)
    context.progress("looking at the neighborhood", 0, 1)
    near = nearest(here, around, _own_places(unknowns, validation), NEIGHBORS)
    places = components(here, COMPONENTS)
    grouper = grouper_for()
    context.check_cancelled()
    context.progress("clustering", 0, 1)
    groups = grouper.group(places, method, params["size"], spec.seed)
    context.check_cancelled()
    context.progress("drawing the map", 0, 1)
    layout = grouper.map(places, spec.seed)
    context.check_cancelled()
    points = _points(unknowns, validation, layout, places, near)
    context.progress("describing the spots", 0, 1)
    spots = continued(
        describe_groups(params["clustering_id"], points, groups, _surroundings(unknowns, validation)),
        _read_before(context.inputs / "before.parquet"),
    )
    context.log(f"{len(spots)} spots; {int((groups < 0).sum()):,} of {len(points):,} unknown unknowns are in none")
    clustering = Clustering(
        clustering_id=params["clustering_id"],
        study_id=spec.study_id,
        model_id=params["model_id"],
        tau=params["tau"],
        method=method,
        space=space,
        size=params["size"],
        seed=spec.seed,
        neighbors=NEIGHBORS,
        wrong_share=float(np.mean(validation["wrong"].to_pylist())) if len(validation) else 0.0,
        spots=tuple(spots),
        job_id=spec.job_id,
        created_at=datetime.now(UTC),
    )
    return JobResult(spec.job_id, clusterings=((clustering, point_table(points)),))


def components(vectors: FloatArray, most: int) -> FloatArray:
    """(n, at most ``most``) principal components, by falling variance; signs are fixed, so that they come out the same
    again."""
    centered = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    values, axes = np.linalg.eigh(centered.T @ centered)
    axes = axes[:, np.argsort(values)[::-1][: min(most, *vectors.shape)]]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return (centered @ axes).astype(np.float32)


def nearest(
    vectors: FloatArray, among: FloatArray, own: Sequence[int | None], count: int
) -> list[npt.NDArray[np.int64]]:
    """The ``count`` nearest rows of ``among`` by cosine, nearest first, for each row of ``vectors`` (all of length 1),
    its ``own`` row left out."""
    found: list[npt.NDArray[np.int64]] = []
    for start in range(0, len(vectors), _ROWS):
        cosine = vectors[start : start + _ROWS] @ among.T
        for row, at in enumerate(own[start : start + _ROWS]):
            if at is not None:
                cosine[row, at] = -np.inf
            usable = min(count, len(among) - (at is not None))
            chosen = np.argpartition(-cosine[row], max(0, usable - 1))[:usable] if usable > 0 else np.empty(0, np.int64)
            found.append(chosen[np.argsort(-cosine[row, chosen], kind="stable")])
    return found


def describe_groups(
    clustering_id: str, points: Sequence[SpotPoint], groups: npt.NDArray[np.int64], around: Surroundings
) -> list[Spot]:
    """A spot a cluster, the largest first."""
    describer = Describer(clustering_id, around)
    members: dict[int, list[SpotPoint]] = {}
    for point, group in zip(points, groups.tolist(), strict=True):
        if group >= 0:
            members.setdefault(group, []).append(point)
    spots: list[Spot] = []
    for group in sorted(members, key=lambda one: (-len(members[one]), one)):
        spots.append(describer.describe(members[group], {spot.name for spot in spots}))
    return spots


def point_table(points: Sequence[SpotPoint]) -> pa.Table:
    """A column for each field of SpotPoint."""
    return pa.table(
        {
            "item_id": pa.array([point.item_id for point in points], pa.string()),
            "example_id": pa.array([point.example_id for point in points], pa.string()),
            "x": pa.array([point.x for point in points], pa.float32()),
            "y": pa.array([point.y for point in points], pa.float32()),
            "coordinates": pa.array([point.coordinates for point in points], pa.list_(pa.float32())),
            "neighbor_ids": pa.array([point.neighbor_ids for point in points], pa.list_(pa.string())),
        }
    )


def _vectors(
    embedder: TextEmbedder, unknowns: pa.Table, validation: pa.Table, context: JobContext
) -> tuple[FloatArray, FloatArray]:
    """Of the texts on which the model is wrong, and of the validation texts; each text is read once."""
    here, around = texts(unknowns), texts(validation)
    different = list(dict.fromkeys([*here, *around]))
    place = {text: at for at, text in enumerate(different)}
    found = embedder.embed(different, context)
    return found[[place[text] for text in here]], found[[place[text] for text in around]]


def _own_places(unknowns: pa.Table, validation: pa.Table) -> list[int | None]:
    places = {name: at for at, name in enumerate(validation["example_id"].to_pylist())}
    return [places.get(name) for name in unknowns["example_id"].to_pylist()]


def _points(
    unknowns: pa.Table,
    validation: pa.Table,
    layout: FloatArray,
    places: FloatArray,
    near: Sequence[npt.NDArray[np.int64]],
) -> list[SpotPoint]:
    names = validation["example_id"].to_pylist()
    return [
        SpotPoint(item, example, x, y, tuple(place), tuple(names[at] for at in neighbors))
        for item, example, (x, y), place, neighbors in zip(
            unknowns["item_id"].to_pylist(),
            unknowns["example_id"].to_pylist(),
            layout.tolist(),
            places.tolist(),
            near,
            strict=True,
        )
    ]


def _surroundings(unknowns: pa.Table, validation: pa.Table) -> Surroundings:
    names = validation["example_id"].to_pylist()
    originals = zip(unknowns["original_text"].to_pylist(), unknowns["original_text_b"].to_pylist(), strict=True)
    known: dict[str, Text] = {
        name: text_of(*sides) for name, sides in zip(unknowns["example_id"].to_pylist(), originals, strict=True)
    }
    known |= dict(zip(names, texts(validation), strict=True))
    wrong = {name for name, flag in zip(names, validation["wrong"].to_pylist(), strict=True) if flag}
    return Surroundings(known, wrong)


def _unknown_table(unknowns: Sequence[UnknownUnknown]) -> pa.Table:
    table = text_table([one.text for one in unknowns])
    originals = text_table([one.original_text for one in unknowns])
    columns = {"item_id": [one.item_id for one in unknowns], "example_id": [one.example_id for one in unknowns]}
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values, pa.string()))
    return table.append_column("original_text", originals["text"]).append_column("original_text_b", originals["text_b"])


def _before_table(spots: Sequence[Spot]) -> pa.Table:
    return pa.table(
        {
            "spot_id": pa.array([spot.spot_id for spot in spots], pa.string()),
            "name": pa.array([spot.name if spot.named_by_hand else None for spot in spots], pa.string()),
            "item_ids": pa.array([spot.item_ids for spot in spots], pa.list_(pa.string())),
        }
    )


def _read_before(path: Path) -> list[Spot]:
    """As much of the earlier spots as ``continued`` asks for."""
    rows = pq.read_table(path).to_pylist()
    return [
        Spot(
            row["spot_id"], "", row["name"] or "", row["name"] is not None, (), tuple(row["item_ids"]), 0.0, 0.0, 1.0, 0
        )
        for row in rows
    ]
