"""One sample: its text, label, hypothesis, gates, the classifier's present answer; and the decision on it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import DecisionKind, SampleState
from bsm_core.domain.tasks import Text
from bsm_core.ui import session, shell
from bsm_core.ui.components.agents import agent_badge
from bsm_core.ui.components.bulk_decisions import decided
from bsm_core.ui.components.diff import show_text
from bsm_core.ui.components.probabilities import show_probabilities
from bsm_core.ui.components.sample_checks import show_checks
from bsm_core.ui.components.sample_filter import PAGE, key_of
from bsm_core.ui.components.sample_list import SIZE
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench

_STATUS = {
    DecisionKind.APPROVED: ("approved", ":material/check_circle:", "green"),
    DecisionKind.REJECTED: ("rejected", ":material/cancel:", "red"),
    DecisionKind.PENDING: ("open", ":material/radio_button_unchecked:", "gray"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sample stands in the filtered list (1-based), and its neighbors."""

    number: int
    total: int
    previous_id: str | None
    next_id: str | None
    leaves: bool
    """Whether a decision takes it out of the filtered list."""


def open_sample(sample_id: str | None, number: int) -> None:
    """Callback: show another sample, and the page of the list it is on."""
    session.put(sample=sample_id)
    st.session_state[PAGE] = max(0, number - 1) // SIZE + 1


def sample_card(workbench: Workbench, study: Study, state: SampleState, place: Place | None, number: str) -> None:
    """``number`` is the hypothesis' short name (A2.1). ``place`` is None for a sample outside the list."""
    study_id, sample = study.study_id, state.sample
    _steps(place)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            word, icon, color = _STATUS[state.status]
            st.badge(word, icon=icon, color=color)  # type: ignore[arg-type]
            label = plain(one_line(study.task.label_names[sample.label], 40))
            st.markdown(f"labelled **{label}**, written by", width="content")
            agent_badge(sample.agent)
        if st.session_state.get(key_of(study_id, "editing")) == sample.sample_id:
            _edit_form(workbench, study, state)
        else:
            _decisions(workbench, state, place)  # above the text, so that they stay in place however long it is
            show_text(sample.text, study.task.text_fields)
            _edit_or_relabel(workbench, study, state)
        _decided_by(state)
        _answer(study, state)
        if state.checks:
            st.markdown("**Gates**", width="content")
            show_checks(state.checks)
        else:
            st.caption("Not checked yet: the gates and the classifier have not seen this version.")
    _hypothesis(state, number)


def _steps(place: Place | None) -> None:
    before, after, number = (place.previous_id, place.next_id, place.number) if place else (None, None, 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous", icon=":material/arrow_back:", shortcut="K", key="sample-previous", disabled=before is None,
            on_click=open_sample, args=(before, number - 1),
        )  # fmt: skip
        st.button(
            "Next", icon=":material/arrow_forward:", shortcut="J", key="sample-next", disabled=after is None,
            on_click=open_sample, args=(after, number + 1),
        )  # fmt: skip
        st.caption(f"{place.number:,} of {place.total:,}" if place else "not in this list", width="content")


