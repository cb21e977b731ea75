"""Small worlds, built answer by answer, for figures computed by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from bsm_core.domain.arms import Arm
from bsm_core.domain.tasks import Dataset, Example, Split
from bsm_core.domain.unknowns import AttackOutcome, Perturbation
from bsm_core.ports import JobResult
from bsm_core.store import DuckStore
from tests.factories import (
    answer,
    make_dataset,
    make_model,
    make_perturbation,
    make_perturbation_set,
    make_study,
    make_task,
    perturbation_table,
    prediction_table,
)

Answers = Mapping[str, Sequence[float]]

_job_numbers = count(1)


def job_id() -> str:
    return f"job-{next(_job_numbers)}"


def start(
    store: DuckStore, *, train: int = 10, validation: int = 6, test: int = 0, labels: Sequence[str] = ("no", "yes")
) -> Dataset:
    """A study without models. Labels take turns: the ``n``-th example has label ``n % K``."""
    data = make_dataset(make_task(labels=labels), train=train, validation=validation, test=test)
    store.studies.create(make_study(data), data)
    return data


def add_model(store: DuckStore, arm: Arm = Arm.ORIGINAL, model_id: str = "", *, at: float = 10) -> str:
    model = make_model(arm, model_id, at=at)
    store.ingest(JobResult(job_id(), models=(model,)))
    return model.model_id


def predict(store: DuckStore, model_id: str, answers: Answers, item_kind: str = "example") -> None:
    table = prediction_table(list(answers), item_kind, list(answers.values()))
    store.ingest(JobResult(job_id(), predictions=((model_id, table),)))


def answers_of(
    examples: Sequence[Example], outcomes: str, confidences: Sequence[float]
) -> dict[str, tuple[float, ...]]:
    """``outcomes`` has a letter an example: ``r`` for right, ``w`` for wrong."""
    return {
        example.example_id: answer(example.label if letter == "r" else 1 - example.label, confidence)
        for example, letter, confidence in zip(examples, outcomes, confidences, strict=True)
    }


def attack_rows(
    set_id: str, examples: Sequence[Example], outcomes: str, confidences: Sequence[float]
) -> list[Perturbation]:
    """``outcomes`` has a letter an example: ``+`` successful, ``-`` failed, ``s`` skipped, ``e`` error.

    ``confidences`` are of the attacked model on P, in the wrong label where the attack was successful.
    """
    kinds = dict(zip("+-se", AttackOutcome, strict=True))
    rows = []
    for example, letter, confidence in zip(examples, outcomes, confidences, strict=True):
        right = answer(example.label, 0.75)
        perturbed = answer(1 - example.label if letter == "+" else example.label, confidence)
        rows.append(make_perturbation(set_id, example, kinds[letter], right, perturbed))
    return rows


def add_set(
    store: DuckStore,
    model_id: str,
    set_id: str,
    rows: Sequence[Perturbation],
    *,
    split: Split = Split.VALIDATION,
    at: float = 20,
) -> list[str]:
    """The set with the attacked model's answers on it; returns the perturbation ids."""
    ids = [row.perturbation_id for row in rows]
    table = prediction_table(ids, "perturbation", [row.perturbed_probabilities for row in rows])
    perturbations = make_perturbation_set(model_id, split, set_id, size=len(rows), at=at)
    store.ingest(
        JobResult(job_id(), sets=((perturbations, perturbation_table(rows)),), predictions=((model_id, table),))
    )
    return ids
