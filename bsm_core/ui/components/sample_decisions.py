"""The decision on one sample, by keyboard: approve, reject with a reason, take back; then the next open one comes."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from bsm_core.domain.synthesis import DecisionKind, SampleState
from bsm_core.ports import SamplePlace
from bsm_core.ui.components.bulk_decisions import decided
from bsm_core.ui.components.judge_name import current_judge
from bsm_core.ui.components.sample_filter import show_sample
from bsm_core.ui.components.undoing import remember
from bsm_core.workbench import Workbench
from bsm_core.workflow.review import BOTH

REASONS = ("wrong label", "not how people write", "misses its hypothesis", "too much like another", "off topic")
"""On the keys 1 to 5. That the classifier gets it right is none: to reject those would bend every pre-test."""


def decision_buttons(
    workbench: Workbench, state: SampleState, place: SamplePlace, blind: bool, as_of: datetime
) -> None:
    """Nothing to press where two reviewers are required and this is not the visitor's to decide on."""
    why_not = _why_not(state) if blind else None
    if why_not:
        st.caption(f":material/lock: {why_not}")
        return
    said = (state.mine or DecisionKind.PENDING) if blind else state.status
    with st.container(horizontal=True, vertical_alignment="center"):
        for title, kind, icon, shortcut in (
            ("Approve", DecisionKind.APPROVED, ":material/check:", "A"),
            ("Reject", DecisionKind.REJECTED, ":material/close:", "X"),
            ("Leave open", DecisionKind.PENDING, ":material/undo:", "U"),
        ):
            if kind is DecisionKind.PENDING and said is kind:
                continue  # nothing to take back
            st.button(
                title,
                icon=icon,
                shortcut=shortcut,
                key=f"sample-{kind}",
                type="primary" if kind is DecisionKind.APPROVED and said is not kind else "secondary",
                disabled=said is kind,
                on_click=_decide,
                args=(workbench, state, kind, "", place, as_of),
            )
    _reject_because(workbench, state, place, as_of)


def _why_not(state: SampleState) -> str | None:
    if current_judge() in state.sample.writers:
        return "You wrote this one, or edited it: somebody else has to decide on it."
    if state.opinions >= BOTH or state.status is not DecisionKind.PENDING:
        return "Two reviewers have decided on it. Only a third look can change that."
    return None


def _reject_because(workbench: Workbench, state: SampleState, place: SamplePlace, as_of: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Reject, because:", width="content")
        for number, reason in enumerate(REASONS, 1):
            st.button(
                reason, shortcut=str(number), key=f"reject-{number}", type="tertiary",
                on_click=_decide, args=(workbench, state, DecisionKind.REJECTED, reason, place, as_of),
            )  # fmt: skip
        key = f"reject-words-{state.sample.sample_id}"
        st.text_input(
            "In own words", key=key, max_chars=200, label_visibility="collapsed", width=220,
            placeholder="own words, then Enter",
            on_change=_decide_in_words, args=(workbench, state, key, place, as_of),
        )  # fmt: skip


def _decide_in_words(workbench: Workbench, state: SampleState, key: str, place: SamplePlace, as_of: datetime) -> None:
    words = str(st.session_state.get(key) or "").strip()
    if words:
        _decide(workbench, state, DecisionKind.REJECTED, words, place, as_of)


def _decide(
    workbench: Workbench,
    state: SampleState,
    kind: DecisionKind,
    reason: str,
    place: SamplePlace,
    as_of: datetime,
) -> None:
    """Approving and rejecting go on to the next open sample; taking back stays."""
    own = state.sample.sample_id
    outcome = decided(workbench, [own], kind, reason, as_of)
    if outcome is None:
        return
    remember(state.sample.study_id, outcome, f"one sample {kind.value}", own)
    show_sample(own if kind is DecisionKind.PENDING else place.next_open_id or place.next_id or own)
