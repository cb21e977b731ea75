"""Place the mistakes on test among the blind spots of validation: the job, what it is told, and what it brings.

It reads test texts that evaluations have looked at already and asks no model for an answer, so that it is no further
look at test.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bsm_core.domain.arms import Model
from bsm_core.domain.blind_spots import Clustering, Spot, SpotSpace, current
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.locations import SHARE, Locating, Region
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Text
from bsm_core.errors import NothingToDoError
from bsm_core.metrics.location import Placed, place, shapes
from bsm_core.ports import FloatArray, JobContext, JobResult, Store
from bsm_core.ports.blind_spots import TextEmbedder
from bsm_core.workflow.cluster import EmbedderFor
from bsm_core.workflow.specs import Job, new_id, new_job
from bsm_core.workflow.tables import texts


def locate_job(store: Store, study: Study, model: Model, model_path: Path, seed: int) -> Job:
    """Place the mistakes of all evaluated models among ``model``'s blind spots as they stand.

    Raises NothingToDoError without a clustering, or before any evaluation.
    """
    clustering = store.blind_spots.latest(model.model_id)
    if clustering is None:
        raise NothingToDoError("no blind spots were looked for yet; find them on the Blind spots page first")
    mistakes = store.locations.mistakes(study.study_id)
    if len(mistakes) == 0:
        raise NothingToDoError("no model was evaluated on test yet; compare some arms first")
    spots = present_spots(store, clustering)
    if not spots:
        raise NothingToDoError("the clustering found no spot, only stray texts; cluster again with smaller spots")
    members = store.locations.members(clustering.clustering_id)
    spot_of = {item: spot.spot_id for spot in spots for item in spot.item_ids}
    owners = pa.array([spot_of.get(item) for item in members["item_id"].to_pylist()], pa.string())
    params: dict[str, object] = {
        "model_path": str(model_path),
        "locating_id": new_id("lc"),
        "clustering_id": clustering.clustering_id,
        "space": clustering.space,
        "names": {spot.spot_id: spot.name for spot in spots},
        "plan_id": None,
    }
    title = f"Place {len(mistakes):,} mistakes on test among {len(spots):,} blind spots"
    tables = {"members": members.append_column("spot_id", owners), "mistakes": mistakes}
    return new_job(study, JobKind.LOCATE, title, seed, params, **tables)


def present_spots(store: Store, clustering: Clustering) -> list[Spot]:
    """As people have left them."""
    name = clustering.clustering_id
    return current(store.blind_spots.spots(name), store.blind_spots.changes(name))


def locate(spec: JobSpec, context: JobContext, *, embedder_for: EmbedderFor) -> JobResult:
    """Job handler of kind LOCATE. Deterministic; it has no checkpoint, being short."""
    params: dict[str, Any] = spec.params
    members = pq.read_table(context.inputs / "members.parquet")
    mistakes = pq.read_table(context.inputs / "mistakes.parquet")
    space = SpotSpace(params["space"])
    known, new = _vectors(embedder_for(space, Path(params["model_path"])), texts(members), texts(mistakes), context)
    # In all dimensions: along the members' own principal components newcomers seem nearer than they are.
    names: dict[str, str] = params["names"]
    number = {name: at for at, name in enumerate(names)}
    owners = [number.get(owner, -1) for owner in members["spot_id"].to_pylist()]
    spots = shapes(known, owners)
    context.check_cancelled()
    context.progress("placing the mistakes", 0, 1)
    found = place(new, spots)
    inside = int((found.reach < SHARE).sum())
    context.log(f"{inside:,} of {len(mistakes):,} mistakes lie in a blind spot of validation")
    locating = Locating(
        locating_id=params["locating_id"],
        study_id=spec.study_id,
        clustering_id=params["clustering_id"],
        space=space,
        regions=tuple(
            Region(spot_id, name, owners.count(at), one.radius(SHARE))
            for at, ((spot_id, name), one) in enumerate(zip(names.items(), spots, strict=True))
        ),
        items=len(mistakes),
        job_id=spec.job_id,
        created_at=datetime.now(UTC),
    )
    return JobResult(spec.job_id, locatings=((locating, _placed_table(mistakes, list(names), found)),))


def _vectors(
    embedder: TextEmbedder, members: Sequence[Text], mistakes: Sequence[Text], context: JobContext
) -> tuple[FloatArray, FloatArray]:
    """Each text is read once."""
    different = list(dict.fromkeys([*members, *mistakes]))
    at = {text: number for number, text in enumerate(different)}
    found = embedder.embed(different, context)
    return found[[at[text] for text in members]], found[[at[text] for text in mistakes]]


def _placed_table(mistakes: pa.Table, spot_ids: Sequence[str], found: Placed) -> pa.Table:
    """Columns item_id, spot_id, distance, reach."""
    return pa.table(
        {
            "item_id": mistakes["item_id"],
            "spot_id": pa.array([spot_ids[at] for at in found.spot.tolist()], pa.string()),
            "distance": pa.array(found.distance, pa.float64()),
            "reach": pa.array(found.reach, pa.float64()),
        }
    )
