"""One sample: its text, label, hypothesis, gates, the classifier's present answer; and the decision on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import DecisionKind, SampleState
from bsm_core.domain.tasks import Text
from bsm_core.ports import SampleFilter, SamplePlace
from bsm_core.ui import session, shell
from bsm_core.ui.components.agents import agent_badge
from bsm_core.ui.components.diff import show_text
from bsm_core.ui.components.gate_words import gate_words
from bsm_core.ui.components.judge_name import current_judge, judge_title
from bsm_core.ui.components.probabilities import show_probabilities
from bsm_core.ui.components.sample_checks import show_checks
from bsm_core.ui.components.sample_decisions import decision_buttons
from bsm_core.ui.components.sample_filter import key_of, show_sample
from bsm_core.ui.components.second_opinion import opinions
from bsm_core.ui.components.undoing import undo_button
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench

_STATUS = {
    DecisionKind.APPROVED: ("approved", ":material/check_circle:", "green"),
    DecisionKind.REJECTED: ("rejected", ":material/cancel:", "red"),
    DecisionKind.PENDING: ("open", ":material/radio_button_unchecked:", "gray"),
}


@dataclass(frozen=True, slots=True)
class Seat:
    """Who looks at a sample, from where, and since when."""

    place: SamplePlace
    chosen: SampleFilter
    reviewer: str
    blind: bool
    """Whether two reviewers are required, who do not see each other's opinion."""
    as_of: datetime
    is_listed: bool = True


def sample_card(workbench: Workbench, study: Study, state: SampleState, seat: Seat, number: str) -> None:
    """``number`` is the hypothesis' short name (A2.1)."""
    study_id, sample = study.study_id, state.sample
    _steps(workbench, study_id, seat)
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
            # Above the text, so that they stay in place however long it is.
            decision_buttons(workbench, state, seat.place, seat.blind, seat.as_of)
            show_text(sample.text, study.task.text_fields)
            _edit_or_relabel(workbench, study, state)
        _decided_by(state)
        if seat.blind:
            opinions(workbench, state)
        _answer(study, state)
        if state.checks:
            st.markdown("**Gates**", width="content")
            show_checks(state.checks)
            gate_words(workbench, state)
        else:
            st.caption("Not checked yet: the gates and the classifier have not seen this version.")
    _hypothesis(state, number)


def _steps(workbench: Workbench, study_id: str, seat: Seat) -> None:
    place = seat.place
    with st.container(horizontal=True, vertical_alignment="center"):
        for title, key, icon, shortcut, target, told in (
            ("Previous", "previous", ":material/arrow_back:", "K", place.previous_id, "The one before in the list."),
            ("Next", "next", ":material/arrow_forward:", "J", place.next_id, "The one after it in the list."),
            ("Skip", "skip", ":material/skip_next:", "S", place.next_open_id, "The next open one; this stays open."),
        ):
            st.button(
                title, icon=icon, shortcut=shortcut, key=f"sample-{key}", disabled=target is None, help=told,
                on_click=show_sample, args=(target,),
            )  # fmt: skip
        undo_button(workbench, study_id)
        told = f"{place.number:,} of {place.total:,}" if seat.is_listed else "not in this list"
        st.caption(f"{told} · {place.open:,} open", width="content")


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
        for place, label in enumerate(others[:6]):
            st.button(
                plain(one_line(names[label], 40)),
                key=f"relabel-{label}",
                type="tertiary",
                icon=":material/label:",
                shortcut="L" if place == 0 else None,
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
            "Keep the edit", type="primary", icon=":material/check:", key="edit-keep", shortcut="Alt+K",
            on_click=_revise, args=(workbench, study.study_id, own, text, label),
        )  # fmt: skip
        st.button("Leave it as it was", key="edit-drop", on_click=_edit, args=(study.study_id, None))


def _revise(workbench: Workbench, study_id: str, sample_id: str, text: Text, label: int) -> None:
    revised = shell.attempt(workbench.curation.revise, sample_id, text, label, current_judge())
    if revised is not None:
        _edit(study_id, None)
        show_sample(revised.sample_id)
        session.flash("Kept as a new version. It is open and unchecked: check it, then decide.")


def _decided_by(state: SampleState) -> None:
    decision = state.decision
    if decision is None or decision.kind is DecisionKind.PENDING:
        return
    name = judge_title(decision.reviewer or "human")
    who = "a human" if name == "human" else plain(name)
    by = f"by policy “{plain(decision.policy, 40)}”, not read by a human" if decision.policy else f"by {who}"
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
