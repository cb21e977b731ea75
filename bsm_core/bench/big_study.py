"""A study of hundreds of thousands of predictions, drawn by seed, to measure the pages over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bsm_core.config import load_preset
from bsm_core.domain.arms import Arm, Model
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Dataset, Example, Split, Task, example_id
from bsm_core.domain.unknowns import (
    AttackOutcome,
    Perturbation,
    PerturbationRecipe,
    PerturbationSet,
    perturbation_id,
)
from bsm_core.ports import FloatArray, JobResult, Store
from bsm_core.store import open_store
from bsm_core.workflow.discover import perturbation_table
from bsm_core.workflow.tables import predictions_table

STUDY_ID, MODEL_ID, SET_ID = "st-big", "m-big", "set-big"

_TASK = Task("reviews", "Reviews", ("negative", "positive"), ("review",), "whether a review is kind", "review")
_VOCABULARY = (
    "film story actor scene ending music laugh tears script camera hero villain plot pace charm wit silence city "
    "summer family war train letter secret dance rain light shadow voice dream road house winter child sea "
    "night"
)

_PERTURBED_SHARE = 0.2


def make_big_study(path: Path, rows: int, seed: int = 0) -> None:
    """``rows`` predictions of one model: four of five on validation texts, the rest on perturbed ones."""
    generator = np.random.default_rng(seed)
    attacked = int(rows * _PERTURBED_SHARE)
    examples = _examples(rows - attacked, generator)
    store = open_store(path)
    try:
        _create(store, Dataset(_TASK, tuple(examples), seed))
        _train(store, examples, generator)
        _attack(store, examples[:attacked], generator)
    finally:
        store.close()


def _examples(count: int, generator: np.random.Generator) -> list[Example]:
    words = _VOCABULARY.split()
    lengths = generator.integers(8, 40, count)
    drawn = generator.integers(0, len(words), (count, 40))
    labels = generator.integers(0, 2, count)
    examples = []
    for number in range(count):
        text = (f"{number}: " + " ".join(words[word] for word in drawn[number, : lengths[number]]),)
        examples.append(Example(example_id(text), Split.VALIDATION, text, int(labels[number])))
    return examples


def _answers(labels: list[int], right: float, generator: np.random.Generator) -> FloatArray:
    """(n, 2): right with probability ``right``, confidence spread over [0.5, 1]."""
    gold = np.asarray(labels)
    predicted = np.where(generator.random(len(gold)) < right, gold, 1 - gold)
    confidence = 0.5 + 0.5 * generator.beta(2, 1, len(gold))
    answers = np.empty((len(gold), 2), np.float32)
    answers[np.arange(len(gold)), predicted] = confidence
    answers[np.arange(len(gold)), 1 - predicted] = 1 - confidence
    return answers


def _create(store: Store, dataset: Dataset) -> None:
    config = load_preset("demo")
    store.studies.create(
        Study(STUDY_ID, "Big", _TASK, config.to_dict(), config.tau, dataset.data_hash, {}, datetime.now(UTC)), dataset
    )


def _train(store: Store, examples: list[Example], generator: np.random.Generator) -> None:
    now = datetime.now(UTC)
    model = Model(MODEL_ID, STUDY_ID, Arm.ORIGINAL, None, 0, 0, "none", {}, "job-train", now)
    answers = _answers([example.label for example in examples], 0.85, generator)
    table = predictions_table([example.example_id for example in examples], "example", answers)
    store.jobs.add(JobSpec("job-train", STUDY_ID, JobKind.TRAIN, "Train the baseline", 0, {}, now))
    store.ingest(JobResult("job-train", models=(model,), predictions=((MODEL_ID, table),)))


def _attack(store: Store, examples: list[Example], generator: np.random.Generator) -> None:
    now = datetime.now(UTC)
    after = _answers([1 - example.label for example in examples], 1.0, generator)
    rows = [_perturbed(example, answer) for example, answer in zip(examples, after, strict=True)]
    recipe = PerturbationRecipe.DEEPWORDBUG
    perturbations = PerturbationSet(
        SET_ID, STUDY_ID, MODEL_ID, Split.VALIDATION, recipe, "untargeted", 0, len(rows), "job-discover", now
    )
    table = predictions_table([row.perturbation_id for row in rows], "perturbation", after)
    store.jobs.add(JobSpec("job-discover", STUDY_ID, JobKind.DISCOVER, "Attack validation", 0, {}, now))
    store.ingest(
        JobResult(
            "job-discover",
            sets=((perturbations, perturbation_table(rows)),),
            predictions=((MODEL_ID, table),),
        )
    )


def _perturbed(example: Example, answer: FloatArray) -> Perturbation:
    before = (0.9, 0.1) if example.label == 0 else (0.1, 0.9)
    return Perturbation(
        perturbation_id=perturbation_id(SET_ID, example.example_id),
        example_id=example.example_id,
        outcome=AttackOutcome.SUCCESSFUL,
        label=example.label,
        original_text=example.text,
        perturbed_text=(example.text[0].replace("e", "3", 1) + ".",),
        original_probabilities=before,
        perturbed_probabilities=(float(answer[0]), float(answer[1])),
        queries=20,
        words_changed=1,
        words_total=20,
        seconds=0.1,
    )
