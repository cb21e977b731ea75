"""One look at the test split with one model: clean, on the frozen set, and under a fresh attack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bsm_core.domain.arms import Evaluation
from bsm_core.domain.jobs import JobSpec
from bsm_core.domain.tasks import Split
from bsm_core.ports import Classifier, JobContext, JobResult, Perturber
from bsm_core.workflow.discover import attack, read_examples
from bsm_core.workflow.replay import frozen_answers
from bsm_core.workflow.tables import predictions_table


def evaluate(
    spec: JobSpec,
    context: JobContext,
    *,
    load_classifier: Callable[[Path], Classifier],
    perturber: Perturber,
) -> JobResult:
    """Job handler of kind EVALUATE.

    The fresh attack takes the first ``attack_size`` test texts (0: all), the same for every model, under the same
    recipe and seed. Without ``frozen.parquet`` the model is ORIGINAL, and its attack becomes the frozen set.
    A cell of an experiment also has ``experiment_id`` and ``set_name``.
    """
    params: dict[str, Any] = spec.params
    model_id = params["model_id"]
    classifier = load_classifier(Path(params["model_path"]))
    examples = read_examples(context.inputs / "examples.parquet", Split.TEST)
    context.log(f"predicting {len(examples):,} test texts")
    clean = classifier.probabilities([example.text for example in examples], context)
    predictions = [predictions_table([example.example_id for example in examples], "example", clean)]

    frozen_path = context.inputs / "frozen.parquet"
    if frozen_path.exists():
        predictions.append(frozen_answers(classifier, pq.read_table(frozen_path), context))

    fresh = attack(
        spec,
        context,
        classifier=classifier,
        perturber=perturber,
        examples=examples[: params["attack_size"] or None],
        set_id=params["fresh_set_id"],
        split=Split.TEST,
    )
    evaluation = Evaluation(
        evaluation_id=params["evaluation_id"],
        study_id=spec.study_id,
        model_id=model_id,
        frozen_set_id=params["frozen_set_id"],
        fresh_set_id=params["fresh_set_id"],
        job_id=spec.job_id,
        created_at=datetime.now(UTC),
        experiment_id=params.get("experiment_id"),
        set_name=params.get("set_name", ""),
    )
    return JobResult(
        job_id=spec.job_id,
        predictions=((model_id, pa.concat_tables(predictions)), *fresh.predictions),
        sets=fresh.sets,
        evaluations=(evaluation,),
    )
