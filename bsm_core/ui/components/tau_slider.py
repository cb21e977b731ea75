"""Tau, moved live: everything on the page is counted again from stored predictions."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.ui import session, shell, words
from bsm_core.workbench import Workbench

_KEY = "tau-slider"
_LOWEST = 0.51


def tau_slider(workbench: Workbench, study: Study) -> float:
    """The visit's tau; the pin makes it the study's, for every page and every count."""
    now = session.tau(study)
    # The widget follows the URL, never the other way round, but for a move of the slider.
    st.session_state[_KEY] = max(now, _LOWEST)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", wrap=False):
        st.slider("Tau", _LOWEST, 1.0, step=0.01, key=_KEY, on_change=_moved, help=words.TAU)
        same = abs(now - study.tau) < 1e-9
        st.button(
            ":material/push_pin:",
            type="tertiary",
            key="tau-keep",
            disabled=same,
            help=f"The whole study counts at tau {study.tau:g}."
            if same
            else f"Count the whole study at tau {now:g} from now on, on every page; it is {study.tau:g}.",
            on_click=_keep,
            args=(workbench, study.study_id, now),
        )
    return now


def _moved() -> None:
    session.set_tau(st.session_state[_KEY])


def _keep(workbench: Workbench, study_id: str, tau: float) -> None:
    shell.attempt(workbench.store.studies.set_tau, study_id, tau)
