"""Seen and unseen blind spots apart: are those that nobody saw removed as well?"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.forest import ForestLine, forest
from bsm_core.domain.comparison import PRIMARY, Endpoint
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.locations import SHARE, Part
from bsm_core.domain.studies import Study
from bsm_core.metrics.effects import Effect
from bsm_core.metrics.verdicts import p_words, range_words
from bsm_core.report.seen_unseen import cautions, claim
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.comparison_table import STYLE
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.text import html
from bsm_core.workbench import Workbench
from bsm_core.workflow.compare import Comparison
from bsm_core.workflow.seen_unseen import PLACED_ENDPOINTS, SeenUnseen, seen_unseen

SEEN_HELP = (
    "Blind spots are found on validation, and hypotheses are written about them. A mistake on test is in a seen blind "
    "spot when it lies near one of them, and unseen when it lies near none. The paper claims that the unseen ones are "
    "removed as well: that the samples teach more than the spots they were written for."
)
_PARTS = {Part.SEEN: "Seen", Part.UNSEEN: "Unseen"}
_ENDPOINTS = {Endpoint.FRESH: "Fresh attack", Endpoint.FROZEN: "Frozen set", Endpoint.NATURAL: "Natural"}
_HEAD = (
    ("Arm", ""),
    ("Blind spots", ""),
    ("Before", "mean count"),
    ("After", "mean count"),
    ("Change", "95% interval"),
    ("p", "after Holm"),
    ("Verdict", ""),
)


def show_spots(workbench: Workbench, study: Study, found: Comparison, tau: float) -> None:
    """The answer in words, a chart, the table; before that, what is still to be done."""
    st.markdown("##### Seen and unseen blind spots", help=SEEN_HELP)
    if job_panel(workbench, study.study_id, [JobKind.LOCATE]):
        return
    told = seen_unseen(workbench.store, found, tau)
    if told is None:
        _not_yet(workbench, study.study_id)
        return
    if workbench.locating.is_stale(study.study_id):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning("Mistakes came, or blind spots changed, since the texts were placed.", icon=":material/history:")
            _button(workbench, study.study_id, "Place them again")
    st.markdown(
        "\n".join(
            f"- **{_PARTS[part]}:** {said}"
            for part, said in zip(Part, claim(told, words.ARMS.__getitem__), strict=True)
        )
    )
    endpoint = st.segmented_control(
        "Unknown unknowns",
        list(PLACED_ENDPOINTS),
        default=PRIMARY,
        key="spots-endpoint",
        required=True,
        format_func=lambda one: _ENDPOINTS[one],
    )
    _chart(told, endpoint or PRIMARY)
    _table(told, endpoint or PRIMARY)
    for caution in cautions(told):
        st.caption(caution)
    _radii(told)


def _not_yet(workbench: Workbench, study_id: str) -> None:
    model = workbench.store.models.baseline(study_id)
    if model is None or workbench.store.blind_spots.latest(model.model_id) is None:
        st.info(
            "No blind spots were looked for yet. Find them on validation first; then every mistake on test can be "
            "placed in one of them, or outside all.",
            icon=":material/bubble_chart:",
        )
        session.link("spots", "Find blind spots")
        return
    st.info(
        "The mistakes on test are not placed yet. An encoder reads the texts that fooled a model, and each goes to the "
        "nearest blind spot, or to none. No model has to answer anything: it is no further look at test.",
        icon=":material/pin_drop:",
    )
    _button(workbench, study_id, "Place the mistakes")


def _button(workbench: Workbench, study_id: str, title: str) -> None:
    st.button(title, icon=":material/pin_drop:", key="spots-locate", on_click=_start, args=(workbench, study_id))


def _start(workbench: Workbench, study_id: str) -> None:
    if shell.attempt(workbench.locating.start, study_id):
        session.flash("The mistakes are being placed in the background. You can leave the page.")


def _chart(told: SeenUnseen, endpoint: Endpoint) -> None:
    series = [(_PARTS[part], _lines(told.effects[part][endpoint])) for part in Part]
    if not any(lines for _, lines in series):
        return
    st.plotly_chart(
        forest(series, "Change in unknown unknowns against the original model", percent=True),
        key="spots-forest",
        config=theme.CONFIG,
        alt="Change of unknown unknowns with 95% intervals, in seen and in unseen blind spots, one row an arm",
    )
    st.caption(
        "Left of the line: fewer. Filled marks differ from the original by more than chance, hollow ones do not."
    )


def _lines(effects: Sequence[Effect]) -> list[ForestLine]:
    """Arms whose change has an interval: where the original had next to none there is no percentage to draw."""
    return [
        ForestLine(
            words.ARMS[one.arm],
            one.change,
            span.low,
            span.high,
            one.resolved,
            f"{one.before:,.4g} before, {one.after:,.4g} after",
        )
        for one in effects
        if one.change is not None and (span := one.intervals.change) is not None
    ]


def _table(told: SeenUnseen, endpoint: Endpoint) -> None:
    head = "".join(f"<th>{html(title)}<small>{html(sub)}</small></th>" for title, sub in _HEAD)
    both = zip(told.effects[Part.SEEN][endpoint], told.effects[Part.UNSEEN][endpoint], strict=True)
    body = "".join(_row(one, part) for pair in both for part, one in zip(Part, pair, strict=True))
    st.html(STYLE + f'<div class="bsm-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')
    st.caption(
        "Every text stays in both parts; what is split is what a model's mistake on it counts as. So seen and unseen "
        "add up to all, and p is adjusted for the number of arms in each part on its own. This is exploration: the "
        "comparison that decides is the one over all."
    )


def _row(effect: Effect, part: Part) -> str:
    change, interval = effect.change, effect.intervals.change
    shown = f"{effect.difference:+.3g}" if change is None else f"{change:+.0%}"
    span = f"<small>{range_words(interval)}</small>" if interval and change is not None else ""
    kind = ("clear" if effect.fewer else "worse") if effect.resolved else ""
    told = ("fewer" if effect.fewer else "more") if effect.resolved else "not resolvable"
    cells = (
        f"<b>{html(words.ARMS[effect.arm])}</b>" if part is Part.SEEN else "",
        _PARTS[part].lower(),
        f"{effect.before:,.4g}",
        f"{effect.after:,.4g}",
        f"<b>{shown.replace('-', '−')}</b>{span}",
        p_words(effect.adjusted),
        f'<small class="{kind}">{told}</small>',
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _radii(told: SeenUnseen) -> None:
    """The same counts with narrower and with wider spots."""
    with st.expander("Does it hang on how far a spot reaches?", icon=":material/radar:"):
        shares = sorted(told.counts)
        head = "<th>Arm</th>" + "".join(
            f"<th>{share:.0%} of its members<small>seen + unseen</small></th>" for share in shares
        )
        rows = "".join(
            "<tr>"
            + f"<td><b>{html(words.ARMS[one.arm])}</b></td>"
            + "".join(
                f"<td>{some[at].seen:,.4g} + {some[at].unseen:,.4g}</td>"
                for some in map(told.counts.get, shares)
                if some
            )
            + "</tr>"
            for at, one in enumerate(told.counts[SHARE])
        )
        st.html(
            STYLE + f'<div class="bsm-table"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        )
        st.caption(
            f"Mean counts of fresh unknown unknowns, for spots that reach as far as so many of their own members. The "
            f"figures above are at {SHARE:.0%}. {words.count(len(told.locating.regions), 'spot')}, "
            f"{words.count(told.locating.items, 'mistake')} placed."
        )
