"""Prompts: what the language model is asked, word for word; edit it, try it, compare versions."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.ui import shell
from bsm_core.ui.components.no_baseline import no_baseline
from bsm_core.ui.components.prompt_comparison import prompt_comparison
from bsm_core.ui.components.prompt_editor import choose_template, prompt_editor
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, study: Study) -> None:
    if workbench.store.models.baseline(study.study_id) is None:
        no_baseline(
            workbench, study.study_id, "Prompts are tried on a classifier's mistakes: train the baseline first."
        )
        return
    name = choose_template()
    prompt_editor(workbench, study, name)
    st.divider()
    prompt_comparison(workbench, study, name)


shell.show_page(
    "prompts",
    "What the language model is asked, word for word. Words in {braces} are filled in from the study. "
    "Every call keeps the version of the prompt that it was made with.",
    draw,
)
