"""An experiment as text for a terminal, and as JSON: its plan first, then what came of it."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from tabulate import tabulate

from bsm_core.domain.comparison import PRIMARY, EvaluationScope
from bsm_core.domain.experiments import EvaluationSet, ExperimentPlan, Start
from bsm_core.domain.studies import Study
from bsm_core.metrics.arm_means import ArmMean, arm_means
from bsm_core.metrics.comparison import seed_caution
from bsm_core.metrics.verdicts import answer, p_words, verdict
from bsm_core.ports import Store
from bsm_core.report.summary import comparison_json
from bsm_core.workflow.compare import Comparison, comparison, scaling_control

_PLAN = TypeAdapter(ExperimentPlan)
_FRESH = "unknown unknowns after a fresh attack"
_HEADERS = ("arm", "seeds", "accuracy", "natural UUs", "frozen UUs", "fresh UUs", "change", "95% interval", "p (Holm)")


def experiment_text(store: Store, plan: ExperimentPlan) -> str:
    """The plan, then table 2 for each evaluation set: means over seeds, with the paired tests of the deciding one."""
    lines = ["", *plan_lines(plan)]
    for tried in plan.sets:
        found = comparison(store, plan.study_id, plan.tau, EvaluationScope(plan.experiment_id, tried.name))
        lines += ["", f"{tried.name}{' (decides)' if tried is plan.primary_set else ''}:"]
        lines += [tabulate([_row(one) for one in arm_means(found.results, found.primary)], _HEADERS), ""]
        lines += _said(store, plan, found)
    looks = store.evaluations.looks(plan.study_id)
    return "\n".join([*lines, f"The test split of this study has been looked at {looks:,} times."])


def plan_lines(plan: ExperimentPlan) -> list[str]:
    """The frozen plan in sentences."""
    start = "going on from the baseline's weights" if plan.start is Start.CONTINUE else "from scratch"
    dropped = ", ".join(f"{arm} {count}" for arm, count in plan.dropped.items()) or "none"
    return [
        f"Experiment {plan.experiment_id}: {plan.name}, declared {plan.created_at:%Y-%m-%d %H:%M} UTC "
        f"(plan {plan.fingerprint[:12]}).",
        f"Arms: {', '.join(plan.arms)}; {plan.budget:,} texts each, {start}; seeds {', '.join(map(str, plan.seeds))}.",
        f"Decides: {_FRESH}, {_tried(plan.primary_set)}, tau {plan.tau:g}, against {plan.reference}.",
        f"Test: {plan.test}; {plan.multiplicity}; at most {plan.alpha:g}, and the interval must leave out zero.",
        f"Figures: {plan.average}. Intervals: {plan.interval}.",
        f"Left out since nearly in test (more than {plan.leak_share:.0%} shared): {dropped}.",
    ]


def experiment_json(store: Store, study: Study, plan: ExperimentPlan) -> dict[str, Any]:
    """The plan, and for each evaluation set everything that ``comparison_json`` tells."""
    return {
        "plan": _PLAN.dump_python(plan, mode="json") | {"fingerprint": plan.fingerprint},
        "sets": {
            tried.name: comparison_json(
                store, study, scope=EvaluationScope(plan.experiment_id, tried.name), tau=plan.tau
            )
            for tried in plan.sets
        },
    }


def _tried(tried: EvaluationSet) -> str:
    size = f"the first {tried.size:,} test texts" if tried.size else "all test texts"
    return f"{tried.recipe} on {size}"


def _row(one: ArmMean) -> list[str]:
    told = [one.arm.value, str(one.seeds), f"{one.accuracy:.1%}"]
    told += [f"{one.natural:.1f}", f"{one.frozen:.1f}"]
    told.append(f"{one.fresh:.1f}" if one.spread is None else f"{one.fresh:.1f} ± {one.spread:.1f}")
    effect = one.effect
    if effect is None or effect.change is None or effect.intervals.change is None:
        return [*told, "", "", ""]
    interval = effect.intervals.change
    return [*told, f"{effect.change:+.0%}", f"{interval.low:+.0%} to {interval.high:+.0%}", p_words(effect.adjusted)]


def _said(store: Store, plan: ExperimentPlan, found: Comparison) -> list[str]:
    lines = []
    for reference in (plan.reference, plan.second_reference):
        compared = found.against(reference, PRIMARY)
        if compared:
            told = answer(compared, lambda arm: arm.value, _FRESH, reference.value)
            lines.append(f"Against {reference}: {told.short}. {told.long}")
            lines += [f"  {effect.arm}: {verdict(effect, _FRESH)}" for effect in compared]
    control = scaling_control(store, found.original, plan.tau) if found.original and found.others else None
    if control is not None:
        lines.append(
            f"Temperature {control.temperature:.2f}, fitted on validation, would alone take ORIGINAL's fresh UUs from "
            f"{control.fresh_before} to {control.fresh}, at the same accuracy."
        )
    return [*lines, seed_caution(found.results)]
