"""Samples: turn hypotheses into labelled texts, check them, and decide on each."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.ui import session, shell
from bsm_core.ui.components import states
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.components.lineage import load_lineage
from bsm_core.ui.components.sample_review import sample_review
from bsm_core.ui.components.sample_writer import check_unchecked, sample_writer
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, study: Study) -> None:
    busy = job_panel(workbench, study.study_id, (JobKind.SYNTHESIZE, JobKind.GATE))
    nodes = load_lineage(workbench.store, study.study_id)
    if not nodes:
        states.empty(
            "No hypotheses yet",
            "A sample is written for a hypothesis: first say why the model fails.",
            page="hypotheses",
            label="Write a hypothesis",
        )
        return
    counts = workbench.store.studies.counts(study.study_id)
    with st.expander("Write samples", icon=":material/add:", expanded=not counts.samples):
        sample_writer(workbench, study, nodes, busy)
    check_unchecked(workbench, study.study_id, busy)
    sample_review(workbench, study.study_id)
    if counts.samples_approved:
        session.link("retrain", f"Go on: retrain with {counts.samples_approved:,} approved samples")


shell.show_page(
    "samples",
    "Texts that a hypothesis says the model fails on, with their right label. Read each one: only what is approved "
    "is trained on.",
    draw,
)
