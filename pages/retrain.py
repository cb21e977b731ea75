"""Retrain: one model per treatment, all at one budget, in the background."""

from __future__ import annotations

import streamlit as st

from bsm_core.config import TrainingConfig
from bsm_core.domain.arms import Arm
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.arm_picker import arm_picker, show_extended_set
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.components.no_baseline import no_baseline
from bsm_core.ui.components.trained_arms import trained_arms
from bsm_core.ui.components.training_form import training_form
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, study: Study) -> None:
    baseline = workbench.store.models.baseline(study.study_id)
    if baseline is None:
        no_baseline(workbench, study.study_id, "Retraining goes on from the baseline: train it first.")
        return
    busy = job_panel(workbench, study.study_id, (JobKind.TRAIN, JobKind.EVALUATE), curve=True)
    show_trained(workbench, study)
    st.markdown("##### Arms", help="An arm is one treatment. All are trained alike and add equally many texts.")
    plans = workbench.arm_plans(study.study_id)
    chosen = arm_picker(plans, study.study_id)
    show_extended_set(plans, chosen, workbench.store.studies.counts(study.study_id).train)
    with st.expander("Training settings", icon=":material/tune:"):
        st.caption("Every arm goes on from the baseline's weights (2.1), with these settings.")
        config = workbench.config(study.study_id).retrain_from(baseline.card)
        training = training_form(config, f"retrain-{study.study_id}", base=False)
    st.button(
        f"Train and evaluate {words.count(len(chosen), 'arm')}" if chosen else "Train and evaluate",
        type="primary",
        icon=":material/play_arrow:",
        key="retrain-start",
        disabled=busy or not chosen,
        on_click=start,
        args=(workbench, study.study_id, tuple(chosen), training),
        help="ORIGINAL is evaluated first, if it has not been; each arm is trained, then evaluated on test.",
    )


def start(workbench: Workbench, study_id: str, arms: tuple[Arm, ...], training: TrainingConfig) -> None:
    if shell.attempt(workbench.start_comparison, study_id, arms, training):
        session.flash("Started. One job follows the other in the background; you can leave the page.")


def show_trained(workbench: Workbench, study: Study) -> None:
    if trained_arms(workbench.store, study.study_id):
        session.link("compare", "Compare them", icon=":material/compare_arrows:")


shell.show_page(
    "retrain",
    "Train the classifier further with the approved samples, beside control arms that add equally many other texts.",
    draw,
)
