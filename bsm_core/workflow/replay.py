"""Frozen replay: what a model answers to the perturbed texts that fooled another one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bsm_core.domain.arms import Model
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import PerturbationSet
from bsm_core.errors import NothingToDoError
from bsm_core.ports import Classifier, JobContext, JobResult, Store
from bsm_core.workflow.specs import Job, new_job
from bsm_core.workflow.tables import predictions_table, texts

TEST_LOOK_EVENT = "test-look"
"""A look at test that is no evaluation; the store's view ``test_looks`` has both."""


def replay_job(store: Store, study: Study, model: Model, model_path: Path, chosen: PerturbationSet) -> Job:
    """Ask ``model`` about the successful texts of ``chosen``. Raises NothingToDoError when there are none, and when it
    has answered them all before: models do not change."""
    frozen = store.perturbations.successful(chosen.set_id)
    if len(frozen) == 0:
        raise NothingToDoError(f"no attack of set {chosen.set_id} succeeded, so it has no texts to replay")
    for replay in store.perturbations.replays([chosen.set_id], study.tau):
        if replay.model_id == model.model_id and replay.answered == len(frozen):
            raise NothingToDoError(
                f"model {model.model_id} has answered all {len(frozen):,} texts of set {chosen.set_id} before; "
                "the attack report has them"
            )
    params: dict[str, object] = {
        "model_id": model.model_id,
        "model_path": str(model_path),
        "set_id": chosen.set_id,
        "split": chosen.split,
        "plan_id": None,
    }
    title = f"Replay {chosen.recipe} of {chosen.split} on {model.arm}"
    return new_job(study, JobKind.REPLAY, title, chosen.seed, params, frozen=frozen)


def replay(spec: JobSpec, context: JobContext, *, load_classifier: Callable[[Path], Classifier]) -> JobResult:
    """Job handler of kind REPLAY: the model's answers to ``frozen.parquet``. A set of test is a look at test.

    Raises ClassifierError for an unusable model.
    """
    params: dict[str, Any] = spec.params
    frozen = pq.read_table(context.inputs / "frozen.parquet")
    answers = frozen_answers(load_classifier(Path(params["model_path"])), frozen, context)
    looked = {"set_id": params["set_id"], "model_id": params["model_id"], "job_id": spec.job_id}
    return JobResult(
        job_id=spec.job_id,
        predictions=((params["model_id"], answers),),
        events=((TEST_LOOK_EVENT, looked),) if params["split"] == Split.TEST else (),
    )


def frozen_answers(classifier: Classifier, frozen: pa.Table, context: JobContext) -> pa.Table:
    """Predictions on the texts of ``frozen`` (perturbation_id, text, text_b, label)."""
    context.log(f"replaying the frozen set of {len(frozen):,} perturbed texts")
    answers = classifier.probabilities(texts(frozen), context)
    return predictions_table(frozen["perturbation_id"].to_pylist(), "perturbation", answers)
