"""Plain functions that build realistic domain records, every field filled. Deterministic: no clock, no random ids.

Pages and workflows are tested with these; see ``tests/factories.py`` for all of them in one import.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bsm_core.config import GateConfig, StudyConfig, TrainingConfig
from bsm_core.domain.arms import Arm, Evaluation, Model
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Dataset, Example, Split, Task, Text, example_id
from bsm_core.domain.unknowns import (
    AttackOutcome,
    Perturbation,
    PerturbationRecipe,
    PerturbationSet,
    perturbation_id,
)

STUDY_ID = "st-reviews"
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

_SUBJECTS = (
    "the plot",
    "the lead actor",
    "the score",
    "the second act",
    "the dialogue",
    "the camera work",
    "the ending",
)
_PRAISE = ("is a quiet delight", "never misses a beat", "is wonderfully observed", "earns every laugh", "feels fresh")
_BLAME = ("is a tired mess", "drags on forever", "is painfully dull", "falls flat at once", "never finds its feet")
_CLOSINGS = (
    "from the first scene",
    "to the very last frame",
    "despite its budget",
    "as few films do",
    "all evening long",
)


def moment(minutes: float) -> datetime:
    """``minutes`` after the study began."""
    return START + timedelta(minutes=minutes)


def review(number: int, label: int) -> str:
    """The ``number``-th review sentence: no two are alike, and each says what its label says."""
    opinions = _PRAISE if label else _BLAME
    subject, opinion = _SUBJECTS[number % len(_SUBJECTS)], opinions[number // 7 % len(opinions)]
    return f"{subject} {opinion} {_CLOSINGS[number // 35 % len(_CLOSINGS)]}, says viewer {number}"


def make_task(*, labels: Sequence[str] = ("negative", "positive"), pair: bool = False) -> Task:
    return Task(
        name="rotten_tomatoes",
        title="Movie-review sentences",
        label_names=tuple(labels),
        text_fields=("sentence1", "sentence2") if pair else ("text",),
        phrase="whether a movie review sentence is negative or positive",
        sample_noun="movie review sentence",
        source="made for tests",
    )


def make_example(number: int = 0, split: Split = Split.TRAIN, *, label: int = 0, text: Text | None = None) -> Example:
    text = text or (review(number, label),)
    return Example(example_id(text), split, text, label)


def make_dataset(
    task: Task | None = None, *, train: int = 400, validation: int = 60, test: int = 60, seed: int = 0
) -> Dataset:
    """Labels take turns; a pair task gets a second side."""
    task = task or make_task()
    splits = [Split.TRAIN] * train + [Split.VALIDATION] * validation + [Split.TEST] * test
    examples = []
    for number, split in enumerate(splits):
        label = number % len(task.label_names)
        side = review(number, label)
        text = (side, f"in short, {side}") if task.is_pair else (side,)
        examples.append(make_example(number, split, label=label, text=text))
    return Dataset(task, tuple(examples), seed, dropped_empty=1, dropped_duplicate=12, dropped_conflicting=2)


def make_config(**changes: Any) -> StudyConfig:
    """The demo's settings, at a size for tests."""
    training = TrainingConfig(base="all-MiniLM-L6-v2", epochs=3, learning_rate=5e-5, max_length=128)
    values: dict[str, Any] = {
        "preset": "demo",
        "task": "rotten_tomatoes",
        "train_size": 400,
        "validation_size": 60,
        "test_size": 60,
        "baseline": training,
        "retrain": TrainingConfig(base="all-MiniLM-L6-v2", epochs=1, learning_rate=5e-5, max_length=128),
        "gates": GateConfig(similarity_references=100),
    }
    return StudyConfig(**{**values, **changes})


def make_study(dataset: Dataset | None = None, study_id: str = STUDY_ID, **config: Any) -> Study:
    """``config`` changes settings of its StudyConfig."""
    dataset = dataset or make_dataset()
    settings = make_config(**config)
    return Study(
        study_id=study_id,
        name="Demo: movie-review sentences",
        task=dataset.task,
        config=settings.to_dict(),
        tau=settings.tau,
        data_hash=dataset.data_hash,
        dropped={"empty": 1, "duplicate": 12, "conflicting": 2},
        created_at=START,
    )


def make_model(arm: Arm = Arm.ORIGINAL, model_id: str = "", *, study_id: str = STUDY_ID, at: float = 10) -> Model:
    """``at`` in minutes after the study began. Arms descend from ``m-original`` with a budget of 8."""
    own = model_id or f"m-{arm.value.lower()}"
    original = arm is Arm.ORIGINAL
    return Model(
        model_id=own,
        study_id=study_id,
        arm=arm,
        parent_model_id=None if original else "m-original",
        seed=0,
        budget=0 if original else 8,
        path=f"jobs/job-train-{own}/result/model",
        card={"accuracy": 0.86, "epochs": 3, "versions": {"torch": "2.13.0"}},
        job_id=f"job-train-{own}",
        created_at=moment(at),
    )


def make_perturbation_set(
    model_id: str = "m-original",
    split: Split = Split.VALIDATION,
    set_id: str = "set-validation",
    *,
    size: int = 0,
    study_id: str = STUDY_ID,
    at: float = 20,
) -> PerturbationSet:
    return PerturbationSet(
        set_id=set_id,
        study_id=study_id,
        model_id=model_id,
        split=split,
        recipe=PerturbationRecipe.DEEPWORDBUG,
        goal="untargeted",
        seed=0,
        size=size,
        job_id=None,
        created_at=moment(at),
    )


def swap_letters(text: str) -> str:
    """As DeepWordBug does: two neighboring letters of the longest word change places."""
    word = max(text.split(), key=len)
    return text.replace(word, word[0] + word[2] + word[1] + word[3:], 1)


def make_perturbation(
    set_id: str,
    example: Example,
    outcome: AttackOutcome,
    original: Sequence[float],
    perturbed: Sequence[float],
) -> Perturbation:
    """``original`` and ``perturbed`` are the attacked model's probabilities on O and P."""
    changed = outcome in (AttackOutcome.SUCCESSFUL, AttackOutcome.FAILED)
    return Perturbation(
        perturbation_id=perturbation_id(set_id, example.example_id),
        example_id=example.example_id,
        outcome=outcome,
        label=example.label,
        original_text=example.text,
        perturbed_text=(swap_letters(example.text[0]), *example.text[1:]) if changed else example.text,
        original_probabilities=tuple(original),
        perturbed_probabilities=tuple(perturbed),
        queries=23 if changed else 1,
        words_changed=1 if changed else 0,
        words_total=len(" ".join(example.text).split()),
        seconds=0.4 if changed else 0.0,
        note="the attack ran out of candidates" if outcome is AttackOutcome.ERROR else "",
    )


def make_evaluation(
    model_id: str, frozen_set_id: str, fresh_set_id: str, *, at: float = 100, study_id: str = STUDY_ID
) -> Evaluation:
    return Evaluation(f"ev-{model_id}", study_id, model_id, frozen_set_id, fresh_set_id, None, moment(at))


def make_job(
    job_id: str,
    kind: JobKind = JobKind.TRAIN,
    *,
    title: str = "Train the baseline",
    at: float = 5,
    study_id: str = STUDY_ID,
) -> JobSpec:
    return JobSpec(job_id, study_id, kind, title, 0, {"plan_id": None}, moment(at))
