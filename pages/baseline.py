"""Baseline: train the classifier that is audited, and see how good it is."""

from __future__ import annotations

import streamlit as st

from bsm_core.config import TrainingConfig
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.ui import session, shell
from bsm_core.ui.components.baseline_report import baseline_report, model_card
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.components.training_form import training_form
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, study: Study) -> None:
    model = workbench.store.models.baseline(study.study_id)
    busy = job_panel(workbench, study.study_id, (JobKind.TRAIN,), curve=True, baseline=True)
    if model is None:
        if not busy:
            st.markdown("##### Train the classifier")
            train_form(workbench, study)
        return
    baseline_report(workbench, study, model)
    with st.container(horizontal=True):
        session.link("discover", "Go on: provoke mistakes", icon=":material/arrow_forward:")
        session.link("browse", "Look at the natural UUs")
    model_card(model)
    if not busy:
        with st.expander("Train it anew", icon=":material/model_training:"):
            st.caption("A new baseline starts the study's path afresh: UUs, arms and comparisons belong to a baseline.")
            train_form(workbench, study)


def train_form(workbench: Workbench, study: Study) -> None:
    training = training_form(workbench.config(study.study_id).baseline, f"baseline-{study.study_id}")
    st.button(
        "Train the baseline",
        type="primary",
        icon=":material/play_arrow:",
        key="train-baseline",
        on_click=start,
        args=(workbench, study.study_id, training),
    )


def start(workbench: Workbench, study_id: str, training: TrainingConfig) -> None:
    if shell.attempt(workbench.start_baseline, study_id, training):
        session.flash("Training has started in the background. You can leave the page.")


shell.show_page(
    "baseline",
    "The classifier that is audited: how often it is right on validation texts, and whether its confidence says so.",
    draw,
)
