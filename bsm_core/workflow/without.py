"""A full retraining without one hypothesis' samples, beside one with all of them: same seed, same size, same start."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import replace

import pyarrow as pa

from bsm_core.domain.arms import Arm, Model
from bsm_core.domain.attribution import FullEffect
from bsm_core.domain.experiments import AddedText, Cell, hash_of_texts
from bsm_core.domain.tasks import Split
from bsm_core.errors import NothingToDoError
from bsm_core.metrics.paired import mcnemar
from bsm_core.ports import Store
from bsm_core.workflow.specs import Job


def additions_without(
    extra: Sequence[AddedText], sample_ids: Collection[str], train: Sequence[AddedText], seed: int
) -> list[AddedText]:
    """``extra``, which is what an arm adds, with training rows drawn by seed in place of the samples ``sample_ids``: as
    many, in their places, and of their labels where the training set has any.

    Raises NothingToDoError when the arm adds none of them, and without training rows.
    """
    own = set(sample_ids)
    if not any(one.source_id in own for one in extra):
        raise NothingToDoError(
            f"none of its samples is among the {len(extra)} texts that the arm adds, so that nothing would change; "
            "raise the budget, or choose a hypothesis with earlier approved samples"
        )
    if not train:
        raise NothingToDoError("there are no training texts to put in their place")
    drawn = random.Random(f"{seed}/without")
    by_label: dict[int, list[AddedText]] = {}
    for one in train:
        by_label.setdefault(one.label, []).append(one)
    return [drawn.choice(by_label.get(one.label, list(train))) if one.source_id in own else one for one in extra]


def run_name(extra: Sequence[AddedText], arm: Arm, seed: int, hypothesis_id: str = "") -> str:
    """What a model of such a run carries in place of an experiment's id, so that it stays out of the study's own
    comparison: the same for the same texts. Without a hypothesis it is the run with all samples."""
    return f"without:{hypothesis_id or 'none'}:{hash_of_texts({Cell(arm, seed): extra})[:12]}"


def asked_too(store: Store, job: Job, model: Model, name: str, title: str) -> Job:
    """The training ``job`` under that name and title; its model then also answers the perturbed validation texts that
    fooled ``model``, the baseline."""
    sets = [
        one.set_id
        for one in store.perturbations.sets(model.study_id)
        if one.split is Split.VALIDATION and one.model_id == model.model_id
    ]
    tables = dict(job.tables)
    if sets:
        tables["asked"] = pa.concat_tables([store.perturbations.successful(set_id) for set_id in sets])
    return Job(replace(job.spec, title=title, params={**job.spec.params, "experiment_id": name}), tables)


def full_effects(
    unknowns: Collection[str], own: Collection[str], with_all: Collection[str], without: Collection[str]
) -> tuple[FullEffect, FullEffect]:
    """Of the baseline's ``unknowns``, those of the hypothesis' ``own`` blind spots and all others; ``with_all`` and
    ``without`` are the items that are UUs of the two models."""
    inside = set(unknowns) & set(own)
    return (
        _full_effect("own", inside, set(with_all), set(without)),
        _full_effect("others", set(unknowns) - inside, set(with_all), set(without)),
    )


def _full_effect(part: str, items: set[str], with_all: set[str], without: set[str]) -> FullEffect:
    first, second = items & with_all, items & without
    only_with, only_without = len(first - second), len(second - first)
    return FullEffect(
        part, len(items), len(first), len(second), only_with, only_without, mcnemar(only_with, only_without)
    )
