"""Browse: look at the unknown unknowns one by one."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.ui import session, shell
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.components.no_baseline import no_baseline
from bsm_core.ui.components.uu_browser import uu_browser
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, study: Study) -> None:
    model = workbench.store.models.baseline(study.study_id)
    if model is None:
        no_baseline(
            workbench, study.study_id, "Unknown unknowns are a classifier's mistakes: train the baseline first."
        )
        return
    job_panel(workbench, study.study_id, (JobKind.DISCOVER,))
    if not workbench.store.perturbations.sets(study.study_id):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("No attack has been run yet: these are natural unknown unknowns only.", width="content")
            session.link("discover", "Provoke more")
    uu_browser(workbench, study.study_id)


shell.show_page(
    "browse",
    "Texts that the classifier gets wrong while being sure: judge them, and select those that fail for one reason.",
    draw,
)
