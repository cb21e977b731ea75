"""The controlled check (appendix C) as a job: what it is told, and what it brings.

Since the truth is known, it is the product's self-test: does the workbench find what was planted, and remove it?
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from bsm_core.config import StudyConfig
from bsm_core.domain.controlled import NO_STUDY, CellResult, ControlledPlan, ControlledResult, SpotKind
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Dataset, Split
from bsm_core.ports import JobContext, JobResult, LabelledText
from bsm_core.workflow.controlled_cell import CellRun, Data, Parts
from bsm_core.workflow.controlled_planting import Terms, drawn_terms, opinion_terms, training_sets
from bsm_core.workflow.controlled_scores import table
from bsm_core.workflow.specs import Job
from bsm_core.workflow.tables import labelled_table, labelled_texts

RESULT_EVENT = "controlled-check"
"""A ControlledResult as a dict; the newest counts."""

TASK = "rotten_tomatoes"

_PLAN, _RESULT = TypeAdapter(ControlledPlan), TypeAdapter(ControlledResult)


def data_config(plan: ControlledPlan) -> StudyConfig:
    """What data the check takes: a split of its own, the same for all seeds."""
    return StudyConfig(
        preset="controlled",
        task=TASK,
        train_size=plan.train_size,
        validation_size=plan.validation_size,
        test_size=plan.test_size,
        seed=plan.data_seed,
        tau=plan.tau,
    )


def controlled_job(plan: ControlledPlan, dataset: Dataset, ratings: Mapping[str, float]) -> Job:
    """Raises NothingToDoError when the data have too few of the lexicon's terms, or too few texts to plant in: here,
    and not after an hour."""
    rows = {split: [LabelledText(example.text, example.label) for example in dataset.of(split)] for split in Split}
    everything = [row for split in Split for row in rows[split]]
    terms = {kind: opinion_terms(kind, ratings, everything, plan.terms) for kind in SpotKind}
    for seed in plan.seeds:
        planted = {kind: drawn_terms(kind, terms[kind], seed) for kind in SpotKind}
        training_sets(rows[Split.TRAIN], plan.variants, planted, plan.planting, seed)
    now = datetime.now(UTC)
    seeds = f"{len(plan.seeds)} seeds" if len(plan.seeds) > 1 else f"seed {plan.seeds[0]}"
    spec = JobSpec(
        job_id=f"{now:%Y%m%d-%H%M%S}-{JobKind.CONTROLLED}-{uuid4().hex[:6]}",
        study_id=NO_STUDY,
        kind=JobKind.CONTROLLED,
        title=f"Self-test: {len(plan.variants)} variants, {seeds}",
        seed=plan.seeds[0],
        params={
            "plan": _PLAN.dump_python(plan, mode="json"),
            "label_names": list(dataset.task.label_names),
            "data_hash": dataset.data_hash,
            "plan_id": None,
        },
        created_at=now,
    )
    tables = {split.value: labelled_table(rows[split]) for split in Split}
    return Job(spec, tables | {"terms": _terms_table(terms)})


def controlled(spec: JobSpec, context: JobContext, *, parts: Parts) -> JobResult:
    """Job handler of kind CONTROLLED. Deterministic by the plan's seeds; finished cells survive a kill."""
    params: dict[str, Any] = spec.params
    plan = _PLAN.validate_python(params["plan"])
    rows = {split: labelled_texts(pq.read_table(context.inputs / f"{split}.parquet")) for split in Split}
    terms = _read_terms(context)
    data = Data(tuple(params["label_names"]), rows[Split.TRAIN], rows[Split.VALIDATION], rows[Split.TEST], terms)
    run = CellRun(plan, data, parts, context)
    results, answers = [], []
    for cell in plan.cells:
        context.check_cancelled()
        result, answered = run.finish(cell)
        context.log(_in_words(result))
        results.append(result)
        answers.append(answered)
    found = ControlledResult(
        plan=plan,
        cells=tuple(results),
        rows=table(results, answers),
        terms=(len(terms[SpotKind.P].plantable), len(terms[SpotKind.N].plantable)),
        data_hash=params["data_hash"],
        seconds=round(sum(result.seconds for result in results), 1),
        created_at=datetime.now(UTC),
    )
    return JobResult(spec.job_id, events=((RESULT_EVENT, to_dict(found)),))


def to_dict(result: ControlledResult) -> dict[str, object]:
    values: dict[str, object] = _RESULT.dump_python(result, mode="json")
    return values


def from_dict(values: Mapping[str, object]) -> ControlledResult:
    """Raises ValueError for a record of another shape."""
    found: ControlledResult = _RESULT.validate_python(values)
    return found


def _in_words(result: CellResult) -> str:
    before = result.before
    return (
        f"{result.cell.variant}, seed {result.cell.seed}: {result.train_size:,} texts, accuracy "
        f"{before.right.share or 0:.1%}; UUs on praise {before.praise.count} of {before.praise.size}, on blame "
        f"{before.blame.count} of {before.blame.size}, elsewhere {before.other.count} of {before.other.size}; "
        f"{result.seconds:.0f} s"
    )


def _terms_table(terms: Mapping[SpotKind, Terms]) -> pa.Table:
    """Columns kind, term, texts, plantable (its rank, null for terms that cannot be planted)."""
    rows = [
        {
            "kind": kind.value,
            "term": term,
            "texts": found.counts[term],
            "plantable": found.plantable.index(term) if term in found.plantable else None,
        }
        for kind, found in terms.items()
        for term in found.all
    ]
    schema = pa.schema([("kind", pa.string()), ("term", pa.string()), ("texts", pa.int64()), ("plantable", pa.int64())])
    return pa.Table.from_pylist(rows, schema)


def _read_terms(context: JobContext) -> dict[SpotKind, Terms]:
    rows = pq.read_table(context.inputs / "terms.parquet").to_pylist()
    found = {}
    for kind in SpotKind:
        own = [row for row in rows if row["kind"] == kind]
        ranked = sorted((row for row in own if row["plantable"] is not None), key=lambda row: row["plantable"])
        found[kind] = Terms(
            tuple(row["term"] for row in own),
            tuple(row["term"] for row in ranked),
            {row["term"]: row["texts"] for row in own},
        )
    return found
