"""Table 3 of the paper in form: the controlled check for a terminal, the page and JSON."""

from __future__ import annotations

from typing import Any

from tabulate import tabulate

from bsm_core.domain.controlled import CONTROLS, Change, ControlledResult, Count, Mistakes, Row, SpotKind, Treatment
from bsm_core.workflow.controlled import to_dict
from bsm_core.workflow.controlled_verdict import verdict

NONE = "–"

COLUMNS = (
    "variant",
    "accuracy",
    "UUs on praise",
    "UUs on blame",
    "UUs elsewhere",
    "terms found",
    "UUs that are planted",
    "spots found",
    "fewer than before",
    "fewer than trained on",
)
REMOVALS = (
    "variant",
    "UUs on",
    "fewer than before",
    "than untargeted samples",
    "chance (p)",
    "than more training",
    "chance (p)",
    "of what planting added",
)


def controlled_rows(result: ControlledResult) -> list[list[str]]:
    """A row a variant, in the order of COLUMNS; behind the arrow is what golden samples leave."""
    return [_row(row) for row in result.rows]


def _row(row: Row) -> list[str]:
    after = dict(row.after).get(Treatment.GOLDEN, Mistakes())
    before = row.before
    removal = row.removals[0] if row.removals else None
    return [
        row.variant.value,
        _accuracy(before.right, after.right),
        counted(before.praise, after.praise),
        counted(before.blame, after.blame),
        counted(before.other, after.other),
        share(row.recall),
        share(row.precision),
        f"{row.spots.count} of {row.spots.size}",
        _percent(removal.of_before) if removal else NONE,
        _percent(removal.of_controls[CONTROLS.index(Treatment.MORE_TRAINING)]) if removal else NONE,
    ]


def removal_rows(result: ControlledResult) -> list[list[str]]:
    """What golden samples remove, in the order of REMOVALS."""
    rows = []
    for row in result.rows:
        for removal in row.removals:
            kinds = " and ".join(_NAMES[kind] for kind in row.variant.plants if removal.kind in (None, kind))
            cells = [row.variant.value, kinds, change(removal.of_before)]
            for place in range(len(CONTROLS)):
                cells += [change(removal.of_controls[place]), _chance(removal.p[place])]
            rows.append([*cells, change(removal.of_planted)])
    return rows


_NAMES = {SpotKind.P: "praise", SpotKind.N: "blame"}


def counted(before: Count, after: Count) -> str:
    """``80 → 40 of 200``; without the arrow where nothing was done."""
    if before.share is None:
        return NONE
    told = f"{before.count:,} → {after.count:,}" if after.size else f"{before.count:,}"
    return f"{told} of {before.size:,}"


def share(count: Count) -> str:
    return NONE if count.share is None else f"{count.share:.0%} ({count.count} of {count.size:,})"


def change(found: Change) -> str:
    if found.share is None:
        return NONE
    if found.low is None or found.high is None:
        return f"{found.share:.0%} (no interval)"
    return f"{found.share:.0%} ({found.low:.0%} to {found.high:.0%})"


def _chance(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _percent(found: Change) -> str:
    return NONE if found.share is None else f"{found.share:.0%}"


def _accuracy(before: Count, after: Count) -> str:
    if before.share is None:
        return NONE
    return f"{before.share:.1%}" if after.share is None else f"{before.share:.1%} → {after.share:.1%}"


def controlled_text(result: ControlledResult) -> str:
    """Table 3 with intervals, what golden samples remove, and the verdict."""
    plan = result.plan
    seeds = ", ".join(str(seed) for seed in plan.seeds)
    head = (
        f"Controlled check (appendix C): {plan.terms} opinion terms a side, of which {result.terms[0]} positive and "
        f"{result.terms[1]} negative ones can be planted, and half of them are; planting: {plan.planting}; "
        f"seeds {seeds}; tau {plan.tau:g}.\n"
        "Counts are sums over seeds, before and after (→) golden samples; brackets hold 95% intervals."
    )
    table = tabulate(controlled_rows(result), COLUMNS, disable_numparse=True)
    removed = tabulate(removal_rows(result), REMOVALS, disable_numparse=True)
    return f"{head}\n\n{table}\n\nUUs that golden samples remove\n{removed}\n\n{verdict(result).text}"


def controlled_json(result: ControlledResult) -> dict[str, Any]:
    found = verdict(result)
    told = {
        "planted": found.planted.value,
        "found": found.found.value,
        "removed": found.removed.value,
        "text": found.text,
    }
    return {"verdict": told, **to_dict(result)}
