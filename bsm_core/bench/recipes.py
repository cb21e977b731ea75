"""Recipes side by side on any task: a quick baseline, each recipe on the same few texts, and what it took."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tabulate import tabulate

from bsm_core.bootstrap import build_inline, load_settings
from bsm_core.config import EMBEDDED_ENCODER, StudyConfig, TrainingConfig
from bsm_core.domain.jobs import JobState
from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import PerturbationRecipe
from bsm_core.errors import JobError
from bsm_core.metrics.attack import AttackStatistics, attack_statistics
from bsm_core.workbench import Workbench

_TEST_TEXTS = 20
"""A study has a test split; nothing here looks at it."""


@dataclass(frozen=True, slots=True)
class Options:
    task: str
    data: Path | None = None
    recipes: tuple[str, ...] = (PerturbationRecipe.DEEPWORDBUG, PerturbationRecipe.TEXTFOOLER_LOCAL)
    n: int = 20
    train: int = 400
    epochs: int = 3
    max_length: int = 128
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    recipe: str
    side: str
    statistics: AttackStatistics


def run(options: Options, json_path: Path | None) -> None:
    """Train on ``options.train`` texts and attack ``options.n`` others with each recipe, in a workspace that is thrown
    away. Raises TaskError for data that cannot be had, JobError for a job that fails."""
    with tempfile.TemporaryDirectory(prefix="bsm-recipes-") as folder:
        workbench = build_inline(load_settings(Path(folder)))
        try:
            study = workbench.create_study(_config(options), f"Recipes on {options.task}")
            _finish(workbench, study, workbench.start_baseline(study.study_id))
            rows = [_row(workbench, study, PerturbationRecipe(recipe), options.n) for recipe in options.recipes]
        finally:
            workbench.close()
    print(_table(rows))
    if json_path is not None:
        json_path.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", "utf-8")


def _config(options: Options) -> StudyConfig:
    training = TrainingConfig(
        base=EMBEDDED_ENCODER,
        epochs=options.epochs,
        learning_rate=1e-4,
        batch_size=16,
        max_length=options.max_length,
    )
    return StudyConfig(
        preset="recipes",
        task=options.task,
        train_size=options.train,
        validation_size=options.n,
        test_size=_TEST_TEXTS,
        seed=options.seed,
        data=str(options.data.resolve()) if options.data else "",
        baseline=training,
        retrain=training,
    )


def _row(workbench: Workbench, study: Study, recipe: PerturbationRecipe, size: int) -> Row:
    job_id = workbench.attacks.start(study.study_id, None, recipe, size)
    _finish(workbench, study, job_id)
    kept = workbench.store.perturbations.sets(study.study_id)[-1]
    return Row(recipe, kept.side, attack_statistics(workbench.store.perturbations.rows(kept.set_id)))


def _finish(workbench: Workbench, study: Study, job_id: str) -> None:
    workbench.tick(study.study_id)
    status = workbench.job(job_id)
    if status.state is not JobState.INGESTED:
        raise JobError(f"{status.spec.title} {status.state}: {status.message}")


def _table(rows: Sequence[Row]) -> str:
    table = []
    for row in rows:
        told = row.statistics
        count = told.size + told.errors
        table.append(
            [
                row.recipe,
                row.side,
                f"{told.attacked} of {count}",
                told.errors,
                _share(told.success_rate),
                _share(told.perturbed_words),
                "–" if told.queries is None else f"{told.queries:.0f}",
                f"{told.seconds / count:.1f}",
            ]
        )
    heads = ["recipe", "side", "attacked", "errors", "success rate", "words changed", "queries", "seconds a text"]
    return tabulate(table, heads)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"
