"""Data: make a study; look at its rows and splits."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.ui import resources, shell
from bsm_core.ui.components import states
from bsm_core.ui.components.rows_browser import rows_browser
from bsm_core.ui.components.study_form import study_form
from bsm_core.ui.components.study_summary import show_splits, study_line
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, study: Study | None) -> None:
    if study is None:
        if resources.server().preparing:
            states.no_study(resources.server())
            return
        st.subheader("Make a study", anchor=False)
        study_form(workbench)
        return
    rows, make = st.tabs(["This study's texts", "Make another study"])
    with rows:
        study_line(study)
        show_splits(workbench, study)
        rows_browser(workbench, study)
    with make:
        study_form(workbench)


shell.show_page_without_study(
    "data",
    "A study is one classification task with its texts, split three ways: to learn from, to look for blind spots in, "
    "and to judge by.",
    draw,
)
