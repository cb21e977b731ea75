"""What to attack, how, and how much of it."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import AttackGoal, PairSide, PerturbationRecipe, usual_side
from bsm_core.errors import NotFoundError
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.model_choice import choose_model
from bsm_core.ui.components.tau_slider import tau_slider
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench

RECIPES = {
    PerturbationRecipe.DEEPWORDBUG: ("DeepWordBug", words.DEEPWORDBUG),
    PerturbationRecipe.TEXTFOOLER_LOCAL: ("TextFooler, local stand-in", words.TEXTFOOLER_LOCAL),
    PerturbationRecipe.TEXTFOOLER: ("TextFooler", words.TEXTFOOLER),
    PerturbationRecipe.PRUTHI: ("Pruthi: one typing error", words.PRUTHI),
}
SET_NAMES = {**RECIPES, PerturbationRecipe.IMPORTED: ("Imported pairs", words.IMPORTED)}
"""Also of sets that no attack here made."""


def discovery_form(workbench: Workbench, study: Study, *, with_tau: bool) -> None:
    """Model, recipe, goal, side of pairs, split, number of texts, seed, and tau unless the page has
    its slider elsewhere; the button starts the job."""
    config = workbench.config(study.study_id)
    available = sum(n for split, _, n in workbench.store.examples.counts(study.study_id) if split is Split.VALIDATION)
    left, right = st.columns(2, gap="large")
    with left:
        model_id = _model(workbench, study)
        recipe = st.selectbox(
            "Recipe",
            list(RECIPES),
            format_func=lambda one: RECIPES[one][0],
            key="discover-recipe",
            help=words.PERTURBATION,
        )
        st.caption(RECIPES[recipe][1])
        goal = st.selectbox(
            "Goal",
            sorted(AttackGoal, key=lambda one: one != config.goal),  # the study's own comes first
            format_func=lambda one: words.GOALS[one][0],
            key=f"discover-goal-{study.study_id}",
            help=words.GOAL,
        )
        goal = goal or AttackGoal.UNTARGETED  # a select box without a choice is None to the type checker
        st.caption(words.GOALS[goal][1])
        side = _side(study, recipe, config.side)
        st.selectbox(
            "Split",
            [Split.VALIDATION],
            format_func=lambda one: one.value.capitalize(),
            disabled=True,
            key="discover-split",
            help="Blind spots are looked for on validation only; test stays sealed.",
        )
    with right:
        size = st.number_input(
            f"How many of {available:,} texts",
            1,
            max(1, available),
            min(config.attack_validation or available, available) or 1,
            step=50,
            key=f"discover-size-{study.study_id}",
            help="The first ones of an order drawn by the study's seed.",
        )
        seed = st.number_input(
            "Seed", 0, value=config.seed, step=1, key=f"discover-seed-{study.study_id}", help=words.SEED
        )
        if with_tau:
            tau_slider(workbench, study)
        if goal is AttackGoal.UNTARGETED:
            st.caption("This attack does not depend on tau: it can be moved later, and everything is counted again.")
        else:
            st.caption(f"This attack aims at the study's tau, {study.tau:g}. At a higher tau it would have gone on.")
    st.button(
        "Attack",
        type="primary",
        icon=":material/bolt:",
        key="discover-start",
        on_click=_start,
        args=(workbench, study.study_id, model_id, recipe, int(size), goal, side, int(seed)),
        disabled=not available,
    )


def _side(study: Study, recipe: PerturbationRecipe, wanted: str) -> PairSide:
    """Asked for pairs only. The study's choice comes first, or else the recipe's."""
    if not study.task.is_pair:
        return PairSide.BOTH
    first = PairSide(wanted) if wanted else usual_side(study.task, recipe)
    side = st.selectbox(
        "Which text may be changed",
        sorted(PairSide, key=lambda one: one != first),
        format_func=lambda one: words.SIDES[one][0],
        key=f"discover-side-{study.study_id}-{recipe}",
        help=words.SIDE,
    )
    side = side or first
    st.caption(words.SIDES[side][1])
    # Field names may come out of a file.
    st.text(f"first: {one_line(study.task.text_fields[0], 40)}, second: {one_line(study.task.text_fields[1], 40)}")
    return side


def _model(workbench: Workbench, study: Study) -> str:
    baseline = workbench.store.models.baseline(study.study_id)
    if baseline is None:
        raise NotFoundError("this study has no baseline yet; train it on the Baseline page")
    return choose_model(
        workbench.store.models.all(study.study_id),
        baseline.model_id,
        key=f"discover-model-{study.study_id}",
        help="Attacked afresh: its own weak spots are looked for, on validation. Hypotheses rest on the original's.",
    )


def _start(
    workbench: Workbench,
    study_id: str,
    model_id: str,
    recipe: PerturbationRecipe,
    size: int,
    goal: AttackGoal,
    side: PairSide,
    seed: int,
) -> None:
    if shell.attempt(workbench.attacks.start, study_id, model_id, recipe, size, seed, goal, side):
        session.flash("The attack has started in the background. You can leave the page.")
