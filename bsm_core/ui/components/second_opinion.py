"""Two reviewers: the setting, what each said once that may be seen, how far they agree, and the third look."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from bsm_core.domain.synthesis import Decision, DecisionKind, DecisionRole, SampleState
from bsm_core.metrics.agreement import strength
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.judge_name import current_judge, judge_title
from bsm_core.ui.components.undoing import remember
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench
from bsm_core.workflow.review import BOTH

_ROLES = {
    DecisionRole.REVIEW: "opinion",
    DecisionRole.ADJUDICATION: "third look",
    DecisionRole.WITHDRAWAL: "taken back by its writer",
}


def reviewers_panel(workbench: Workbench, study_id: str) -> None:
    """How many reviewers a sample needs, and how far they agree."""
    key = f"reviewers-{study_id}"
    st.session_state[key] = workbench.curation.reviewers(study_id)
    st.segmented_control(
        "Reviewers for each sample",
        [1, BOTH],
        key=key,
        required=True,
        format_func=lambda one: "one" if one == 1 else "two, blind",
        on_change=lambda: shell.attempt(workbench.curation.require, study_id, int(st.session_state[key])),
    )
    st.caption(
        "With two, each gives a name and sees nothing of the other's opinion before giving an own one. A sample counts "
        "when both agree, or when a third look has settled it. Nobody decides on what they wrote or edited, and no "
        "policy approves. Changing this loses nothing: what was said stays, and is counted by the new rule."
    )
    found = workbench.curation.agreement(study_id)
    if not found.shared:
        return
    st.markdown(
        f"**{found.agreed:,} of {found.shared:,}** samples with two opinions were judged alike.",
        help="Kappa is agreement beyond chance: 1 is perfect, 0 is what chance alone would give (Cohen, 1960).",
    )
    st.dataframe(
        [
            {
                "reviewers": one_line(f"{judge_title(first)} and {judge_title(second)}", 100),
                "samples": size,
                "kappa": "not known" if kappa is None else f"{kappa:.2f} ({strength(kappa)})",
            }
            for first, second, size, kappa in found.pairs
        ],
        hide_index=True,
        alt="Agreement of reviewers",
    )


def opinions(workbench: Workbench, state: SampleState) -> None:
    """On a sample's card: what this visitor may see of what was said, and the third look where it is called for."""
    own = state.sample.sample_id
    said = [word for word in workbench.curation.words(own, current_judge()) if word.kind is not DecisionKind.PENDING]
    if not said:
        return
    if state.disagreed:
        st.warning("The two opinions differ. A third look settles it, by whoever did not write it.")
    elif state.status is DecisionKind.PENDING:
        st.caption("Your opinion is kept. The sample waits for somebody else's.")
    with st.expander(f"What was said ({len(said)})", icon=":material/forum:", expanded=state.disagreed):
        _table(said)
        if state.opinions >= BOTH:
            _third_look(workbench, state)


def _table(said: Sequence[Decision]) -> None:
    st.dataframe(
        pa.table(
            {
                "When": [f"{word.created_at:%d %b %H:%M}" for word in said],
                "Who": [one_line(judge_title(word.reviewer or "policy"), 60) for word in said],
                "What": [word.kind.value for word in said],
                "As": ["policy" if word.policy else _ROLES[word.role] for word in said],
                "Reason": [one_line(word.reason, 300) for word in said],
            }
        ),
        hide_index=True,
        alt="Everything that was said about this sample, oldest first",
    )


def _third_look(workbench: Workbench, state: SampleState) -> None:
    own = state.sample.sample_id
    if current_judge() in state.sample.writers:
        return
    key = f"third-look-{own}"
    st.text_input("Third look: why?", key=key, max_chars=300)
    with st.container(horizontal=True):
        for title, kind, icon in (
            ("Approve", DecisionKind.APPROVED, ":material/check:"),
            ("Reject", DecisionKind.REJECTED, ":material/close:"),
        ):
            st.button(
                f"{title}, as a third look", icon=icon, key=f"third-{kind}", on_click=_settle,
                args=(workbench, state, kind, key),
            )  # fmt: skip


def _settle(workbench: Workbench, state: SampleState, kind: DecisionKind, key: str) -> None:
    own, reason = state.sample.sample_id, str(st.session_state.get(key) or "")
    outcome = shell.attempt(workbench.curation.adjudicate, own, kind, reason, current_judge())
    if outcome is not None:
        remember(state.sample.study_id, outcome, "a third look", own)
        session.flash(f"{words.count(1, 'sample')} {kind.value} by a third look.")
