"""Every paired test, against ORIGINAL or against relabelling, with interval and what would resolve it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

from bsm_core.domain.arms import Arm
from bsm_core.domain.comparison import PRIMARY, Endpoint
from bsm_core.metrics.effects import Effect
from bsm_core.metrics.verdicts import needed, p_words, range_words
from bsm_core.ui import session, words
from bsm_core.ui.components.comparison_table import STYLE
from bsm_core.ui.text import html
from bsm_core.workflow.compare import Comparison

ENDPOINTS = {
    Endpoint.FRESH: "Fresh UUs",
    Endpoint.FROZEN: "Frozen UUs",
    Endpoint.NATURAL: "Natural UUs",
    Endpoint.WRONG: "Wrong answers",
}
_NOTES = {
    Endpoint.FRESH: "Each model under its own attack, text by text. This is the primary endpoint against the original.",
    Endpoint.FROZEN: "The perturbed texts that fooled the original model, by construction: every arm looks better.",
    Endpoint.NATURAL: "Clean test texts as they stand in the data.",
    Endpoint.WRONG: "Clean test texts answered wrongly, however unsure: the price in accuracy.",
}
Choice = TypeVar("Choice", Endpoint, Arm)
_REFERENCES = {Arm.ORIGINAL: "the original model", Arm.RELABEL: "relabelling"}
_HEAD = (
    ("Arm", ""),
    ("Before", "mean count"),
    ("After", "mean count"),
    ("Change", "95% interval"),
    ("Changed texts", "only before / only after"),
    ("p", "on its own"),
    ("p", "after Holm"),
    ("Verdict", ""),
)


def show_tests(found: Comparison) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        endpoint = _choose("endpoint", ENDPOINTS, PRIMARY, "What is counted")
    with right:
        reference = _choose("against", _REFERENCES, Arm.ORIGINAL, "Compared with")
    compared = found.against(reference, endpoint)
    if not compared:
        st.info(f"No other arm was evaluated on the same texts as {_REFERENCES[reference]}.", icon=":material/rule:")
        return
    st.html(STYLE + f'<div class="bsm-table">{_table(compared)}</div>')
    seeds = max(len(effect.tests) for effect in compared)
    st.caption(
        f"{_NOTES[endpoint]} {compared[0].size:,} texts, paired. "
        + ("Counts are means over an arm's seeds; the change is the ratio of the means. " if seeds > 1 else "")
        + "Intervals: 2,000 bootstrap resamples of texts and seeds. Test: "
        + ("sign flips over texts, each keeping its seeds together." if seeds > 1 else "McNemar, exact.")
    )
    if (endpoint, reference) != (PRIMARY, Arm.ORIGINAL):  # what would resolve that stands above
        told = {words.ARMS[effect.arm]: needed(effect) for effect in compared}
        st.markdown("\n".join(f"- **{name}**: {what}" for name, what in told.items() if what))


def _choose(name: str, titles: dict[Choice, str], default: Choice, label: str) -> Choice:
    """Kept in the address."""
    key = f"compare-{name}"
    wanted = session.param(name)
    st.session_state[key] = next((one for one in titles if one.value == wanted), default)
    chosen = st.segmented_control(
        label,
        list(titles),
        key=key,
        required=True,
        format_func=lambda one: titles[one],
        on_change=lambda: session.put(**{name: st.session_state[key].value}),
    )
    return chosen or default


def _table(compared: Sequence[Effect]) -> str:
    head = "".join(f"<th>{html(title)}<small>{html(sub)}</small></th>" for title, sub in _HEAD)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, compared))}</tbody></table>"


def _row(effect: Effect) -> str:
    seeds = f"<small>{len(effect.tests)} seeds, {effect.agreeing} agree</small>" if len(effect.tests) > 1 else ""
    change = "–" if effect.change is None else f"<b>{effect.change:+.0%}</b>".replace("-", "−")
    interval = effect.intervals.change
    span = f"<small>{range_words(interval)}</small>" if interval else ""
    kind = ("clear" if effect.fewer else "worse") if effect.resolved else ""
    told = ("fewer" if effect.fewer else "more") if effect.resolved else "not resolvable"
    only = "<br>".join(f"{one.only_before:,} / {one.only_after:,}" for one in effect.tests)
    cells = (
        f"<b>{html(words.ARMS[effect.arm])}</b>{seeds}",
        f"{effect.before:,.4g}",
        f"{effect.after:,.4g}",
        change + span,
        only,
        p_words(effect.p),
        p_words(effect.adjusted),
        f'<small class="{kind}">{told}</small>',
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
