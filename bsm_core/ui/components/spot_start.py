"""Clustering the unknown unknowns: for the first time, again, and when what was clustered has changed."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.blind_spots import SpotMethod, SpotSettings, SpotSpace
from bsm_core.domain.studies import Study
from bsm_core.ui import session, shell, words
from bsm_core.ui.components import states
from bsm_core.workbench import Workbench
from bsm_core.workflow.cluster import usual_size
from bsm_core.workflow.spot_overview import Staleness

METHODS = {
    SpotMethod.KMEANS: (
        "A number of groups (k-means)",
        "Every text is in a spot, and there are as many as you ask for.",
    ),
    SpotMethod.HDBSCAN: (
        "Dense groups only (HDBSCAN)",
        "How many there are is found from the data; texts that lie apart are in no spot.",
    ),
}
SPACES = {
    SpotSpace.ENCODER: ("What texts are about", "A packaged sentence encoder: texts of one topic lie together."),
    SpotSpace.CLASSIFIER: (
        "What the classifier makes of them",
        "The classifier's own view: texts that it takes for alike lie together, whatever they are about.",
    ),
}
_SIZES = {
    SpotMethod.KMEANS: ("How many spots", "More spots are smaller and more alike inside."),
    SpotMethod.HDBSCAN: ("Smallest spot", "Groups of fewer texts count as stray texts."),
}


def not_clustered_yet(workbench: Workbench, study: Study) -> None:
    """The first time: the form; or, without enough UUs, where to get some."""
    count = _count(workbench, study)
    if count < 2:
        states.empty(
            "Nothing to cluster",
            f"At tau {study.tau:g} there {'is one unknown unknown' if count else 'are no unknown unknowns'} on "
            "validation: attack some texts first, or lower tau on Browse and pin it.",
            page="discover",
            label="Provoke mistakes",
        )
        return
    with st.container(border=True):
        st.markdown(f"#### :material/bubble_chart: {words.count(count, 'unknown unknown')}, not clustered yet")
        st.markdown("A blind spot is a group of them that lie together. Finding the groups takes a minute or less.")
        spot_form(workbench, study)


def spot_form(workbench: Workbench, study: Study) -> None:
    """What is alike, how to group, how finely; the button starts the job."""
    study_id, count = study.study_id, _count(workbench, study)
    last = workbench.spots.last_settings(study_id)
    left, middle, right = st.columns(3, gap="large")
    with left:
        space = st.selectbox(
            "Alike by",
            sorted(SpotSpace, key=lambda one: one is not last.space),
            format_func=lambda one: SPACES[one][0],
            key=f"spots-space-{study_id}",
        )
        space = space or last.space
        st.caption(SPACES[space][1])
    with middle:
        method = st.selectbox(
            "Groups",
            sorted(SpotMethod, key=lambda one: one is not last.method),
            format_func=lambda one: METHODS[one][0],
            key=f"spots-method-{study_id}",
        )
        method = method or last.method
        st.caption(METHODS[method][1])
    with right:
        usual = usual_size(method, count)
        title, help = _SIZES[method]
        size = st.number_input(
            title, 2, max(2, count), min(usual, max(2, count)), key=f"spots-size-{method}-{study_id}"
        )
        st.caption(help)
    st.button(
        "Find blind spots",
        type="primary",
        icon=":material/bubble_chart:",
        key="spots-start",
        on_click=_start,
        args=(workbench, study_id, method, space, int(size)),
        disabled=count < 2,
    )


def stale_note(workbench: Workbench, study_id: str, tau: float, staleness: Staleness) -> None:
    """What has changed since the clustering, with one press to do it again as it was done."""
    if not staleness.is_stale:
        return
    told = []
    if abs(tau - staleness.tau_now) > 1e-9:
        told.append(f"tau was {tau:g} and is {staleness.tau_now:g}")
    if staleness.came:
        told.append(f"{words.count(staleness.came, 'unknown unknown')} came since and {_be(staleness.came)} in no spot")
    if staleness.went:
        told.append(f"{words.count(staleness.went, 'text')} shown here {_be(staleness.went)} none any more")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(f"These spots are out of date: {'; '.join(told)}.", icon=":material/history:")
        st.button(
            "Cluster again",
            icon=":material/refresh:",
            key="spots-redo",
            help="As last time. Names that you gave stay where most of the texts stay together.",
            on_click=_redo,
            args=(workbench, study_id),
        )


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def _count(workbench: Workbench, study: Study) -> int:
    model = workbench.store.models.baseline(study.study_id)
    return len(workbench.store.blind_spots.unknown_ids(model.model_id, study.tau)) if model else 0


def _start(workbench: Workbench, study_id: str, method: SpotMethod, space: SpotSpace, size: int) -> None:
    _redo(workbench, study_id, SpotSettings(method, space, size))


def _redo(workbench: Workbench, study_id: str, settings: SpotSettings | None = None) -> None:
    if shell.attempt(workbench.spots.start, study_id, settings):
        session.put(spot=None)
        session.flash("The texts are being clustered in the background. You can leave the page.")
