"""Discover: attack the validation texts, and see where the classifier is confidently wrong."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.ui import shell
from bsm_core.ui.components.attack_report import attack_report
from bsm_core.ui.components.discovery_form import discovery_form
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.components.judging import judging
from bsm_core.ui.components.no_baseline import no_baseline
from bsm_core.ui.components.pairs_import import pairs_import
from bsm_core.ui.components.replay_panel import replay_panel
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, study: Study) -> None:
    model = workbench.store.models.baseline(study.study_id)
    if model is None:
        no_baseline(workbench, study.study_id, "There is nothing to attack before the baseline is trained.")
        return
    busy = job_panel(workbench, study.study_id, (JobKind.DISCOVER, JobKind.REPLAY))
    sets = workbench.attacks.sets(study.study_id)
    if sets:
        shown = attack_report(workbench, study, sets, model.model_id)
        with st.expander("The same texts on other models", icon=":material/replay:"):
            replay_panel(workbench, study, sets, shown, busy=busy)
        with st.expander("Judge a random sample", icon=":material/gavel:"):
            judging(workbench, study.study_id, model.model_id)
    if not busy:
        with st.expander("Attack again", icon=":material/bolt:") if sets else st.container():
            discovery_form(workbench, study, with_tau=not sets)
        with st.expander("Bring your own pairs", icon=":material/upload_file:"):
            pairs_import(workbench, study)


shell.show_page(
    "discover",
    "Change a few letters or words where it should not matter, and see which confident answers break.",
    draw,
)
