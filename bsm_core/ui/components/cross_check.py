"""A second opinion on the samples' labels, by a language model that sees neither label nor hypothesis."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.jobs import JobKind
from bsm_core.ui import session, shell
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.workbench import Workbench


def cross_check(workbench: Workbench, study_id: str) -> None:
    st.caption(
        "A language model reads each sample that was not rejected and says which label it deserves. Where that differs "
        "from the sample's own, a warning stands with it; nothing is changed or rejected."
    )
    teacher = workbench.settings.teacher
    if teacher.is_embedded:
        st.caption("The embedded model is too small for that. Set an endpoint on the Settings page.")
        return
    busy = job_panel(workbench, study_id, (JobKind.CROSS_CHECK,))
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    model = left.text_input(
        "Model", teacher.model, key="cross-check-model", max_chars=200,
        help="Another model than the one that wrote is the better judge. It must be served by the same endpoint.",
    )  # fmt: skip
    right.button(
        "Label them blind", icon=":material/rule:", key="cross-check-start", disabled=busy,
        on_click=_start, args=(workbench, study_id, model or ""),
    )  # fmt: skip


def _start(workbench: Workbench, study_id: str, model: str) -> None:
    if shell.attempt(workbench.authoring.start_cross_check, study_id, model):
        session.flash("The cross-check has started in the background.")
