"""The paper's tables 4 to 7 for any perturbation sets, side by side: for the page, a terminal, CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from tabulate import tabulate

from bsm_core.domain.attacks import AttackTally, UnknownTally
from bsm_core.domain.unknowns import PerturbationRecipe, PerturbationSet
from bsm_core.legible import one_line
from bsm_core.metrics.attack import AttackStatistics, statistics_of
from bsm_core.ports import Store

NONE = "–"


@dataclass(frozen=True, slots=True)
class AttackColumn:
    """One set, or one label of it; ``label`` None is all labels together."""

    chosen: PerturbationSet
    arm: str
    label: str | None
    statistics: AttackStatistics
    unknowns: UnknownTally


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table. ``help`` says it in plain words; ``told`` writes the cell."""

    key: str
    title: str
    help: str
    told: Callable[[AttackColumn], str]


def _percent(value: float | None) -> str:
    return NONE if value is None else f"{value:.1%}"


def _decimal(value: float | None) -> str:
    return NONE if value is None else f"{value:,.1f}"


def _of_search(column: AttackColumn, told: str) -> str:
    """Nothing was searched for imported pairs."""
    return NONE if column.chosen.recipe is PerturbationRecipe.IMPORTED else told


def _invalid(column: AttackColumn) -> str:
    share = column.unknowns.invalid_share
    if share is None:
        return "not judged" if column.unknowns.raw else NONE
    return f"{share:.0%} ({column.unknowns.invalid:,} of {column.unknowns.judged:,})"


MEASURES = (
    Measure(
        "texts",
        "Texts",
        "Attacked, or skipped because the model was wrong already.",
        lambda one: f"{one.statistics.size:,}",
    ),
    Measure(
        "original_accuracy",
        "Original accuracy",
        "Texts the model gets right as they stand.",
        lambda one: _percent(one.statistics.original_accuracy),
    ),
    Measure(
        "accuracy_under_attack",
        "Accuracy under attack",
        "Texts it still gets right after the attack.",
        lambda one: _percent(one.statistics.accuracy_under_attack),
    ),
    Measure(
        "attack_success_rate",
        "Attack success rate",
        "Of the texts that were right: those the attack made wrong.",
        lambda one: _percent(one.statistics.success_rate),
    ),
    Measure(
        "perturbed_words",
        "Perturbed words",
        "When it succeeded: the share of a text's words it changed, on average.",
        lambda one: _percent(one.statistics.perturbed_words),
    ),
    Measure(
        "words_per_input",
        "Words per input",
        "The length of a text, on average.",
        lambda one: _decimal(one.statistics.words_per_input),
    ),
    Measure(
        "queries_per_text",
        "Average number of queries",
        "How often the model was asked about an attacked text, on average.",
        lambda one: _of_search(one, _decimal(one.statistics.queries)),
    ),
    Measure(
        "unknown_unknowns",
        "Unknown unknowns",
        "Wrong after the attack with a confidence of at least tau, without those judged invalid.",
        lambda one: f"{one.unknowns.counted:,}",
    ),
    Measure(
        "invalid_share",
        "Judged invalid",
        "Of those that were judged: texts whose label is no longer right.",
        _invalid,
    ),
    Measure(
        "errors",
        "Broken off",
        "Texts on which the attack itself failed; they count in no row above.",
        lambda one: f"{one.statistics.errors:,}",
    ),
    Measure(
        "total_queries",
        "Total queries",
        "Questions to the model, all texts together.",
        lambda one: _of_search(one, f"{one.statistics.total_queries:,}"),
    ),
    Measure(
        "seconds",
        "Seconds",
        "Each text's own time, added up; many at once on a GPU share it.",
        lambda one: _of_search(one, f"{one.statistics.seconds:,.1f}"),
    ),
)


def attack_columns(
    store: Store, sets: Sequence[PerturbationSet], tau: float, *, by_label: bool = False
) -> list[AttackColumn]:
    """Each set as a whole, and with ``by_label`` each of its labels after it; sets in the order given."""
    tallies = store.perturbations.tallies([one.set_id for one in sets], tau)
    columns = []
    for one in sets:
        own = [tally for tally in tallies if tally.set_id == one.set_id]
        attack = reduce(AttackTally.__add__, (tally.attack for tally in own), AttackTally())
        unknowns = reduce(UnknownTally.__add__, (tally.unknowns for tally in own), UnknownTally())
        arm = store.models.get(one.model_id).arm.value
        columns.append(AttackColumn(one, arm, None, statistics_of(attack), unknowns))
        if by_label:
            names = store.studies.get(one.study_id).task.label_names
            columns += [
                AttackColumn(one, arm, names[tally.label], statistics_of(tally.attack), tally.unknowns) for tally in own
            ]
    return columns


def attack_records(columns: Sequence[AttackColumn], tau: float) -> list[dict[str, Any]]:
    """A flat record a column. Shares are in [0, 1] and unrounded; ``label`` is empty for all labels together."""
    return [_record(column, tau) for column in columns]


def attack_csv(records: Sequence[dict[str, Any]]) -> str:
    """With a header; figures over no texts are empty."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(records[0]) if records else ["set_id"])
    writer.writeheader()
    writer.writerows(records)
    return stream.getvalue()


def attack_text(columns: Sequence[AttackColumn], tau: float) -> str:
    """For a terminal: a row a measure, a column a set or label."""
    headers = ["", *(_heading(column) for column in columns)]
    rows = [[measure.title, *(measure.told(column) for column in columns)] for measure in MEASURES]
    return f"{tabulate(rows, headers, disable_numparse=True)}\n\nUnknown unknowns at tau {tau:g}."


def _heading(column: AttackColumn) -> str:
    one = column.chosen
    lines = [one.set_id, one.recipe, one.goal, f"{column.arm}, {one.split}", f"seed {one.seed}"]
    return "\n".join([*lines, one_line(column.label or "all labels", 24)])


def _record(column: AttackColumn, tau: float) -> dict[str, Any]:
    one, statistics, unknowns = column.chosen, column.statistics, column.unknowns
    return {
        "set_id": one.set_id,
        "model_id": one.model_id,
        "arm": column.arm,
        "split": one.split.value,
        "recipe": one.recipe.value,
        "goal": one.goal,
        "side": one.side.value,
        "seed": one.seed,
        "label": column.label or "",
        "texts": statistics.size,
        "successful": statistics.successful,
        "failed": statistics.failed,
        "skipped": statistics.skipped,
        "errors": statistics.errors,
        "original_accuracy": statistics.original_accuracy,
        "accuracy_under_attack": statistics.accuracy_under_attack,
        "attack_success_rate": statistics.success_rate,
        "perturbed_words": statistics.perturbed_words,
        "words_per_input": statistics.words_per_input,
        "queries_per_text": statistics.queries,
        "tau": tau,
        "unknown_unknowns": unknowns.counted,
        "judged": unknowns.judged,
        "judged_invalid": unknowns.invalid,
        "invalid_share": unknowns.invalid_share,
        "total_queries": statistics.total_queries,
        "seconds": statistics.seconds,
    }
