"""Overview: where the study stands, what is going on, what to do next."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.ui import shell, words
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.components.study_path import show_next, show_path
from bsm_core.ui.components.study_summary import study_line
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, study: Study) -> None:
    path = workbench.steps(study.study_id)
    study_line(study)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_path(path)
        glossary()
    with right:
        show_next(path)
        st.markdown("##### :material/pending: Going on now")
        if not job_panel(workbench, study.study_id):
            st.caption("Nothing is running.")


def glossary() -> None:
    with st.expander("The words in short", icon=":material/menu_book:", expanded=True):
        for term, meaning in (("Unknown unknown", words.UU), ("Tau", words.TAU), ("Perturbation", words.PERTURBATION)):
            st.caption(f"**{term}.** {meaning}")


shell.show_page(
    "overview",
    "From a classifier's confident mistakes to a model without them: one step after the other.",
    draw,
)
