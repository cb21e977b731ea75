"""Fresh UUs as the judged sample corrects them: a perturbed text that lost its label fools nobody."""

from __future__ import annotations

import streamlit as st

from bsm_core.metrics.preserved import PreservedCount, preserved_count
from bsm_core.ui import session, words
from bsm_core.ui.components.comparison_table import STYLE
from bsm_core.ui.components.corrected import CORRECTED
from bsm_core.ui.text import html
from bsm_core.workbench import Workbench
from bsm_core.workflow.compare import Comparison

_HEAD = (
    ("Arm", ""),
    ("Raw", "fresh UUs"),
    ("Corrected", "95% interval"),
    ("Even at", "share of the arm's UUs without their label"),
)


def show_labels(workbench: Workbench, study_id: str, found: Comparison, tau: float) -> None:
    """Raw and corrected counts side by side; leads to judging while nobody has judged."""
    original = found.original
    if original is None:
        return
    judged = workbench.judging.corrected(study_id, original.evaluation.model_id, tau)
    share = judged.invalid_share
    if share is None:
        st.info(
            "Nobody has judged whether perturbed texts keep their label, so the counts are raw. Judge a sample of the "
            "original model's on validation; the correction is then carried over to here.",
            icon=":material/gavel:",
        )
        session.link("discover", "Judge a sample")
        return
    rows = [_row(words.ARMS[original.arm], preserved_count(original.fresh, judged), share)]
    rows += [_row(words.ARMS[one.arm], preserved_count(one.after, judged, one.before), share) for one in found.primary]
    head = "".join(f"<th>{html(title)}<small>{html(sub)}</small></th>" for title, sub in _HEAD)
    st.html(
        STYLE
        + f'<div class="bsm-table"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )
    st.caption(
        f"{judged.invalid:,} of {judged.judged:,} judged texts have lost their label: {share:.0%}. They are of the "
        "original model's UUs on validation; the same share is taken for every model's attack on test, which stays "
        "sealed. Corrected so, the change in percent is the same as the raw one. “Even at”: were this share of the "
        "arm's UUs without their label, and the original's as judged, both would have the same number left.",
        help=CORRECTED,
    )


def _row(name: str, told: PreservedCount, share: float) -> str:
    even = "–" if told.break_even is None else f"{told.break_even:.0%}<small>judged: {share:.0%}</small>"
    cells = (
        f"<b>{html(name)}</b>",
        f"{told.raw:,.4g}",
        f"<b>≈ {told.estimate:,.0f}</b><small>{told.interval.low:,.0f} to {told.interval.high:,.0f}</small>",
        even,
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
