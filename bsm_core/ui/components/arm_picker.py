"""Which arms to train: what each could add now, why it cannot run, and the one budget they all get."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.arms import Arm, ArmPlan
from bsm_core.ui import session, words
from bsm_core.ui.text import plain
from bsm_core.workflow.retrain import common_budget

MEANINGS = {
    Arm.ORIGINAL: "The baseline as it is. It is evaluated, not trained: the others are compared with it.",
    Arm.MORE_TRAINING: "Control: training rows drawn again. What does training longer do by itself?",
    Arm.RELABEL: "The paper's baseline (3.2): UUs of validation with their right label.",
    Arm.UNTARGETED: "Control: texts that the teacher wrote knowing no hypothesis. Does aiming matter?",
    Arm.ABSTRACTION: "Approved samples of abstractions alone (why it fails), whoever wrote them.",
    Arm.EXTRAPOLATION: "Approved samples of extrapolations alone (what else may fail), whoever wrote them.",
    Arm.HYPOTHESIS_RULE: "Approved samples from hypotheses made by code.",
    Arm.HYPOTHESIS_LM: "Approved samples from the language model's hypotheses.",
    Arm.HYPOTHESIS_HUMAN: "Approved samples written by a human alone.",
    Arm.HYPOTHESIS_HYBRID: "Approved samples that a model drafted and a human edited.",
    Arm.HYPOTHESIS_AUTHORS: "Approved samples of the curated set that ships.",
    Arm.ADVERSARIAL: "Reference from above: training texts perturbed by the very attack that test is tried by.",
}


def arm_picker(plans: Sequence[ArmPlan], study_id: str) -> list[Arm]:
    """One line an arm, those that can run ticked; returns the ticked ones, without ORIGINAL."""
    chosen: list[Arm] = []
    enough = _enough(plans)
    for plan in plans:
        if plan.arm is Arm.ORIGINAL:
            continue
        left, middle, right = st.columns([3, 5, 3], vertical_alignment="center")
        possible = not plan.problem
        started = possible and plan.available >= enough and plan.arm.hypothesis_kind is None
        # Keyed by what it starts with: an arm that becomes possible is ticked by itself.
        ticked = left.checkbox(
            words.ARMS[plan.arm], started, key=f"arm-{plan.arm}-{study_id}-{started}", disabled=not possible
        )
        middle.caption(MEANINGS[plan.arm])
        with right:
            if possible:
                st.caption(f"{plan.available:,} texts to draw from")
            else:
                st.caption(f":material/block: {plain(plan.problem)}")
        if ticked and possible:
            chosen.append(plan.arm)
    return chosen


def _enough(plans: Sequence[ArmPlan]) -> int:
    """With how many texts an arm starts ticked: an arm with fewer would cut the budget of all the others."""
    most = max((plan.available for plan in plans if plan.arm.agent is not None), default=0)
    return min(most, plans[0].budget)


def show_extended_set(plans: Sequence[ArmPlan], chosen: Sequence[Arm], train_size: int) -> None:
    """E = D + what every chosen arm adds (2.3), and which arm limits it."""
    if not chosen:
        st.info("Tick at least one arm.", icon=":material/check_box:")
        return
    added, allowed = common_budget(plans, chosen), plans[0].budget
    one, two, three = st.columns(3)
    one.metric("Training set", f"{train_size:,}", border=True, help="Texts that the baseline was trained on.")
    two.metric(
        "Every arm adds",
        f"{added:,}",
        border=True,
        help="All chosen arms add equally many, so that they take the same number of training steps (3.1, 3.2).",
    )
    three.metric("Extended set", f"{train_size + added:,}", border=True, help="What each chosen arm is trained on.")
    if added < allowed:
        fewest = [words.ARMS[plan.arm] for plan in plans if plan.arm in chosen and plan.available == added]
        st.caption(
            f"The budget allows {allowed:,}; “{'”, “'.join(fewest)}” has only {added:,}. Approve more samples, or "
            "leave it out, and every arm gets more."
        )
        session.link("samples", "Approve more samples")
