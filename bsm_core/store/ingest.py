"""Taking in a finished job: all of it, in one transaction, exactly once."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from bsm_core.domain.arms import Model
from bsm_core.domain.jobs import JobState
from bsm_core.domain.unknowns import PerturbationSet
from bsm_core.errors import StoreError
from bsm_core.ports import JobResult
from bsm_core.store.blind_spots import add_clustering
from bsm_core.store.calls import add_call
from bsm_core.store.connection import Database, Session, now
from bsm_core.store.drafts import add_nearness, add_rejected
from bsm_core.store.experiments import add_untargeted
from bsm_core.store.jobs import mark_job
from bsm_core.store.locations import add_locating
from bsm_core.store.records import CHECKS, FOIL_JUDGEMENTS, JUDGEMENTS, SAMPLES, row_of, rows_of
from bsm_core.store.sql import Queries
from bsm_core.store.studies import record_event

_SQL = Queries("ingest")


def ingest(database: Database, result: JobResult) -> bool:
    """False when the job was taken in before. Raises StoreError, and then nothing was taken in."""
    with database.writing() as session:
        if session.row(_SQL["taken"], {"job_id": result.job_id}):
            return False
        # The primary key guards against a second ingest even if another connection got past the question above.
        session.insert("ingests", {"job_id": result.job_id, "created_at": now()})
        for model in result.models:
            add_model(session, model)
        for perturbations, table in result.sets:
            add_set(session, perturbations, table)
        for clustering, table in result.clusterings:
            add_clustering(session, clustering, table)
        for locating, table in result.locatings:
            add_locating(session, locating, table)
        session.insert_table("judgements", rows_of(result.judgements, JUDGEMENTS))
        session.insert_table("foil_judgements", rows_of(result.foil_judgements, FOIL_JUDGEMENTS))
        for hypothesis in result.hypotheses:
            session.insert("hypotheses", row_of(hypothesis))
        add_nearness(session, result.nearness)
        add_rejected(session, result.rejected)
        session.insert_table("samples", rows_of(result.samples, SAMPLES))
        session.insert_table("checks", rows_of(result.checks, CHECKS))
        for model_id, table in result.predictions:
            add_predictions(session, model_id, table)
        for call in result.calls:
            add_call(session, call)
        for evaluation in result.evaluations:
            session.insert("evaluations", row_of(evaluation))
        add_untargeted(session, result.untargeted)
        _add_events(session, result)
        mark_job(session, result.job_id, JobState.INGESTED)
    return True


def add_model(session: Session, model: Model) -> None:
    session.insert("models", row_of(model))


def add_set(session: Session, perturbations: PerturbationSet, table: pa.Table) -> None:
    """``table`` has a column for each field of Perturbation; texts have a second one ending in ``_b``."""
    session.insert("perturbation_sets", row_of(perturbations))
    with session.seeing("incoming", table):
        session.execute(_SQL["perturbations"], {"set_id": perturbations.set_id})


def add_predictions(session: Session, model_id: str, table: pa.Table) -> None:
    """``table`` has item_id, item_kind and probabilities. An item the model answered before keeps its first answer:
    models do not change.

    Raises StoreError for an unknown model or item, and for answers that are not K probabilities.
    """
    known = session.row(_SQL["model"], {"model_id": model_id})
    if known is None:
        raise StoreError(
            f"predictions came for model {model_id!r}, which is not in the store; ingest its training first"
        )
    _check_probabilities(model_id, table, known["label_count"])
    with session.seeing("incoming", table.select(["item_id", "item_kind", "probabilities"])):
        values = {"model_id": model_id, "study_id": known["study_id"]}
        strays = session.rows(_SQL["strays"], values)[0]
        if strays["total"]:
            raise StoreError(
                f"{strays['total']} predictions of model {model_id!r} are for items its study does not have, "
                f"such as {strays['example']!r}; ingest the items first"
            )
        session.execute(_SQL["predictions"], values)
    session.execute(_SQL["wrong_answers"], {"model_id": model_id})


def _check_probabilities(model_id: str, table: pa.Table, label_count: int) -> None:
    if not len(table):
        return
    column = table["probabilities"]
    flat = pc.list_flatten(column)
    lengths = pc.unique(pc.list_value_length(column)).to_pylist()
    bounds = pc.min_max(flat).as_py()
    # A sum of float32 exponentials may stray a little over 1.
    possible = (
        flat.null_count == 0 and pc.all(pc.is_finite(flat)).as_py() and bounds["min"] >= 0 and bounds["max"] < 1.001
    )
    if lengths != [label_count] or not possible:
        raise StoreError(f"model {model_id!r} gave answers that are not {label_count} probabilities; train it anew")


def _add_events(session: Session, result: JobResult) -> None:
    if not result.events:
        return
    job = session.row(_SQL["study"], {"job_id": result.job_id})
    if job is None:
        raise StoreError(f"job {result.job_id!r} is not in the store; add it before its result")
    for kind, payload in result.events:
        record_event(session, job["study_id"], kind, payload)
