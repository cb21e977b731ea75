"""Declaring an experiment: which treatments, how many seeds, and what every model is tried by."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.arms import Arm
from bsm_core.domain.experiments import EvaluationSet, Start
from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import PerturbationRecipe
from bsm_core.errors import WorkbenchError
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.arm_picker import arm_picker, show_extended_set
from bsm_core.ui.components.training_form import training_form
from bsm_core.ui.text import plain
from bsm_core.workbench import Workbench
from bsm_core.workflow.declare import FEW_SEEDS, Wanted, check_seeds, read_seeds

_STARTS = {
    Start.CONTINUE: "Go on from the baseline",
    Start.SCRATCH: "Train from scratch",
}
_RECIPES = [one for one in PerturbationRecipe if one is not PerturbationRecipe.IMPORTED]


def experiment_form(workbench: Workbench, study: Study) -> None:
    """Nothing runs before the last button; a plan that cannot be is refused with what is wrong in it."""
    plans = workbench.arm_plans(study.study_id)
    st.markdown("##### Treatments", help="Each is trained alike, adds equally many texts, and is tried alike.")
    _prepare(workbench, study)
    chosen = arm_picker(plans, study.study_id)
    show_extended_set(plans, chosen, workbench.store.studies.counts(study.study_id).train)
    st.markdown("##### Seeds, attack and start")
    left, middle, right = st.columns(3)
    seeds = left.text_input(
        "Seeds",
        "0-4",
        key=f"x-seeds-{study.study_id}",
        max_chars=60,
        help="One model of every treatment is trained with each seed: 0-4, or 0,1,7. Luck of training shows in how far "
        f"seeds differ; fewer than {FEW_SEEDS} say little about it.",
    )
    usual = workbench.experiments.usual_set(study.study_id)
    recipes = middle.multiselect(
        "Attacks on test",
        _RECIPES,
        [usual.recipe],
        key=f"x-recipes-{study.study_id}",
        help="Every model is attacked anew by each. The first one decides; the others are exploration.",
    )
    start = right.radio(
        "Training",
        list(_STARTS),
        format_func=_STARTS.__getitem__,
        key=f"x-start-{study.study_id}",
        help="The paper trains the classifier further (2.1). From scratch takes longer, and every arm then has its own "
        "first training: compare it with “More training” then, too.",
    )
    with st.expander("Training settings", icon=":material/tune:"):
        config = workbench.experiments.usual_training(study.study_id, start)
        training = training_form(config, f"x-{start}-{study.study_id}", base=False)
    sets = tuple(workbench.experiments.usual_set(study.study_id, recipe) for recipe in recipes)
    try:
        numbers = read_seeds(seeds or "")
        check_seeds(numbers)
    except WorkbenchError as error:
        st.error(plain(str(error)))
        return
    wanted = Wanted("", tuple(chosen), numbers, sets, training, start)
    _cost(wanted, sets)
    st.button(
        "Freeze the plan and run it",
        type="primary",
        icon=":material/lock:",
        key="x-declare",
        disabled=not chosen or not sets,
        on_click=_declare,
        args=(workbench, study.study_id, wanted),
        help="From then on nothing of the plan can be changed, so that no result can choose it.",
    )


def _cost(wanted: Wanted, sets: tuple[EvaluationSet, ...]) -> None:
    models = len(wanted.arms) * len(wanted.seeds)
    looks = (models + 1) * len(sets)
    if not models or not sets:
        st.caption("Choose at least one treatment and one attack.")
        return
    st.caption(
        f"{words.count(models, 'model')} will be trained, and test looked at {words.count(looks, 'time')}, in the "
        "background. It survives a restart, and can be stopped and resumed."
    )
    if len(wanted.seeds) < FEW_SEEDS:
        st.warning(
            f"{words.count(len(wanted.seeds), 'seed')}: too few to know how far seeds differ; use {FEW_SEEDS} or more "
            "where you can.",
            icon=":material/casino:",
        )


def _prepare(workbench: Workbench, study: Study) -> None:
    """The two treatments whose texts nobody writes or approves."""
    lacking = workbench.experiments.lacking(study.study_id, (Arm.UNTARGETED, Arm.ADVERSARIAL))
    if not lacking:
        return
    names = " and ".join(f"“{words.ARMS[arm]}” ({count:,} texts)" for arm, count in lacking.items())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{names} can be made by a job: they show whether aiming the samples matters.", width="stretch")
        st.button(
            "Make them",
            icon=":material/build:",
            key="x-prepare",
            disabled=workbench.active_job(study.study_id) is not None,
            on_click=_make,
            args=(workbench, study.study_id, tuple(lacking)),
            help="The teacher writes texts that know of no hypothesis, and training texts are attacked.",
        )


def _make(workbench: Workbench, study_id: str, arms: tuple[Arm, ...]) -> None:
    if shell.attempt(workbench.experiments.prepare, study_id, arms):
        session.flash("Started in the background; the treatments can be ticked when it is done.")


def _declare(workbench: Workbench, study_id: str, wanted: Wanted) -> None:
    def declare() -> None:
        plan = workbench.experiments.declare(study_id, wanted)
        session.put(experiment=plan.experiment_id)

    if shell.attempt(declare):
        session.flash("The plan is frozen; the first job starts in a moment.")
