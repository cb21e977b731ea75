"""The figures of a comparison, each with what it shows in words and the table behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bsm_core.charts.arm_lines import reliability_lines, tau_lines
from bsm_core.charts.before_after import Bin, before_after
from bsm_core.charts.confidence import confidence_bins
from bsm_core.charts.intervals import intervals
from bsm_core.charts.static_svg import Drawing
from bsm_core.charts.transitions import transitions
from bsm_core.domain.arms import Transition
from bsm_core.domain.tasks import Split
from bsm_core.metrics.tau_curve import PERCENTS
from bsm_core.ports import ConfidenceBin, Store, UnknownFilter
from bsm_core.report.names import ENDPOINTS, arm_name, model_names
from bsm_core.report.table import Head, Table, Value, table
from bsm_core.report.tables import CURVES, table_two, tau_means, tau_table, transitions_table
from bsm_core.workflow.compare import Comparison

MOST_PANELS = 8
"""Retrained models whose confidence before and after is drawn: the first ones, of the first seed each."""


@dataclass(frozen=True, slots=True)
class Figure:
    """``alt`` says what is to be seen, for whoever does not see it; ``caption`` how to read it; ``table`` has every
    number that is drawn. ``key`` names its file."""

    key: str
    title: str
    alt: str
    caption: str
    drawn: Drawing
    table: Table


def discovery_figure(store: Store, model_id: str, tau: float) -> Figure:
    """The baseline's wrong answers on validation, by confidence."""
    bins = store.unknowns.histogram(UnknownFilter(model_id, tau))
    over = sum(one.natural + one.adversarial for one in bins if one.low >= tau - 1e-9)
    total = sum(one.natural + one.adversarial for one in bins)
    return Figure(
        "discovery",
        "Wrong answers on validation, by confidence",
        f"Of {total:,} wrong answers on validation texts, natural and perturbed, {over:,} are in the bars from tau "
        f"{tau:g} up.",
        "Bars from tau up are unknown unknowns; fainter ones are wrong but unsure. Judged texts are not left out here.",
        confidence_bins(bins, tau, height=260),
        _bins_table("discovery", "Wrong answers on validation, by confidence", bins),
    )


def comparison_figures(store: Store, study_id: str, found: Comparison, tau: float) -> list[Figure]:
    """Empty without a retrained model."""
    if not found.others:
        return []
    figures = [_intervals(found, tau)]
    figures += [_tau(store, study_id, found, endpoint, tau) for endpoint in CURVES]
    if found.original is not None:
        figures.append(_transitions(store, found, tau))
    figures.append(_reliability(store, found))
    return [*figures, *_before_after(store, found, tau)]


def _intervals(found: Comparison, tau: float) -> Figure:
    names = model_names([row.result for row in found.rows])
    panels = (
        ("Right on clean texts", [row.correct for row in found.rows]),
        ("Natural UUs", [row.natural for row in found.rows]),
        ("Frozen UUs", [row.frozen for row in found.rows]),
        ("Fresh UUs", [row.fresh for row in found.rows]),
    )
    fresh = "; ".join(f"{name} {row.fresh.share:.1%}" for name, row in zip(names, found.rows, strict=True))
    return Figure(
        "intervals",
        "Each model's shares with 95% intervals",
        f"Four panels with a dot and its interval for each model. Fresh UUs: {fresh}.",
        "The grey band is the original model's interval. A filled dot differs from it by the paired test; a hollow one "
        "cannot be told from it at this size. Intervals may overlap where the paired test sees a difference, since the "
        "models answer the same texts.",
        intervals(names, panels),
        table_two(found, tau),
    )


def _tau(store: Store, study_id: str, found: Comparison, endpoint: object, tau: float) -> Figure:
    chosen = next(one for one in CURVES if one is endpoint)
    means = tau_means(store, study_id, found, chosen)
    at = min(range(len(PERCENTS)), key=lambda place: abs(PERCENTS[place] / 100 - tau))
    told = "; ".join(f"{arm_name(arm)} {counts[at]:,.4g}" for arm, counts in means.items())
    return Figure(
        f"tau-{chosen}",
        f"{ENDPOINTS[chosen]} over tau",
        f"One falling line an arm, from tau 0.5 to 0.99. At {PERCENTS[at] / 100:.2f}: {told}.",
        "An arm whose line lies lower everywhere has fewer confident mistakes; one that only crosses over has become "
        "less sure. The dotted line is the study's tau.",
        tau_lines(PERCENTS, [(arm_name(arm), counts) for arm, counts in means.items()], tau),
        tau_table(store, study_id, found, chosen),
    )


