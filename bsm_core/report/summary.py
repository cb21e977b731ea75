"""The comparison as text for a terminal, and as JSON for whoever reads it next."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

from tabulate import tabulate

from bsm_core.config import StudyConfig
from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import AttackGoal
from bsm_core.metrics.attack import AttackStatistics, attack_statistics
from bsm_core.metrics.comparison import ComparisonRow, Measure, comparison_rows, seed_caution
from bsm_core.ports import Store

_PACKAGES = ("torch", "transformers", "textattack", "duckdb", "numpy", "xllamacpp")


def comparison_text(store: Store, study: Study) -> str:
    """Table 2 of the paper for this study, with sample sizes and the caution that one seed calls for."""
    tau = store.studies.get(study.study_id).tau
    rows = comparison_rows(store.evaluations.results(study.study_id, tau))
    table = [
        [
            row.result.arm,
            row.result.budget,
            f"{row.result.accuracy:.1%}",
            _cell(row.natural),
            _cell(row.frozen),
            _cell(row.fresh),
            f"{row.result.accuracy_under_attack:.1%}",
        ]
        for row in rows
    ]
    headers = ["arm", "added", "accuracy", "natural UUs", "frozen UUs", "fresh UUs", "acc. under attack"]
    first = rows[0].result if rows else None
    sizes = (
        f"test: {first.test_size} texts, {first.fresh_attacked} attacked, {first.frozen_size} frozen perturbations; "
        if first
        else ""
    )
    caution = seed_caution([row.result for row in rows])
    return "\n".join(
        [
            "",
            tabulate(table, headers),
            "",
            f"{sizes}tau {tau:g}; change against ORIGINAL in brackets.",
            _attack(study),
            caution,
        ]
    )


def comparison_json(store: Store, study: Study) -> dict[str, Any]:
    """Everything the table shows, with the study's config, hashes, versions, counts and times."""
    tau = store.studies.get(study.study_id).tau
    rows = comparison_rows(store.evaluations.results(study.study_id, tau))
    counts = store.studies.counts(study.study_id)
    return {
        "study": {"id": study.study_id, "name": study.name, "task": study.task.name, "data_hash": study.data_hash},
        "config": study.config,
        "dropped": study.dropped,
        "tau": tau,
        "baseline": {
            "validation_accuracy": counts.baseline_accuracy,
            "natural_unknowns": counts.natural_unknowns,
            "adversarial_unknowns": counts.adversarial_unknowns,
        },
        "hypotheses": counts.hypotheses,
        "samples": {"written": counts.samples, "approved": counts.samples_approved},
        "arms": [_row_json(store, row) for row in rows],
        "test_looks": store.evaluations.looks(study.study_id),
        "caution": seed_caution([row.result for row in rows]),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
    }


def _attack(study: Study) -> str:
    config = StudyConfig.from_dict(study.config)
    return f"Perturbed texts: {config.recipe}, goal {AttackGoal(config.goal).text(config.tau)}."


def _cell(measure: Measure) -> str:
    change = "" if measure.change is None else f" ({measure.change:+.0%})"
    return f"{measure.count}{change}"


def _row_json(store: Store, row: ComparisonRow) -> dict[str, Any]:
    result = row.result
    return {
        "arm": result.arm,
        "seed": result.seed,
        "budget": result.budget,
        "accuracy": result.accuracy,
        "test_size": result.test_size,
        "natural": _measure_json(row.natural),
        "frozen": _measure_json(row.frozen),
        "fresh": _measure_json(row.fresh),
        "accuracy_under_attack": result.accuracy_under_attack,
        "attack": _attack_json(attack_statistics(store.perturbations.rows(result.evaluation.fresh_set_id))),
        "training": store.models.get(result.evaluation.model_id).card,
    }


def _measure_json(measure: Measure) -> dict[str, Any]:
    return {
        "count": measure.count,
        "size": measure.size,
        "share_interval_95": [measure.interval.low, measure.interval.high],
        "change": measure.change,
        "resolvable": measure.resolvable,
    }


def _attack_json(statistics: AttackStatistics) -> dict[str, Any]:
    return {name: getattr(statistics, name) for name in statistics.__dataclass_fields__}
