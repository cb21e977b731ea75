"""Table 2 with one row an arm: means over seeds, and what may be said of each."""

from __future__ import annotations

import streamlit as st

from bsm_core.metrics.arm_means import ArmMean, arm_means
from bsm_core.metrics.effects import Effect
from bsm_core.metrics.verdicts import p_words
from bsm_core.ui import words
from bsm_core.ui.components.comparison_table import STYLE
from bsm_core.ui.text import html
from bsm_core.workflow.compare import Comparison

_COLUMNS = (
    ("Treatment", ""),
    ("Accuracy", "clean test texts"),
    ("Natural UUs", "on clean test texts"),
    ("Frozen UUs", "Original's perturbed texts, replayed"),
    ("Fresh UUs", "after a new attack on each model"),
    ("Change of fresh UUs", "against the original, 95% interval"),
)


def show_means(found: Comparison) -> None:
    """Numbers and our own words only."""
    head = "".join(f'<th scope="col">{html(title)}<small>{html(sub)}</small></th>' for title, sub in _COLUMNS)
    body = "".join(_row(one) for one in arm_means(found.results, found.primary))
    st.html(f'{STYLE}<div class="bsm-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')


def _row(one: ArmMean) -> str:
    seeds = words.count(one.seeds, "model")
    spread = "" if one.spread is None else f"<small>± {one.spread:.1f} between seeds</small>"
    added = f", +{one.budget:,} texts each" if one.budget else ""
    cells = (
        f"<b>{html(words.ARMS[one.arm])}</b><small>{seeds}{added}</small>",
        f"<b>{one.accuracy:.1%}</b>",
        f"<b>{one.natural:,.4g}</b>",
        f"<b>{one.frozen:,.4g}</b>",
        f"<b>{one.fresh:,.4g}</b>{spread}",
        "–" if one.effect is None else _change(one.effect),
    )
    kind = "" if one.effect else ' class="first"'
    return f"<tr{kind}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _change(effect: Effect) -> str:
    if effect.change is None or effect.intervals.change is None:
        return "–"
    interval = effect.intervals.change
    told = f"{effect.change:+.0%}".replace("-", "−")
    span = f"{interval.low:+.0%} to {interval.high:+.0%}".replace("-", "−")
    if not effect.resolved:
        return f"<b>{told}</b><small>{span}</small><small>not resolvable, p {p_words(effect.adjusted)}</small>"
    sign = "▼" if effect.fewer else "▲"
    kind = "clear" if effect.fewer else "worse"
    return (
        f"<b>{told}</b><small>{span}</small>"
        f'<small class="{kind}">{sign} more than chance, p {p_words(effect.adjusted)}</small>'
    )
