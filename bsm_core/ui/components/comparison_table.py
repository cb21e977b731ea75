"""The paper's table 2 for this study: every model against ORIGINAL, with intervals and careful words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.arms import Arm, EvaluationResult
from bsm_core.metrics.comparison import ComparisonRow, Measure
from bsm_core.ui import words
from bsm_core.ui.text import html

STYLE = """<style>
.bsm-table { overflow-x: auto; }
.bsm-table table { border-collapse: collapse; width: 100%; font-size: .93rem; font-variant-numeric: tabular-nums; }
.bsm-table th { text-align: left; font-weight: 600; font-size: .82rem; vertical-align: bottom;
  padding: .4em .9em .5em .5em; border-bottom: 2px solid light-dark(#c9cfd6, #414955); }
.bsm-table th small { display: block; font-weight: 400; opacity: .72; }
.bsm-table td { padding: .55em .9em .55em .5em; vertical-align: top;
  border-bottom: 1px solid light-dark(#e4e7eb, #2a313b); }
.bsm-table td b { font-size: 1.06rem; }
.bsm-table td small { display: block; opacity: .75; white-space: nowrap; }
.bsm-table tr.first td { background: light-dark(#f1f3f5, #1a1f26); }
.bsm-table .clear { color: light-dark(#1d6b51, #5cc7a0); font-weight: 600; opacity: 1; }
.bsm-table .worse { color: light-dark(#a8480a, #f3a15b); font-weight: 600; opacity: 1; }
</style>"""

_COLUMNS = (
    ("Model", ""),
    ("Added", "texts"),
    ("Accuracy", "clean test texts"),
    ("Natural UUs", "on clean test texts"),
    ("Frozen UUs", "Original's perturbed texts, replayed"),
    ("Fresh UUs", "after a new attack on this model"),
    ("Under attack", "accuracy after the new attack"),
)


def model_names(results: Sequence[EvaluationResult]) -> list[str]:
    """One short name a model, in our own words; several of one arm are told apart by their seeds, or numbered in order
    of training where seeds repeat."""
    total, seen = Counter(result.arm for result in results), Counter[Arm]()
    seeds = {arm: {result.seed for result in results if result.arm is arm} for arm in total}
    names = []
    for result in results:
        seen[result.arm] += 1
        which = f"seed {result.seed}" if len(seeds[result.arm]) == total[result.arm] else f"{seen[result.arm]}"
        names.append(words.ARMS[result.arm] + (f" ({which})" if total[result.arm] > 1 else ""))
    return names


def show_comparison(rows: Sequence[ComparisonRow]) -> None:
    """Table 2. Numbers and our own words only."""
    st.html(STYLE + comparison_html(rows))


def comparison_html(rows: Sequence[ComparisonRow]) -> str:
    """The markup of ``show_comparison``."""
    head = "".join(f"<th>{html(title)}<small>{html(sub)}</small></th>" for title, sub in _COLUMNS)
    names = model_names([row.result for row in rows])
    original = next((row.correct.share for row in rows if row.is_original), None)
    body = "".join(_row(name, row, original) for name, row in zip(names, rows, strict=True))
    return f'<div class="bsm-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _row(name: str, row: ComparisonRow, original_accuracy: float | None) -> str:
    result = row.result
    cells = (
        f"<b>{html(name)}</b><small>seed {result.seed}</small>",
        "–" if row.is_original else f"+{result.budget:,}",
        _accuracy(row.correct, original_accuracy),
        _count(row.natural),
        _count(row.frozen),
        _count(row.fresh),
        f"{result.accuracy_under_attack:.1%}",
    )
    kind = ' class="first"' if row.is_original else ""
    return f"<tr{kind}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _accuracy(measure: Measure, original: float | None) -> str:
    first = f"<b>{measure.share:.1%}</b><small>{_interval(measure)}</small>"
    if measure.resolvable is None or original is None:
        return first
    points = 100 * (measure.share - original)
    return first + _mark(measure, f"{points:+.1f} points".replace("-", "−"), better=points > 0)


def _count(measure: Measure) -> str:
    first = f"<b>{measure.count:,}</b> of {measure.size:,}<small>{measure.share:.1%}, {_interval(measure)}</small>"
    if measure.change is None or measure.resolvable is None:
        return first
    told = "no change" if measure.change == 0 else f"{measure.change:+.0%}".replace("-", "−")
    return first + _mark(measure, told, better=measure.change < 0)


def _mark(measure: Measure, told: str, *, better: bool) -> str:
    if not measure.resolvable:
        return f"<small>{told} · not resolvable</small>"
    sign = "▼" if measure.change and measure.change < 0 else "▲"
    return f'<small class="{"clear" if better else "worse"}">{sign} {told}</small>'


def _interval(measure: Measure) -> str:
    return f"{measure.interval.low:.0%} to {measure.interval.high:.0%}"
