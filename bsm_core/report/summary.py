"""The comparison as text for a terminal, and as JSON for whoever reads it next."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

from tabulate import tabulate

from bsm_core.config import StudyConfig
from bsm_core.domain.arms import Arm
from bsm_core.domain.comparison import OWN, PRIMARY, Endpoint, EvaluationScope
from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import AttackGoal
from bsm_core.metrics.attack import attack_statistics
from bsm_core.metrics.bootstrap import Range
from bsm_core.metrics.comparison import ComparisonRow, Measure, seed_caution
from bsm_core.metrics.effects import Effect
from bsm_core.metrics.judging import CorrectedCount
from bsm_core.metrics.preserved import preserved_count
from bsm_core.metrics.tau_curve import PERCENTS
from bsm_core.metrics.verdicts import answer, verdict
from bsm_core.ports import Store
from bsm_core.report.costs import costs_json, costs_text
from bsm_core.report.seen_unseen import seen_unseen_json, seen_unseen_text
from bsm_core.workflow.compare import Comparison, calibration_of, comparison, scaling_control, tau_curves
from bsm_core.workflow.costs import costs
from bsm_core.workflow.seen_unseen import seen_unseen
from bsm_core.workflow.specs import side_of

_FRESH = "unknown unknowns after a fresh attack"
_REFERENCES = (Arm.ORIGINAL, Arm.RELABEL)
_PACKAGES = ("torch", "transformers", "textattack", "duckdb", "numpy", "xllamacpp")


def comparison_text(
    store: Store,
    study: Study,
    judged: CorrectedCount | None = None,
    scope: EvaluationScope = OWN,
    tau: float | None = None,
) -> str:
    """Table 2 of the paper for this study, or for an experiment of it, what its paired tests say, and the caution that
    few seeds call for.

    ``judged`` is the judged sample of ORIGINAL's UUs on validation; ``tau`` None is the study's.
    """
    tau = store.studies.get(study.study_id).tau if tau is None else tau
    found = comparison(store, study.study_id, tau, scope)
    several = len(found.rows) > len({row.result.arm for row in found.rows})
    table = [
        [
            row.result.arm,
            *([row.result.seed] if several else []),
            row.result.budget,
            f"{row.result.accuracy:.1%}",
            _cell(row.natural),
            _cell(row.frozen),
            _cell(row.fresh),
            f"{row.result.accuracy_under_attack:.1%}",
        ]
        for row in found.rows
    ]
    headers = ["arm", *(["seed"] if several else []), "added", "accuracy"]
    headers += ["natural UUs", "frozen UUs", "fresh UUs", "acc. under attack"]
    first = found.rows[0].result if found.rows else None
    sizes = (
        f"test: {first.test_size} texts, {first.fresh_attacked} attacked, {first.frozen_size} frozen perturbations; "
        if first
        else ""
    )
    return "\n".join(
        [
            "",
            tabulate(table, headers),
            "",
            f"{sizes}tau {tau:g}; change against ORIGINAL in brackets.",
            _attack(study),
            *_tests_text(found),
            *_control_text(store, found, tau),
            *_labels_text(found, judged),
            *(seen_unseen_text(seen_unseen(store, found, tau)) if found.others else []),
            *costs_text(costs(store, found)),
            seed_caution(found.results),
        ]
    )


def _tests_text(found: Comparison) -> list[str]:
    lines = []
    for reference in _REFERENCES:
        compared = found.against(reference, PRIMARY)
        if compared:
            told = answer(compared, lambda arm: arm.value, _FRESH, reference.value)
            lines += ["", f"Against {reference}: {told.short}. {told.long}"]
            lines += [f"  {effect.arm}: {verdict(effect, _FRESH)}" for effect in compared]
    return [*lines, ""] if lines else []


def _control_text(store: Store, found: Comparison, tau: float) -> list[str]:
    control = scaling_control(store, found.original, tau) if found.original and found.others else None
    if control is None:
        return []
    return [
        f"Temperature {control.temperature:.2f}, fitted on validation, would alone take ORIGINAL's natural UUs from "
        f"{control.natural_before} to {control.natural} and the fresh ones from {control.fresh_before} to "
        f"{control.fresh}, at the same accuracy."
    ]


def _labels_text(found: Comparison, judged: CorrectedCount | None) -> list[str]:
    if judged is None or judged.invalid_share is None or not found.primary:
        return []
    kept = [f"{one.arm} {one.after:.4g} -> {preserved_count(one.after, judged).estimate:.0f}" for one in found.primary]
    return [
        f"Labels: {judged.invalid} of {judged.judged} judged texts lost theirs. Fresh UUs, raw -> corrected by that "
        f"share: {', '.join(kept)}."
    ]


def comparison_json(
    store: Store,
    study: Study,
    judged: CorrectedCount | None = None,
    scope: EvaluationScope = OWN,
    tau: float | None = None,
) -> dict[str, Any]:
    """Everything the table and the tests show, with the study's config, hashes, versions, counts and times."""
    tau = store.studies.get(study.study_id).tau if tau is None else tau
    found = comparison(store, study.study_id, tau, scope)
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
        "arms": [_row_json(store, row) for row in found.rows],
        "tests": _tests_json(found),
        "tau_curves": _curves_json(store, study.study_id, found),
        "temperature_control": _control_json(store, found, tau),
        "label_preservation": _labels_json(found, judged),
        "seen_unseen": seen_unseen_json(seen_unseen(store, found, tau), _effect_json),
        "costs": costs_json(costs(store, found)),
        "test_looks": store.evaluations.looks(study.study_id),
        "caution": seed_caution(found.results),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
    }


