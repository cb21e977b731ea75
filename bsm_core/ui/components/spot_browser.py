"""Blind spots as one fragment: the map on the left, the list on the right, and below what was chosen in either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from bsm_core.charts.spot_map import CONFIG, MOST_DRAWN, MapColor, spot_map
from bsm_core.domain.studies import Study
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.spot_detail import spot_detail
from bsm_core.ui.components.spot_edits import edit_bar
from bsm_core.ui.components.spot_list import spot_list
from bsm_core.ui.components.spot_members import choice_detail
from bsm_core.workbench import Workbench
from bsm_core.workflow.spot_overview import SpotOverview

_COLORS = {MapColor.SPOT: "blind spot", MapColor.LABELS: "labels", MapColor.CONFIDENCE: "confidence"}
_UNDRAWN = "spots-map-drawn"


@st.fragment
@shell.guarded
def spot_browser(workbench: Workbench, study_id: str, editable: bool) -> None:
    """Read anew at each move. ``editable``: no clustering is under way that edits would be lost in."""
    study = workbench.store.studies.get(study_id)
    found = workbench.spots.overview(study_id)
    if found is None:
        return
    opened = session.param("spot")
    opened = opened if opened and found.figures(opened) else None
    session.put(spot=opened)
    _figures(found)
    left, right = st.columns(2, gap="medium")
    with left:
        chosen = _map(study, found, opened)
    with right:
        edit_bar(workbench, study_id, found, editable)
        spot_list(study, found, opened, on_open=forget_choice)
    if chosen:
        choice_detail(workbench, study, found, chosen, on_clear=forget_choice)
    elif opened:
        spot_detail(workbench, study, found, opened, editable)
    else:
        st.caption("Click a spot in the list to open it, or draw a line around some points of the map.")


def forget_choice() -> None:
    """Callback: nothing is chosen on the map any more. It is a new widget then, since Streamlit cannot be told."""
    st.session_state[_UNDRAWN] = st.session_state.get(_UNDRAWN, 0) + 1


def _figures(found: SpotOverview) -> None:
    alone = len(found.points) - len(found.spot_of)
    covered = sum(one.coverage.hypotheses > 0 for one in found.spots)
    approved = sum(one.coverage.approved > 0 for one in found.spots)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{words.count(len(found.spots), 'blind spot')}** of {words.count(len(found.points), 'unknown unknown')}",
            width="content",
            help=words.BLIND_SPOT,
        )
        if alone:
            st.badge(f"{alone:,} in no spot", icon=":material/scatter_plot:", color="gray", help=words.NO_SPOT)
        st.badge(f"{covered} with hypotheses", icon=":material/psychology:", color="blue", help=words.COVERAGE)
        st.badge(f"{approved} with approved samples", icon=":material/task_alt:", color="green", help=words.COVERAGE)


def _map(study: Study, found: SpotOverview, opened: str | None) -> Sequence[str]:
    """Draws it; returns the items that were chosen on it."""
    color = st.segmented_control(
        "Color by",
        list(MapColor),
        default=MapColor.SPOT,
        required=True,
        format_func=lambda one: _COLORS[one],
        key=f"spots-color-{study.study_id}",
        persist_state="session",
    )
    key = f"spots-map-{study.study_id}-{color}-{st.session_state.get(_UNDRAWN, 0)}"
    event: Any = st.plotly_chart(
        spot_map(
            found.points,
            [(one.spot.spot_id, one.spot.name) for one in found.spots],
            found.spot_of,
            study.task.label_names,
            color or MapColor.SPOT,
            opened,
        ),
        key=key,
        config=CONFIG,
        on_select="rerun",
        selection_mode=["points", "box", "lasso"],
        alt="Map of the unknown unknowns; the list beside it says the same in words",
    )
    told = "Near on the map: alike, by and large. Distances between groups mean little."
    if len(found.points) > MOST_DRAWN:
        told += f" Of {len(found.points):,} texts about {MOST_DRAWN:,} are drawn."
    st.caption(told)
    known = {point.item_id for point in found.points}
    ids = [_item(point.get("customdata")) for point in event["selection"]["points"]]
    return [item for item in dict.fromkeys(ids) if item in known]


def _item(customdata: object) -> str:
    """A point's item id; Plotly gives it alone or in a list."""
    return str(customdata[0] if isinstance(customdata, list) and customdata else customdata)
