"""Settings: who writes, where jobs run, and the rules of the study."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.ui import shell
from bsm_core.ui.components.study_rules import device_state, study_rules
from bsm_core.ui.components.teacher_calls import call_log
from bsm_core.ui.components.teacher_form import key_state, teacher_form, teacher_trial
from bsm_core.ui.text import visible
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, study: Study | None) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown("##### Teacher", help="The language model that drafts hypotheses and writes samples.")
        teacher_form(workbench)
        key_state(workbench)
        if study is None:
            st.caption("Make a study on the Data page to try the teacher: every call is kept with a study.")
        else:
            teacher_trial(workbench, study.study_id)
    with right:
        st.markdown("##### Device")
        device_state(workbench)
        st.markdown("##### Workspace")
        st.code(visible(str(workbench.settings.workspace)), language=None)
        st.caption("Everything is in this folder. Back it up with: python -m bsm_core backup FILE")
    if study is None:
        return
    st.markdown("##### Tau and gates of this study")
    study_rules(workbench, study)
    st.markdown("##### Teacher log", help="Every question and every answer, also those that could not be used.")
    call_log(workbench.store, study.study_id)


shell.show_page_without_study(
    "settings",
    "Which language model writes and what it costs, where jobs run, and the rules that the study's figures rest on.",
    draw,
)
