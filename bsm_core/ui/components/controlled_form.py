"""Starting the self-test: what planting means, how much of it, and how long it takes."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.controlled import ControlledPlan
from bsm_core.ui import session, shell
from bsm_core.workbench import Workbench

SEED_CHOICES = {
    "Quick": (1, "One seed: a first look."),
    "Usual": (3, "Three seeds."),
    "Thorough": (5, "Five seeds: tighter intervals."),
}
SIZES = {3500: "3,500 training sentences", 0: "All 5,030 there are"}
"""Training texts to their name."""

_MINUTES = {3500: 2.0, 0: 3.0}
"""A seed's, roughly, on one free core."""


def what_planting_means() -> None:
    with st.container(border=True):
        st.markdown("#### :material/science: What planting means")
        st.markdown(
            "In real data nobody knows all the blind spots, so nobody knows how many were missed. Here they are made "
            "on purpose: opinion words, such as *charming* or *dull*, are drawn by lot, and training texts that have "
            "them are spoiled: some get the wrong label, the others are left out. A classifier trained on that is "
            "confidently wrong where these words matter. The workbench looks for its mistakes without being told; "
            "samples are written from the right hypotheses (the *golden* ones), and the classifier is trained on. "
            "What was found, and what is left, can be counted."
        )


def controlled_form(workbench: Workbench) -> None:
    """How many seeds, how much data; the button starts the job."""
    left, right = st.columns(2, gap="large")
    with left:
        choice = st.selectbox(
            "How thorough",
            list(SEED_CHOICES),
            key="controlled-seeds",
            help="A seed plants other words and trains anew.",
        )
        count, told = SEED_CHOICES[choice or "Quick"]
        st.caption(told)
    with right:
        size = st.selectbox("Training texts", list(SIZES), key="controlled-size", format_func=lambda one: SIZES[one])
        size = ControlledPlan().train_size if size is None else size
        minutes = count * _MINUTES[size]
        st.caption(f"About {minutes:.0f} minutes on one free core. It runs in the background.")
    st.button(
        "Start the self-test",
        type="primary",
        icon=":material/science:",
        key="controlled-start",
        on_click=_start,
        args=(workbench, count, size),
    )


def _start(workbench: Workbench, seeds: int, size: int) -> None:
    if shell.attempt(workbench.controlled.start, ControlledPlan(seeds=tuple(range(seeds)), train_size=size)):
        session.flash("The self-test runs in the background. You can leave the page.")