def _transitions(store: Store, found: Comparison, tau: float) -> Figure:
    original = found.original
    assert original is not None
    names, before = model_names(found.others), original.evaluation
    counted = [
        store.evaluations.transitions(before.model_id, other.evaluation.model_id, before.frozen_set_id, tau)
        for other in found.others
    ]
    told = "; ".join(
        f"{name}: {of[Transition.NEW]:,} new, {of[Transition.FIXED]:,} fixed"
        for name, of in zip(names, counted, strict=True)
    )
    return Figure(
        "transitions",
        "What became of the original model's unknown unknowns",
        f"A bar a model. {told}.",
        "Perturbed texts of the frozen set. Fixed, demoted and persistent add up to the original model's unknown "
        "unknowns (the dotted line); new ones stand beyond it.",
        transitions(list(zip(names, counted, strict=True))),
        transitions_table(store, found, tau),
    )


def _reliability(store: Store, found: Comparison) -> Figure:
    names = model_names(found.results)
    bins = [store.predictions.reliability(one.evaluation.model_id, Split.TEST) for one in found.results]
    rows: list[tuple[Sequence[str], dict[str, Value]]] = []
    for name, one, own in zip(names, found.results, bins, strict=True):
        for part in own:
            if part.count:
                cells = (name, f"{part.low:.0%} to {part.high:.0%}", f"{part.count:,}")
                record: dict[str, Value] = {"arm": one.arm.value, "seed": one.seed, "low": part.low, "high": part.high}
                record |= {"answers": part.count, "confidence": part.confidence, "accuracy": part.accuracy}
                rows.append(((*cells, f"{part.confidence:.1%}", f"{part.accuracy:.1%}"), record))
    heads = (Head("Model"), Head("Confidence"), Head("Answers"), Head("Mean confidence"), Head("Right"))
    return Figure(
        "reliability",
        "Is 80% confidence right 80% of the time?",
        "Share of right answers over confidence on clean test texts, one line a model; below the diagonal a model is "
        "surer than it has a right to be.",
        "The dotted diagonal is a model that knows its limits. Larger dots stand for more answers.",
        reliability_lines(list(zip(names, bins, strict=True))),
        table("reliability", "Reliability", "Clean test texts.", heads, rows),
    )


def _before_after(store: Store, found: Comparison, tau: float) -> Iterator[Figure]:
    """Figures 4 and 5 of the paper: one a retrained arm, of its first seed."""
    original = found.original
    if original is None:
        return
    model_id, frozen = original.evaluation.model_id, original.evaluation.frozen_set_id
    before = store.evaluations.confidence_bins(model_id, frozen)
    firsts = {one.arm: one for one in reversed(found.others)}
    for arm in list(dict.fromkeys(one.arm for one in found.others))[:MOST_PANELS]:
        evaluation = firsts[arm].evaluation
        after = store.evaluations.confidence_bins(evaluation.model_id, evaluation.fresh_set_id)
        name = arm_name(arm)
        title = f"Successful perturbations by confidence: {name}"
        key = f"confidence-{arm.lower().replace('_', '-')}"
        yield Figure(
            key,
            title,
            f"Two panels. Confident mistakes from tau up: {_confident(before, tau):,} of the original model, "
            f"{_confident(after, tau):,} of this one (seed {firsts[arm].seed}).",
            "Each model under its own fresh attack, successful perturbations only, as in figures 4 and 5 of the paper. "
            "Wrong answers right of the line are unknown unknowns.",
            before_after(before, after, tau, ("Original model", name)),
            _panels_table(key, title, before, after),
        )


def _confident(bins: Sequence[Bin], tau: float) -> int:
    return sum(wrong for low, _, _, wrong in bins if low >= tau - 1e-9)


def _bins_table(key: str, title: str, bins: Sequence[ConfidenceBin]) -> Table:
    rows: list[tuple[Sequence[str], dict[str, Value]]] = [
        (
            (f"{one.low:.1%} to {one.high:.1%}", f"{one.natural:,}", f"{one.adversarial:,}"),
            {"low": one.low, "high": one.high, "natural": one.natural, "perturbed": one.adversarial},
        )
        for one in bins
    ]
    heads = (Head("Confidence"), Head("Natural"), Head("Perturbed"))
    return table(key, title, "Wrong answers of the original model on validation.", heads, rows)


def _panels_table(key: str, title: str, before: Sequence[Bin], after: Sequence[Bin]) -> Table:
    rows: list[tuple[Sequence[str], dict[str, Value]]] = [
        (
            (f"{one[0]:.1%} to {one[1]:.1%}", *(f"{count:,}" for count in (*one[2:], *other[2:]))),
            {
                "low": one[0],
                "high": one[1],
                "before_right": one[2],
                "before_wrong": one[3],
                "after_right": other[2],
                "after_wrong": other[3],
            },
        )
        for one, other in zip(before, after, strict=True)
    ]
    heads = (
        Head("Confidence"),
        Head("Right", "original model"),
        Head("Wrong", "original model"),
        Head("Right", "retrained"),
        Head("Wrong", "retrained"),
    )
    return table(key, title, "Successful perturbations.", heads, rows)
