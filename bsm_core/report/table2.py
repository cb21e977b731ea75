"""Table 2 of all comparisons of a workspace, for a terminal and as JSON, the paper's averages beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tabulate import tabulate

from bsm_core.domain.arms import Arm
from bsm_core.domain.paper import Reported
from bsm_core.metrics.arm_means import ArmMean
from bsm_core.workflow.table2 import Table2Row, table2_averages

NONE = "–"
_HEADERS = (
    "task",
    "classifier",
    "attack",
    "arm",
    "seeds",
    "accuracy",
    "UUs",
    "change",
    "95% interval",
    "paper's UUs",
)


def table2_text(rows: Sequence[Table2Row], reported: Reported) -> str:
    """One line an arm of every comparison, then both averages."""
    if not rows:
        return "Table 2: no comparison yet; take a preset through the loop with `run`, or run an `experiment`."
    lines = []
    for row in rows:
        for place, one in enumerate(row.arms):
            head = [row.task, row.classifier, row.recipe] if place == 0 else ["", "", ""]
            papers = papers_cell(row, one.arm, reported)
            lines.append([*head, one.arm.value, one.seeds, f"{one.accuracy:.1%}", *_counted(one), papers])
    averaged = [
        [arm.value, both.cells, f"{both.pooled:+.0%}", f"{both.mean_of_cells:+.0%}", _share(reported.average(arm))]
        for arm, both in table2_averages(rows).items()
    ]
    return "\n".join(
        [
            "Table 2: unknown unknowns on test after a fresh attack",
            tabulate(lines, _HEADERS),
            "",
            "Averages of the change against ORIGINAL, by name",
            tabulate(averaged, ["arm", "cells", "pooled", "mean of cells", "the paper's"]),
            f"The paper's figures are from {reported.source}, on other data, models and attacks.",
        ]
    )


def table2_json(rows: Sequence[Table2Row], reported: Reported) -> dict[str, Any]:
    """Unrounded; the paper's figures under a key of their own."""
    return {
        "rows": [
            {
                "study": row.study,
                "experiment": row.experiment or None,
                "task": row.task,
                "classifier": row.classifier,
                "recipe": row.recipe,
                "tau": row.tau,
                "attacked": row.attacked,
                "arms": [_arm_json(one) for one in row.arms],
            }
            for row in rows
        ],
        "averages": {
            arm.value: {"cells": both.cells, "pooled": both.pooled, "mean_of_cells": both.mean_of_cells}
            for arm, both in table2_averages(rows).items()
        },
        "the_papers": {
            "source": reported.source,
            "averages": {one.arm.value: one.change for one in reported.averages},
            "cells": len(reported.cells),
        },
    }


def papers_cell(row: Table2Row, arm: Arm, reported: Reported) -> str:
    """The paper's count of the same task, classifier, attack and arm; a dash where it is not at hand."""
    found = reported.cell(row.task, row.classifier, row.recipe, arm)
    return NONE if found is None else f"{found.unknowns:,}"


def _counted(one: ArmMean) -> list[str]:
    count = f"{one.fresh:.4g}"
    effect = one.effect
    if effect is None or effect.change is None or effect.intervals.change is None:
        return [count, "", ""]
    interval = effect.intervals.change
    clear = "" if effect.resolved else " (not resolvable)"
    return [count, f"{effect.change:+.0%}{clear}", f"{interval.low:+.0%} to {interval.high:+.0%}"]


def _arm_json(one: ArmMean) -> dict[str, Any]:
    effect = one.effect
    interval = effect.intervals.change if effect else None
    return {
        "arm": one.arm.value,
        "seeds": one.seeds,
        "added": one.budget,
        "accuracy": one.accuracy,
        "natural": one.natural,
        "frozen": one.frozen,
        "fresh": one.fresh,
        "change": effect.change if effect else None,
        "interval": [interval.low, interval.high] if interval else None,
        "resolved": effect.resolved if effect else None,
    }


def _share(value: float | None) -> str:
    return NONE if value is None else f"{value:+.0%}"
