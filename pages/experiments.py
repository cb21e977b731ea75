"""Experiments: arms x seeds, by a plan that is frozen before the first result."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.experiments import ExperimentPlan
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.legible import one_line
from bsm_core.ui import session, shell
from bsm_core.ui.components.comparison import comparison
from bsm_core.ui.components.experiment_form import experiment_form
from bsm_core.ui.components.experiment_plan import experiment_plan
from bsm_core.ui.components.experiment_progress import experiment_progress
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.components.no_baseline import no_baseline
from bsm_core.workbench import Workbench

_NEW = "new"


def draw(workbench: Workbench, study: Study) -> None:
    if workbench.store.models.baseline(study.study_id) is None:
        no_baseline(workbench, study.study_id, "An experiment compares treatments of the baseline: train it first.")
        return
    plans = {plan.experiment_id: plan for plan in reversed(workbench.store.experiments.all(study.study_id))}
    chosen = choose(plans) if plans else _NEW
    if chosen == _NEW:
        job_panel(workbench, study.study_id, (JobKind.UNTARGETED, JobKind.DISCOVER))
        experiment_form(workbench, study)
        return
    plan = plans[chosen]
    experiment_plan(plan)
    found = experiment_progress(workbench, chosen)
    if found.done and not found.is_done:
        st.info(
            "The figures below are of the models done so far. Looking early and stopping when it suits makes chance "
            "findings likelier: wait for the last one.",
            icon=":material/hourglass_top:",
        )
    results(workbench, study, plan)


def choose(plans: dict[str, ExperimentPlan]) -> str:
    """One of the experiments, newest first, or a new one; kept in the address."""
    options, wanted = [*plans, _NEW], session.param("experiment")
    st.session_state["x-choice"] = wanted if wanted in options else options[0]
    names = {one: f"{plan.name} ({plan.created_at:%d %b, %H:%M})" for one, plan in plans.items()}
    names[_NEW] = "A new experiment …"
    chosen: str = st.selectbox(
        "Experiment",
        options,
        key="x-choice",
        format_func=lambda one: one_line(names.get(one, "?"), 120),
        on_change=lambda: session.put(experiment=st.session_state["x-choice"]),
    )
    return chosen


def results(workbench: Workbench, study: Study, plan: ExperimentPlan) -> None:
    """Of the evaluation set that decides; the others can be chosen."""
    looked = {one.set_name for one in workbench.store.evaluations.all(study.study_id, plan.experiment_id)}
    names = [one.name for one in plan.sets if one.name in looked]
    if not names:
        return
    name = names[0]
    if len(names) > 1:
        name = st.segmented_control("Attack", names, default=names[0], key="x-set", required=True)
    comparison(workbench, study.study_id, plan.experiment_id, name)


shell.show_page(
    "experiments",
    "Did it help, or was it luck? Every treatment is trained several times from different seeds, by a plan that is "
    "fixed beforehand, and the differences are tested.",
    draw,
)
