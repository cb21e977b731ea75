"""The frozen plan in words: what was decided before the first result was seen."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.arms import Arm
from bsm_core.domain.experiments import ExperimentPlan, Start
from bsm_core.ui import words
from bsm_core.ui.text import plain


def experiment_plan(plan: ExperimentPlan) -> None:
    """Folded away: it is there to be checked."""
    first = plan.primary_set
    size = f"the first {first.size:,} test texts" if first.size else "all test texts"
    start = "goes on from the baseline" if plan.start is Start.CONTINUE else "is trained from scratch"
    dropped = ", ".join(f"{words.ARMS[Arm(arm)]} {count:,}" for arm, count in plan.dropped.items()) or "none"
    others = ", ".join(one.name for one in plan.sets[1:]) or "none"
    with st.expander(f"The plan, frozen on {plan.created_at:%d %b %Y, %H:%M} UTC", icon=":material/lock:"):
        st.markdown(
            f"- **What decides:** unknown unknowns after a fresh {plain(first.recipe)} attack on {size}, at tau "
            f"{plan.tau:g}, against the {words.ARMS[plan.reference].lower()}.\n"
            f"- **Treatments:** {'; '.join(words.ARMS[arm] for arm in plan.arms)}. Each adds {plan.budget:,} texts and "
            f"{start}, so all take equally many training steps.\n"
            f"- **Seeds:** {', '.join(map(str, plan.seeds))}. Further evaluation sets: {plain(others)}.\n"
            f"- **Test:** {plan.test}; {plan.multiplicity}. A difference counts when p is at most {plan.alpha:g} and "
            f"the interval leaves out zero.\n"
            f"- **Figures:** {plan.average}. Interval: {plan.interval}.\n"
            f"- **Left out** since they stand nearly in test (more than {plan.leak_share:.0%} shared): {dropped}."
        )
        st.caption(f"Plan {plan.fingerprint[:16]}. A changed plan is a new experiment; this one cannot be changed.")
