"""The tables of a comparison: table 2, every test, transitions, curves over tau, calibration."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bsm_core.domain.arms import Arm, Transition
from bsm_core.domain.comparison import PRIMARY, Endpoint
from bsm_core.metrics.comparison import Measure
from bsm_core.metrics.effects import Effect
from bsm_core.metrics.statistics import Interval
from bsm_core.metrics.tau_curve import PERCENTS
from bsm_core.metrics.verdicts import p_words, range_words
from bsm_core.ports import Store
from bsm_core.report.names import ENDPOINTS, arm_name, model_names
from bsm_core.report.table import Head, Table, Value, table
from bsm_core.workflow.compare import Calibration, Comparison, ScalingControl, calibration_of, tau_curves

NONE = "–"
REFERENCES = (Arm.ORIGINAL, Arm.RELABEL)
CURVES = (Endpoint.FRESH, Endpoint.FROZEN, Endpoint.NATURAL)


def table_two(found: Comparison, tau: float) -> Table:
    """The paper's table 2 for this study, a row a model."""
    heads = (
        Head("Model"),
        Head("Seed"),
        Head("Added", "texts"),
        Head("Accuracy", "clean test texts"),
        Head("Natural UUs", "on clean test texts"),
        Head("Frozen UUs", "the original's perturbed texts, replayed"),
        Head("Fresh UUs", "after a new attack on this model"),
        Head("Under attack", "accuracy after the new attack"),
    )
    rows: list[tuple[Sequence[str], dict[str, Value]]] = []
    for name, row in zip(model_names([one.result for one in found.rows]), found.rows, strict=True):
        result = row.result
        measures = {"accuracy": row.correct, "natural": row.natural, "frozen": row.frozen, "fresh": row.fresh}
        cells = [name, str(result.seed), NONE if row.is_original else f"+{result.budget:,}", _accuracy(row.correct)]
        cells += [_counted(measures[key]) for key in ("natural", "frozen", "fresh")]
        cells.append(f"{result.accuracy_under_attack:.1%}")
        record: dict[str, Value] = {
            "arm": result.arm.value,
            "model_id": result.evaluation.model_id,
            "seed": result.seed,
            "added": result.budget,
            "tau": tau,
        }
        for key, measure in measures.items():
            record |= _measured(key, measure)
        rows.append((cells, record | {"accuracy_under_attack": result.accuracy_under_attack}))
    note = (
        f"Unknown unknowns (UUs) at tau {tau:g}. The range after a share is its 95% interval (Wilson); changes are "
        "against the original model; “not resolvable”: the paired test cannot tell it from chance."
    )
    return table("table-2", "Every model on the sealed test split", note, heads, rows)


def effects_table(effects: Sequence[Effect], key: str, title: str) -> Table:
    """A row an effect: counts, change with its interval, both p values and the verdict."""
    heads = (
        Head("Arm"),
        Head("What is counted"),
        Head("Against"),
        Head("Before", "mean count"),
        Head("After", "mean count"),
        Head("Change"),
        Head("95% interval"),
        Head("p", "on its own"),
        Head("p", "after Holm"),
        Head("Verdict"),
    )
    rows = [(_effect_cells(effect), _effect_record(effect)) for effect in effects]
    note = (
        "The same texts, paired. Counts are means over an arm's seeds. One seed: McNemar's exact test; several: sign "
        "flips over texts, each keeping its seeds together. Intervals: 2,000 bootstrap resamples of texts and seeds."
    )
    return table(key, title, note, heads, rows)


def all_effects(found: Comparison) -> list[Effect]:
    """Against ORIGINAL and RELABEL, on every endpoint, the primary one first."""
    order = sorted(Endpoint, key=lambda one: one is not PRIMARY)
    return [one for reference in REFERENCES for endpoint in order for one in found.against(reference, endpoint)]


def transitions_table(store: Store, found: Comparison, tau: float) -> Table:
    """What became of every unknown unknown, new ones first; a row a model and kind of text."""
    heads = (Head("Model"), Head("On"), *(Head(kind.value.capitalize()) for kind in _NEW_FIRST))
    rows: list[tuple[Sequence[str], dict[str, Value]]] = []
    original = found.original
    for name, other in zip(model_names(found.others), found.others, strict=True) if original else ():
        assert original is not None
        for on, set_id in (("perturbed texts", original.evaluation.frozen_set_id), ("clean texts", None)):
            before, after = original.evaluation.model_id, other.evaluation.model_id
            counts = store.evaluations.transitions(before, after, set_id, tau)
            record: dict[str, Value] = {"arm": other.arm.value, "model_id": after, "seed": other.seed, "texts": on}
            rows.append(
                (
                    [name, on, *(f"{counts[kind]:,}" for kind in _NEW_FIRST)],
                    record | {kind.value: counts[kind] for kind in _NEW_FIRST} | {"tau": tau},
                )
            )
    note = f"Against the original model, at tau {tau:g}. Perturbed texts: the frozen set."
    return table("transitions", "What became of the unknown unknowns", note, heads, rows)


_NEW_FIRST = sorted(Transition, key=lambda one: one is not Transition.NEW)