def _attack(study: Study) -> str:
    config = StudyConfig.from_dict(study.config)
    side = f", changed side: {side_of(study.task, config.recipe, config.side)}" if study.task.is_pair else ""
    return f"Perturbed texts: {config.recipe}, goal {AttackGoal(config.goal).text(config.tau)}{side}."


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
        "calibration": _plain(calibration_of(store, result.evaluation.model_id)),
        "attack": _plain(attack_statistics(store.perturbations.rows(result.evaluation.fresh_set_id))),
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


def _tests_json(found: Comparison) -> dict[str, Any]:
    return {
        "primary": {"endpoint": PRIMARY, "reference": Arm.ORIGINAL},
        "average": "mean over seeds of the counts on the same texts; the change is the ratio of the means",
        "effects": [
            _effect_json(effect)
            for reference in _REFERENCES
            for endpoint in Endpoint
            for effect in found.against(reference, endpoint)
        ],
    }


def _effect_json(effect: Effect) -> dict[str, Any]:
    return {
        "arm": effect.arm,
        "reference": effect.reference,
        "endpoint": effect.endpoint,
        "texts": effect.size,
        "before": effect.before,
        "after": effect.after,
        "difference_interval_95": _range_json(effect.intervals.difference),
        "change": effect.change,
        "change_interval_95": _range_json(effect.intervals.change),
        "p": effect.p,
        "p_holm": effect.adjusted,
        "resolved": effect.resolved,
        "seeds": [_plain(one) for one in effect.tests],
        "seeds_agreeing": effect.agreeing,
        "p_seeds": effect.seeds_p,
        "texts_needed": effect.texts_needed,
        "seeds_needed": effect.seeds_needed,
    }


def _curves_json(store: Store, study_id: str, found: Comparison) -> dict[str, Any]:
    curves = {
        endpoint.value: tau_curves(store, study_id, found, endpoint)
        for endpoint in (Endpoint.NATURAL, Endpoint.FROZEN, Endpoint.FRESH)
    }
    return {
        "tau": [percent / 100 for percent in PERCENTS],
        **{name: {one.model_id: list(one.counts) for one in those} for name, those in curves.items()},
    }


def _control_json(store: Store, found: Comparison, tau: float) -> dict[str, Any] | None:
    control = scaling_control(store, found.original, tau) if found.original else None
    return None if control is None else {**_plain(control), "calibration": _plain(control.calibration)}


def _labels_json(found: Comparison, judged: CorrectedCount | None) -> dict[str, Any] | None:
    if judged is None or judged.invalid_share is None:
        return None
    corrected = {one.arm: preserved_count(one.after, judged, one.before) for one in found.primary}
    return {
        "judged": judged.judged,
        "invalid": judged.invalid,
        "fresh": {
            arm: {
                "raw": told.raw,
                "corrected": told.estimate,
                "interval_95": _range_json(told.interval),
                "even_at_invalid_share": told.break_even,
            }
            for arm, told in corrected.items()
        },
    }


def _range_json(interval: Range | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _plain(record: Any) -> Any:
    """A frozen record by its fields; None stays None."""
    return None if record is None else {name: getattr(record, name) for name in record.__dataclass_fields__}
