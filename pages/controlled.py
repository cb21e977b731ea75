"""Self-test: blind spots are planted, so that the truth is known. Does the workbench find and remove them?"""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.controlled import NO_STUDY
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.ui import shell
from bsm_core.ui.components.controlled_form import controlled_form, what_planting_means
from bsm_core.ui.components.controlled_report import controlled_report
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, _: Study | None) -> None:
    busy = job_panel(workbench, NO_STUDY, (JobKind.CONTROLLED,))
    found = workbench.controlled.latest()
    if found is None:
        what_planting_means()
        if not busy:
            controlled_form(workbench)
        return
    controlled_report(found)
    if not busy:
        with st.expander("Run it again", icon=":material/replay:"):
            controlled_form(workbench)


shell.show_page_without_study(
    "controlled",
    "Blind spots planted on purpose: since the truth is known, the workbench itself can be judged. Does it find them, "
    "and do samples written from the right hypotheses remove them?",
    draw,
)
