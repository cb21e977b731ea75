"""What a finished job brings, as files: JSON for records, Parquet for tables.

``models.json``, ``judgements.json``, ``foil_judgements.json``, ``hypotheses.json``, ``nearness.json``,
``rejected.json``, ``samples.json``, ``checks.json``, ``calls.json``, ``evaluations.json``, ``untargeted.json``,
``events.json`` hold lists of records.
``sets.json`` holds the perturbation sets, whose tables are ``perturbations/<position>.parquet``;
``clusterings.json`` the clusterings of UUs, whose points are ``spot_points/<position>.parquet``;
``locatings.json`` the runs that placed mistakes among them, whose texts are ``locations/<position>.parquet``;
``predictions.json`` holds model ids, whose tables are ``predictions/<position>.parquet``.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from bsm_core.domain.arms import Evaluation, Model
from bsm_core.domain.authoring import Nearness, RejectedDraft
from bsm_core.domain.blind_spots import Clustering
from bsm_core.domain.experiments import UntargetedText
from bsm_core.domain.foils import FoilJudgement
from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.domain.locations import Locating
from bsm_core.domain.synthesis import Check, SyntheticSample
from bsm_core.domain.teaching import TeacherCall
from bsm_core.domain.unknowns import Judgement, PerturbationSet
from bsm_core.errors import JobError
from bsm_core.jobs.damage import what_is_wrong
from bsm_core.ports import JobResult

_RECORDS: dict[str, Any] = {
    "models": tuple[Model, ...],
    "judgements": tuple[Judgement, ...],
    "foil_judgements": tuple[FoilJudgement, ...],
    "hypotheses": tuple[Hypothesis, ...],
    "nearness": tuple[Nearness, ...],
    "rejected": tuple[RejectedDraft, ...],
    "samples": tuple[SyntheticSample, ...],
    "checks": tuple[Check, ...],
    "calls": tuple[TeacherCall, ...],
    "evaluations": tuple[Evaluation, ...],
    "untargeted": tuple[UntargetedText, ...],
    "events": tuple[tuple[str, dict[str, object]], ...],
}
_INDEXES: dict[str, Any] = {
    "predictions": tuple[str, ...],
    "sets": tuple[PerturbationSet, ...],
    "clusterings": tuple[Clustering, ...],
    "locatings": tuple[Locating, ...],
}

PREDICTION_COLUMNS = ("item_id", "item_kind", "probabilities")
PERTURBATION_COLUMNS = (
    "perturbation_id",
    "example_id",
    "outcome",
    "label",
    "original_text",
    "original_text_b",
    "perturbed_text",
    "perturbed_text_b",
    "original_probabilities",
    "perturbed_probabilities",
    "queries",
    "words_changed",
    "words_total",
    "seconds",
    "note",
)


POINT_COLUMNS = ("item_id", "example_id", "x", "y", "coordinates", "neighbor_ids")
LOCATION_COLUMNS = ("item_id", "spot_id", "distance", "reach")


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter({**_RECORDS, **_INDEXES}[name])


def write_result(folder: Path, result: JobResult) -> None:
    """Write into ``folder``, beside what the job itself put there. Raises JobError when a table lacks a column."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _RECORDS:
        _write(folder, name, getattr(result, name))
    _write(folder, "predictions", tuple(model_id for model_id, _ in result.predictions))
    _write_tables(folder / "predictions", [table for _, table in result.predictions], PREDICTION_COLUMNS)
    _write(folder, "sets", tuple(perturbations for perturbations, _ in result.sets))
    _write_tables(folder / "perturbations", [table for _, table in result.sets], PERTURBATION_COLUMNS)
    _write(folder, "clusterings", tuple(clustering for clustering, _ in result.clusterings))
    _write_tables(folder / "spot_points", [table for _, table in result.clusterings], POINT_COLUMNS)
    _write(folder, "locatings", tuple(locating for locating, _ in result.locatings))
    _write_tables(folder / "locations", [table for _, table in result.locatings], LOCATION_COLUMNS)


def read_result(folder: Path, job_id: str) -> JobResult:
    """Raises JobError when a file is missing or damaged."""
    try:
        models, sets = _read(folder, "predictions"), _read(folder, "sets")
        predictions = _read_tables(folder / "predictions", len(models))
        perturbations = _read_tables(folder / "perturbations", len(sets))
        clusterings = _read(folder, "clusterings")
        points = _read_tables(folder / "spot_points", len(clusterings))
        locatings = _read(folder, "locatings")
        placed = _read_tables(folder / "locations", len(locatings))
        records = {name: _read(folder, name) for name in _RECORDS}
    except (OSError, ValueError, pa.ArrowException) as error:  # no JSON and no valid record are both ValueErrors
        raise JobError(
            f"the result of job {job_id} in {folder} cannot be read ({what_is_wrong(error)}); run the job again"
        ) from error
    return JobResult(
        job_id,
        predictions=tuple(zip(models, predictions, strict=True)),
        sets=tuple(zip(sets, perturbations, strict=True)),
        clusterings=tuple(zip(clusterings, points, strict=True)),
        locatings=tuple(zip(locatings, placed, strict=True)),
        **records,
    )


def _write(folder: Path, name: str, records: object) -> None:
    values = _adapter(name).dump_python(records, mode="json")
    (folder / f"{name}.json").write_text(json.dumps(values), encoding="utf-8")


def _read(folder: Path, name: str) -> Any:
    values = json.loads((folder / f"{name}.json").read_bytes())
    return _adapter(name).validate_python(values)


def _write_tables(folder: Path, tables: list[pa.Table], columns: tuple[str, ...]) -> None:
    folder.mkdir(exist_ok=True)
    for number, table in enumerate(tables):
        missing = [name for name in columns if name not in table.column_names]
        if missing:
            raise JobError(f"a {folder.name} table lacks {', '.join(missing)}; it has {', '.join(table.column_names)}")
        pq.write_table(table, folder / f"{number}.parquet")


def _read_tables(folder: Path, count: int) -> list[pa.Table]:
    return [pq.read_table(folder / f"{number}.parquet") for number in range(count)]
