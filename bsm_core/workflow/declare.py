"""Declaring an experiment: everything is checked and frozen before anything runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bsm_core.config import TrainingConfig
from bsm_core.domain.arms import Arm, Model
from bsm_core.domain.experiments import AddedText, Cell, EvaluationSet, ExperimentPlan, Start, hash_of_texts
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Split
from bsm_core.errors import ConfigError, NotFoundError, NothingToDoError
from bsm_core.ports import Store
from bsm_core.workflow.extended_sets import sealed
from bsm_core.workflow.retrain import Pools, additions, arm_plans, common_budget
from bsm_core.workflow.specs import new_id

FEW_SEEDS = 5
"""With fewer, how far seeds differ is hardly known."""
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An experiment as it is asked for. ``budget`` None takes the most that every arm has, up to ``allowed``."""

    name: str
    arms: tuple[Arm, ...]
    seeds: tuple[int, ...]
    sets: tuple[EvaluationSet, ...]
    training: TrainingConfig
    start: Start = Start.CONTINUE
    budget: int | None = None


def read_seeds(text: str) -> tuple[int, ...]:
    """``0-4`` or ``0,1,7``. Raises ConfigError that names the part it cannot read."""
    found: list[int] = []
    for part in (one.strip() for one in text.split(",") if one.strip()):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise ConfigError(f"{part!r} is no seed and no range of seeds; write them as 0-4 or 0,1,2")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first > 999:
            raise ConfigError(f"{part!r} is no range of seeds; write the lower one first, at most 1,000 of them")
        found += range(first, last + 1)
    return tuple(found)


def declare(
    store: Store, study: Study, original: Model, wanted: Wanted, pools: Pools, allowed: int, share: float
) -> tuple[ExperimentPlan, dict[Cell, list[AddedText]]]:
    """The frozen plan, and what each of its cells adds. ``pools`` are the arms' texts as they are now; the leak guard
    takes away those of more than ``share`` in common with a test text.

    Raises ConfigError for impossible seeds or sets, NotFoundError for a frozen set that there is not, NothingToDoError
    for an arm without texts.
    """
    check_seeds(wanted.seeds)
    check_sets(store, study, wanted.sets)
    arms = tuple(arm for arm in dict.fromkeys(wanted.arms) if arm is not Arm.ORIGINAL)
    kept, dropped = pools.without_leaks(sealed(store, study.study_id), share)
    most = common_budget(arm_plans(kept.available(), allowed), arms)
    budget = most if wanted.budget is None else wanted.budget
    if not 1 <= budget <= most:
        fewest = min(arms, key=lambda arm: kept.available()[arm])
        raise NothingToDoError(
            f"a budget of {budget:,} texts is not possible: {fewest} has {kept.available()[fewest]:,}, and "
            f"{allowed:,} are allowed; use 1 to {most:,}"
        )
    cells = [Cell(arm, seed) for seed in wanted.seeds for arm in arms]
    texts = {cell: additions(cell.arm, budget, kept, cell.seed) for cell in cells}
    plan = ExperimentPlan(
        experiment_id=new_id("x"),
        study_id=study.study_id,
        name=wanted.name.strip() or _named(arms, wanted.seeds),
        arms=arms,
        seeds=wanted.seeds,
        sets=wanted.sets,
        start=wanted.start,
        budget=budget,
        training=wanted.training.to_dict(),
        baseline_model_id=original.model_id,
        data_hash=study.data_hash,
        texts_hash=hash_of_texts(texts),
        tau=study.tau,
        dropped={arm: count for arm, count in dropped.items() if arm in arms},
        leak_share=share,
        created_at=datetime.now(UTC),
    )
    return plan, texts


def check_seeds(seeds: Sequence[int]) -> None:
    """Raises ConfigError without seeds, and for one that stands there twice."""
    if not seeds:
        raise ConfigError("an experiment needs seeds, one model of each arm is trained with each; write 0-4, say")
    twice = sorted({seed for seed in seeds if seeds.count(seed) > 1})
    if twice:
        raise ConfigError(f"seed {twice[0]} stands there twice; the same seed gives the same model, so name it once")


def check_sets(store: Store, study: Study, sets: Sequence[EvaluationSet]) -> None:
    """Raises ConfigError for sets without names of their own, NotFoundError for a frozen set that the study lacks."""
    if not sets:
        raise ConfigError("an experiment needs an evaluation set; name the attack that every model is tried by")
    names = [one.name for one in sets]
    if not all(name.strip() for name in names) or len(set(names)) < len(names):
        raise ConfigError(f"evaluation sets need names of their own, not {', '.join(map(repr, names))}")
    if not len(store.examples.table(study.study_id, Split.TEST)):
        raise NothingToDoError(f"the test split of {study.name!r} is empty; make a study with test texts")
    for one in sets:
        if one.frozen_set_id is not None:
            _check_frozen(store, study, one.frozen_set_id)


def check_original(store: Store, study: Study, model_id: str | None) -> Model:
    """The study's baseline, which ``model_id`` must name if it is given. Raises NothingToDoError without one,
    NotFoundError for another."""
    baseline = store.models.baseline(study.study_id)
    if baseline is None:
        raise NothingToDoError("this study has no baseline yet; train it on the Baseline page first")
    if model_id is None or model_id == baseline.model_id:
        return baseline
    other = store.models.get(model_id)
    if other.study_id != study.study_id:
        theirs = store.studies.get(other.study_id)
        raise NotFoundError(
            f"model {model_id!r} belongs to the study {theirs.name!r} (task {theirs.task.name}), not to {study.name!r} "
            f"(task {study.task.name}); leave it out to take this study's baseline {baseline.model_id}"
        )
    raise NotFoundError(
        f"model {model_id!r} ({other.arm}) is not the study's baseline, whose UUs the samples are about; leave it out "
        f"to take {baseline.model_id}"
    )


def _check_frozen(store: Store, study: Study, set_id: str) -> None:
    for owner in store.studies.all():
        for stored in store.perturbations.sets(owner.study_id):
            if stored.set_id != set_id:
                continue
            if owner.study_id != study.study_id:
                raise NotFoundError(
                    f"evaluation set {set_id!r} belongs to the study {owner.name!r} (task {owner.task.name}), not to "
                    f"{study.name!r} (task {study.task.name}); name a set of this study"
                )
            if stored.split is not Split.TEST:
                raise ConfigError(
                    f"evaluation set {set_id!r} is of the {stored.split} split, which arms may train on; name one of "
                    "test, or leave it out: then ORIGINAL's own attack is replayed"
                )
            return
    raise NotFoundError(
        f"there is no perturbation set {set_id!r}; leave it out: then ORIGINAL's own attack is replayed"
    )


def _named(arms: Sequence[Arm], seeds: Sequence[int]) -> str:
    count = "1 arm" if len(arms) == 1 else f"{len(arms)} arms"
    spread = f"{seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else str(seeds[0])
    return f"{count}, seeds {spread}"
