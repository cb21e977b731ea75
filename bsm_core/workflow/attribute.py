"""Which hypotheses earned their place: leave each one's samples out of a cheap head on the frozen baseline. The job.

The features are the baseline's own; only a logistic head is fitted, on training rows and approved samples. Leaving a
hypothesis out puts training rows of the same labels in place of its samples, so that the size stays. The same training
rows are drawn again many times, by bootstrap. Judged are validation texts only: test stays sealed. No UU is trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from bsm_core.domain.arms import Model
from bsm_core.domain.attribution import Attribution, HypothesisEffect
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import NothingToDoError
from bsm_core.metrics.attribution import Resampling, adjusted
from bsm_core.ports import JobContext, JobResult, LabelledText, Store
from bsm_core.ports.blind_spots import TextEmbedder
from bsm_core.workflow.leave_out import TABLES, Gains, leave_out, mirror, read_features
from bsm_core.workflow.ledger import LedgerEntry, entries
from bsm_core.workflow.locate import present_spots
from bsm_core.workflow.specs import Job, new_job
from bsm_core.workflow.tables import labelled_table

ATTRIBUTION_EVENT = "attribution"
RESAMPLES = 20
_RECORD = TypeAdapter(Attribution)


def attribute_job(
    store: Store,
    study: Study,
    model: Model,
    model_path: Path,
    unknowns: Sequence[UnknownUnknown],
    seed: int,
    resamples: int = RESAMPLES,
) -> Job:
    """Weigh every hypothesis that has approved samples. ``unknowns`` are the UUs of ``model`` at the study's tau.

    Raises NothingToDoError without approved samples, UUs or a clustering, and for fewer than 2 resamples.
    """
    clustering = store.blind_spots.latest(model.model_id)
    approved = store.samples.approved(study.study_id)
    if not approved:
        raise NothingToDoError("no sample is approved yet; approve some on the Samples page first")
    if not unknowns:
        raise NothingToDoError(f"no unknown unknowns on validation at tau {study.tau:g}; attack some texts first")
    if clustering is None:
        raise NothingToDoError("no blind spots were looked for yet; find them on the Blind spots page first")
    if resamples < 2:
        raise NothingToDoError(f"{resamples} resamples tell nothing about chance; use 2 or more")
    spots = present_spots(store, clustering)
    ledger = entries(store, study.study_id, model.model_id)
    owner = owners(ledger)
    params: dict[str, object] = {
        "model_id": model.model_id,
        "model_path": str(model_path),
        "clustering_id": clustering.clustering_id,
        "tau": study.tau,
        "label_count": len(study.task.label_names),
        "resamples": resamples,
        "sources": sources(ledger),
        "baseline_accuracy": store.predictions.accuracy(model.model_id, Split.VALIDATION) or 0.0,
        "plan_id": None,
    }
    samples = labelled_table([LabelledText(state.sample.text, state.sample.label) for state in approved])
    samples = samples.append_column(
        "hypothesis_id", pa.array([owner[state.sample.hypothesis_id] for state in approved], pa.string())
    )
    spot_of = {item: spot.name for spot in spots for item in spot.item_ids}
    rows = labelled_table([LabelledText(one.text, one.label) for one in unknowns])
    for name, values in (
        ("item_id", [one.item_id for one in unknowns]),
        ("example_id", [one.example_id for one in unknowns]),
        ("origin", [one.origin.value for one in unknowns]),
        ("spot", [spot_of.get(one.item_id) for one in unknowns]),
    ):
        rows = rows.append_column(name, pa.array(values, pa.string()))
    count = len(set(samples["hypothesis_id"].to_pylist()))
    return new_job(
        study,
        JobKind.ATTRIBUTE,
        f"Weigh {count:,} hypotheses" if count > 1 else "Weigh a hypothesis",
        seed,
        params,
        train=store.examples.table(study.study_id, Split.TRAIN).select(["text", "text_b", "label"]),
        validation=store.examples.table(study.study_id, Split.VALIDATION),
        samples=samples,
        unknowns=rows,
    )


def owners(ledger: Sequence[LedgerEntry]) -> dict[str, str]:
    """Any version of a hypothesis to the present one, whose the samples are."""
    return {version: entry.hypothesis.hypothesis_id for entry in ledger for version in entry.version_ids}


def sources(ledger: Sequence[LedgerEntry]) -> dict[str, list[str]]:
    """The UUs that each present hypothesis rests on: its own, or those of the abstraction that it starts from."""
    own = {version: entry.hypothesis.source_item_ids for entry in ledger for version in entry.version_ids}
    return {
        one.hypothesis_id: list(one.source_item_ids or own.get(one.parent_hypothesis_id or "", ()))
        for one in (entry.hypothesis for entry in ledger)
    }


def attribute(spec: JobSpec, context: JobContext, *, embedder_for: Callable[[Path], TextEmbedder]) -> JobResult:
    """Job handler of kind ATTRIBUTE. Features and every finished resample stay in ``partial``; a call with the same
    spec goes on from them to the same result."""
    params: dict[str, Any] = spec.params
    tables = {name: pq.read_table(context.inputs / f"{name}.parquet") for name in TABLES}
    rows = read_features(tables, lambda: embedder_for(Path(params["model_path"])), context)
    penalty, start, mirrored = mirror(rows, tables, params)
    context.log(
        f"the head has an accuracy of {mirrored.accuracy:.1%} (the baseline {mirrored.baseline_accuracy:.1%}), and "
        f"{mirrored.shared:,} of the baseline's {mirrored.unknowns:,} unknown unknowns are its own as well"
    )
    owner = tables["samples"]["hypothesis_id"].to_pylist()
    hypotheses = list(dict.fromkeys(owner))
    gains = leave_out(rows, owner, hypotheses, penalty, start, params, spec.seed, context)
    context.progress("drawing again", 0, 1)
    effects = _effects(hypotheses, owner, gains, tables, params["sources"])
    found = Attribution(
        model_id=params["model_id"],
        clustering_id=params["clustering_id"],
        tau=params["tau"],
        penalty=penalty,
        resamples=params["resamples"],
        train=len(tables["train"]),
        samples=len(owner),
        mirror=mirrored,
        effects=tuple(effects),
        job_id=spec.job_id,
        created_at=datetime.now(UTC),
    )
    return JobResult(spec.job_id, events=((ATTRIBUTION_EVENT, _RECORD.dump_python(found, mode="json")),))


def latest(store: Store, study_id: str) -> Attribution | None:
    """As it was found last."""
    payload = store.latest(study_id, ATTRIBUTION_EVENT)
    return _RECORD.validate_python(payload) if payload else None


def _effects(
    hypotheses: Sequence[str],
    owner: Sequence[str],
    gains: Gains,
    tables: Mapping[str, pa.Table],
    rest_on: Mapping[str, Sequence[str]],
) -> list[HypothesisEffect]:
    unknowns = tables["unknowns"]
    items, spots = unknowns["item_id"].to_pylist(), unknowns["spot"].to_pylist()
    spot_of = dict(zip(items, spots, strict=True))
    resamples = len(gains.unknowns)
    on_unknowns = Resampling(unknowns["example_id"].to_pylist(), resamples)
    on_clean = Resampling(tables["validation"]["example_id"].to_pylist(), resamples)
    everywhere = np.ones(gains.clean.shape[2], dtype=np.bool_)
    found = []
    for place, name in enumerate(hypotheses):
        source = set(rest_on.get(name, ()))
        names = tuple(sorted({spot for item in source if (spot := spot_of.get(item)) is not None}))
        other = np.array([item not in source for item in items])
        own = other & np.array([spot in names for spot in spots])
        rest = other & ~own
        found.append(
            HypothesisEffect(
                hypothesis_id=name,
                samples=sum(one == name for one in owner),
                spots=names,
                own_texts=int(own.sum()),
                own=on_unknowns.estimate(gains.unknowns[:, place], own),
                others=on_unknowns.estimate(gains.unknowns[:, place], rest),
                clean=on_clean.estimate(gains.clean[:, place], everywhere),
                own_removed=float(gains.removed[:, place][:, own].sum(axis=1).mean()),
                others_removed=float(gains.removed[:, place][:, rest].sum(axis=1).mean()),
            )
        )
    levels = {part: adjusted([getattr(one, part) for one in found]) for part in ("own", "others", "clean")}
    return [
        replace(one, own=levels["own"][at], others=levels["others"][at], clean=levels["clean"][at])
        for at, one in enumerate(found)
    ]