def _decisions(workbench: Workbench, state: SampleState, place: Place | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        for title, kind, icon, shortcut in (
            ("Approve", DecisionKind.APPROVED, ":material/check:", "A"),
            ("Reject", DecisionKind.REJECTED, ":material/close:", "X"),
            ("Leave open", DecisionKind.PENDING, ":material/undo:", "U"),
        ):
            if kind is DecisionKind.PENDING and state.status is kind:
                continue  # nothing to take back
            st.button(
                title,
                icon=icon,
                shortcut=shortcut,
                key=f"sample-{kind}",
                type="primary" if kind is DecisionKind.APPROVED and state.status is not kind else "secondary",
                disabled=state.status is kind,
                on_click=_decide,
                args=(workbench, state.sample.sample_id, kind, place),
            )


def _decide(workbench: Workbench, sample_id: str, kind: DecisionKind, place: Place | None) -> None:
    """Approving and rejecting go on to the next sample; taking back stays."""
    if not decided(workbench, [sample_id], kind):
        return
    if place is not None and kind is not DecisionKind.PENDING and place.next_id is not None:
        open_sample(place.next_id, place.number if place.leaves else place.number + 1)
    elif place is not None and place.leaves:
        open_sample(place.next_id or place.previous_id, place.number - 1)


def _edit_or_relabel(workbench: Workbench, study: Study, state: SampleState) -> None:
    sample, names = state.sample, study.task.label_names
    others = [label for label in range(len(names)) if label != sample.label]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Edit",
            icon=":material/edit:",
            shortcut="E",
            key="sample-edit",
            on_click=_edit,
            args=(study.study_id, sample.sample_id),
        )
        st.caption("Wrong label? Make it", width="content")
        for label in others[:6]:
            st.button(
                plain(one_line(names[label], 40)),
                key=f"relabel-{label}",
                type="tertiary",
                icon=":material/label:",
                on_click=_revise,
                args=(workbench, study.study_id, sample.sample_id, sample.text, label),
                help="A new version, by you as well; its checks and decision start afresh.",
            )


def _edit(study_id: str, sample_id: str | None) -> None:
    st.session_state[key_of(study_id, "editing")] = sample_id


def _edit_form(workbench: Workbench, study: Study, state: SampleState) -> None:
    sample, names = state.sample, study.task.label_names
    own = sample.sample_id
    text = tuple(
        st.text_area(plain(one_line(field, 40).capitalize()), sample.text[place], key=f"edit-{place}-{own}", height=110)
        or ""
        for place, field in enumerate(study.task.text_fields)
    )
    label = st.selectbox(
        "Label", range(len(names)), sample.label, key=f"edit-label-{own}", format_func=lambda i: one_line(names[i], 40)
    )
    st.caption("Kept as a new version: its checks and its decision start afresh, the old one stays on record.")
    with st.container(horizontal=True):
        st.button(
            "Keep the edit", type="primary", icon=":material/check:", key="edit-keep",
            on_click=_revise, args=(workbench, study.study_id, own, text, label),
        )  # fmt: skip
        st.button("Leave it as it was", key="edit-drop", on_click=_edit, args=(study.study_id, None))


def _revise(workbench: Workbench, study_id: str, sample_id: str, text: Text, label: int) -> None:
    revised = shell.attempt(workbench.revise_sample, sample_id, text, label)
    if revised is not None:
        _edit(study_id, None)
        session.put(sample=revised.sample_id)
        session.flash("Kept as a new version. It is open and unchecked: check it, then decide.")


def _decided_by(state: SampleState) -> None:
    decision = state.decision
    if decision is None or decision.kind is DecisionKind.PENDING:
        return
    by = f"by policy “{plain(decision.policy, 40)}”, not read by a human" if decision.policy else "by a human"
    reason = f": {plain(one_line(decision.reason, 200))}" if decision.reason and not decision.policy else ""
    st.caption(f"{decision.kind.value.capitalize()} {by}, {decision.created_at:%d %b %H:%M}{reason}")


def _answer(study: Study, state: SampleState) -> None:
    """The classifier's present answer: a sample that it gets wrong hits a blind spot."""
    if state.probabilities is None:
        return
    label, tau = state.sample.label, session.tau(study)
    show_probabilities("The classifier's present answer", state.probabilities, study.task.label_names, label)
    predicted = max(range(len(state.probabilities)), key=state.probabilities.__getitem__)
    if predicted == label:
        st.caption("The classifier already gets this right.")
    elif state.probabilities[predicted] >= tau:
        st.caption(f"Confidently wrong (tau {tau:g}): this sample hits a blind spot, if its label is right.")
    else:
        st.caption(f"Wrong, but unsure (below tau {tau:g}).")


def _hypothesis(state: SampleState, number: str) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{number}** {state.hypothesis_kind.value}", width="content")
            agent_badge(state.hypothesis_agent)
        show_text((state.hypothesis_text,))
        if state.sample.reasoning:
            st.caption("Why this sample fits, says its writer:")
            show_text((state.sample.reasoning,))