def tau_table(store: Store, study_id: str, found: Comparison, endpoint: Endpoint) -> Table:
    """UU counts over tau, a column an arm: means over its seeds."""
    arms = tau_means(store, study_id, found, endpoint)
    heads = (Head("Tau"), *(Head(arm_name(arm)) for arm in arms))
    rows: list[tuple[Sequence[str], dict[str, Value]]] = []
    for place, percent in enumerate(PERCENTS):
        counts = {arm: values[place] for arm, values in arms.items()}
        cells = [f"{percent / 100:.2f}", *(f"{value:,.4g}" for value in counts.values())]
        record: dict[str, Value] = {"tau": percent / 100}
        rows.append((cells, record | {arm.value: value for arm, value in counts.items()}))
    note = "Means over an arm's seeds. At 0.5 every wrong answer of a task with two labels is one."
    return table(f"tau-{endpoint}", f"{ENDPOINTS[endpoint]} over tau", note, heads, rows)


def tau_means(store: Store, study_id: str, found: Comparison, endpoint: Endpoint) -> dict[Arm, list[float]]:
    """Each arm's mean count at every percent of ``PERCENTS``."""
    by_arm: dict[Arm, list[Sequence[int]]] = {}
    for result, curve in zip(found.results, tau_curves(store, study_id, found, endpoint), strict=True):
        by_arm.setdefault(result.arm, []).append(curve.counts)
    return {arm: np.mean(counts, axis=0).tolist() for arm, counts in by_arm.items()}


def calibration_table(store: Store, found: Comparison, control: ScalingControl | None) -> Table:
    """Every model on clean test texts, and ORIGINAL at another temperature as the control."""
    heads = (
        Head("Model"),
        Head("Accuracy", "higher is better"),
        Head("ECE", "0 is best"),
        Head("Brier score", "0 is best, 2 worst"),
        Head("Log-likelihood", "negative, in nats: 0 is best"),
    )
    rows: list[tuple[Sequence[str], dict[str, Value]]] = []
    for name, one in zip(model_names(found.results), found.results, strict=True):
        told = calibration_of(store, one.evaluation.model_id)
        if told is not None:
            identity: dict[str, Value] = {"arm": one.arm.value, "model_id": one.evaluation.model_id, "seed": one.seed}
            rows.append(([name, *_calibrated(told)], identity | _calibration_record(told)))
    if control is not None:
        name = f"Original model, temperature {control.temperature:.2f}"
        scaled: dict[str, Value] = {"arm": "ORIGINAL, scaled", "temperature": control.temperature}
        rows.append(([name, *_calibrated(control.calibration)], scaled | _calibration_record(control.calibration)))
    note = "On clean test texts. ECE: how far confidence is from the share that is right, over ten bins."
    return table("calibration", "Is confidence deserved?", note, heads, rows)


def _accuracy(measure: Measure) -> str:
    return f"{measure.share:.1%} ({_span(measure.interval)}){_verdict(measure)}"


def _counted(measure: Measure) -> str:
    change = "" if measure.change is None else f"; {measure.change:+.0%}".replace("-", "−")
    return f"{measure.count:,} of {measure.size:,} ({_span(measure.interval)}){change}{_verdict(measure)}"


def _verdict(measure: Measure) -> str:
    if measure.resolvable is None:
        return ""
    return ", resolved" if measure.resolvable else ", not resolvable"


def _span(interval: Interval) -> str:
    return f"{interval.low:.0%} to {interval.high:.0%}"


def _measured(key: str, measure: Measure) -> dict[str, Value]:
    return {
        f"{key}_count": measure.count,
        f"{key}_size": measure.size,
        f"{key}_share": measure.share,
        f"{key}_low": measure.interval.low,
        f"{key}_high": measure.interval.high,
        f"{key}_change": measure.change,
        f"{key}_resolved": measure.resolvable,
    }


def _effect_cells(effect: Effect) -> list[str]:
    change = NONE if effect.change is None else f"{effect.change:+.0%}".replace("-", "−")
    interval = effect.intervals.change
    seeds = f" ({len(effect.tests)} seeds, {effect.agreeing} agree)" if len(effect.tests) > 1 else ""
    return [
        arm_name(effect.arm) + seeds,
        f"{ENDPOINTS[effect.endpoint]}, {effect.size:,} texts",
        arm_name(effect.reference),
        f"{effect.before:,.4g}",
        f"{effect.after:,.4g}",
        change,
        range_words(interval) if interval else NONE,
        p_words(effect.p),
        p_words(effect.adjusted),
        ("fewer" if effect.fewer else "more") if effect.resolved else "not resolvable",
    ]


def _effect_record(effect: Effect) -> dict[str, Value]:
    change, difference = effect.intervals.change, effect.intervals.difference
    return {
        "arm": effect.arm.value,
        "endpoint": effect.endpoint.value,
        "reference": effect.reference.value,
        "texts": effect.size,
        "seeds": len(effect.tests),
        "seeds_agreeing": effect.agreeing,
        "before": effect.before,
        "after": effect.after,
        "difference_low": difference.low,
        "difference_high": difference.high,
        "change": effect.change,
        "change_low": change.low if change else None,
        "change_high": change.high if change else None,
        "only_before": sum(one.only_before for one in effect.tests),
        "only_after": sum(one.only_after for one in effect.tests),
        "p": effect.p,
        "p_holm": effect.adjusted,
        "p_seeds": effect.seeds_p,
        "resolved": effect.resolved,
        "texts_needed": effect.texts_needed,
        "seeds_needed": effect.seeds_needed,
    }


def _calibrated(told: Calibration) -> list[str]:
    return [f"{told.accuracy:.1%}", f"{told.ece:.3f}", f"{told.brier:.3f}", f"{told.nll:.3f}"]


def _calibration_record(told: Calibration) -> dict[str, Value]:
    return {"accuracy": told.accuracy, "ece": told.ece, "brier": told.brier, "nll": told.nll}
