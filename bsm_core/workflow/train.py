"""Train the baseline or an arm, and see how it does on validation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bsm_core.config import TrainingConfig
from bsm_core.domain.arms import Arm, Model
from bsm_core.domain.jobs import JobSpec
from bsm_core.ports import Classifier, JobContext, JobResult, LabelledText, Trainer
from bsm_core.workflow.replay import frozen_answers
from bsm_core.workflow.tables import labelled_texts, predictions_table


def train(
    spec: JobSpec,
    context: JobContext,
    *,
    trainer: Trainer,
    load_classifier: Callable[[Path], Classifier],
) -> JobResult:
    """Job handler of kind TRAIN. The weights end up in the job's ``result/model``. Where ``asked.parquet`` is there,
    the model answers its perturbed texts, too, as a replay would."""
    params: dict[str, Any] = spec.params
    validation_table = pq.read_table(context.inputs / "validation.parquet")
    validation: list[LabelledText] = labelled_texts(validation_table)
    rows = labelled_texts(pq.read_table(context.inputs / "train.parquet"))
    folder = context.result / "model"
    context.log(f"training on {len(rows):,} texts, from {params['parent_model_id'] or params['base']}")
    card = trainer.train(
        base=params["base"],
        label_names=params["label_names"],
        train=rows,
        validation=validation,
        config=TrainingConfig.from_dict(params["training"]),
        seed=spec.seed,
        output=folder,
        context=context,
    )
    classifier = load_classifier(folder)
    probabilities = classifier.probabilities([row.text for row in validation], context)
    model = Model(
        model_id=params["model_id"],
        study_id=spec.study_id,
        arm=Arm(params["arm"]),
        parent_model_id=params["parent_model_id"],
        seed=spec.seed,
        budget=params["budget"],
        path=f"jobs/{spec.job_id}/result/model",
        card=card,
        job_id=spec.job_id,
        created_at=datetime.now(UTC),
        experiment_id=params.get("experiment_id"),
    )
    ids = validation_table["example_id"].to_pylist()
    predictions = [predictions_table(ids, "example", probabilities)]
    asked = context.inputs / "asked.parquet"
    if asked.exists():
        predictions.append(frozen_answers(classifier, pq.read_table(asked), context))
    return JobResult(
        job_id=spec.job_id,
        models=(model,),
        predictions=tuple((model.model_id, table) for table in predictions),
    )
