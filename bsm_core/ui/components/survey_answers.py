"""The answers of a survey: in the pool or flagged, each with what was asked; accept or reject."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from bsm_core.domain.survey import DecisionWord, FlagKind, QuestionKind
from bsm_core.ui import session, shell
from bsm_core.ui.components.diff import show_diff, show_text
from bsm_core.ui.components.pagination import first_page, paginate
from bsm_core.ui.text import one_line, plain
from bsm_core.ui.words import count, duration
from bsm_core.workbench import Workbench
from bsm_core.workflow.survey_accept import VERDICTS
from bsm_core.workflow.survey_results import Entry, Results

_SIZE = 8
FLAGS = {
    FlagKind.EMPTY: "empty",
    FlagKind.SHORT: "too short",
    FlagKind.COPY: "copied",
    FlagKind.TOO_FAST: "too fast",
    FlagKind.REPEATED: "repeated",
    FlagKind.MASH: "no text",
}
_KINDS = {
    QuestionKind.ABSTRACTION: "Abstraction: why could it fail here?",
    QuestionKind.EXTRAPOLATION: "Extrapolation: which different failure follows?",
    QuestionKind.GENERATION: "A text for a hypothesis",
}


def _handed_in(entry: Entry) -> bool:
    return entry.answer is not None and entry.answer.submitted


_FILTERS: dict[str, Callable[[Entry], bool]] = {
    "To decide": lambda entry: entry.in_pool and entry.word is DecisionWord.OPEN,
    "Flagged": lambda entry: _handed_in(entry) and not entry.in_pool and entry.word is DecisionWord.OPEN,
    "Accepted": lambda entry: entry.word is DecisionWord.ACCEPTED,
    "Rejected": lambda entry: entry.word is DecisionWord.REJECTED,
}


def show_answers(workbench: Workbench, found: Results) -> None:
    key = f"survey-answers-{found.survey.survey_id}"
    sizes = {name: sum(map(test, found.entries)) for name, test in _FILTERS.items()}
    chosen = st.segmented_control(
        "Show",
        list(_FILTERS),
        default="To decide",
        key=f"{key}-filter",
        format_func=lambda name: f"{name} ({sizes[name]:,})",
        on_change=first_page,
        args=(f"{key}-page",),
        help="Flagged: careless by some sign, or by a person who failed the checks, was excluded or is still at work.",
    )
    entries = [entry for entry in found.entries if _FILTERS[chosen or "To decide"](entry)]
    if chosen in (None, "To decide") and entries:
        st.button(
            f"Accept all {count(len(entries), 'answer')} in the pool",
            key="survey-accept-pool",
            icon=":material/done_all:",
            on_click=_accept_pool,
            args=(workbench, found.survey.survey_id),
            help="Each becomes a hypothesis, or a sample that still goes through the gates and your approval. Those "
            "whose ground is not accepted stay open.",
        )
    if not entries:
        st.caption(_NOTHING[chosen or "To decide"])
        return
    offset = (int(st.session_state.get(f"{key}-page", 1)) - 1) * _SIZE
    for entry in entries[offset : offset + _SIZE]:
        with st.container(border=True):
            _card(workbench, found, entry)
    paginate(len(entries), f"{key}-page", size=_SIZE, noun="answers")


_NOTHING = {
    "To decide": "Nothing to decide on: answers come here when their writer has finished or the link was closed.",
    "Flagged": "No answer is flagged.",
    "Accepted": "No answer is accepted yet.",
    "Rejected": "No answer is rejected.",
}


def _card(workbench: Workbench, found: Results, entry: Entry) -> None:
    question, answer, names = entry.question, entry.answer, found.survey.label_names
    if answer is None:
        return
    label = "" if question.label is None else plain(one_line(names[question.label], 40))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{_KINDS[question.kind]}**", width="content")
        time = "time not measured" if answer.seconds is None else duration(answer.seconds)
        st.caption(f"person {entry.participant.number} · {time}", width="content")
        for flag in entry.flags:
            st.badge(FLAGS[flag.kind], icon=":material/flag:", color="orange", help=plain(flag.why))
    if question.original is not None:
        show_diff(question.original, question.perturbed, found.survey.text_fields)
    if entry.hypothesis:
        st.caption("The hypothesis shown")
        show_text((entry.hypothesis,))
    if question.kind is QuestionKind.GENERATION:
        st.caption(f"Wanted label: **{label}**. Written:")
    else:
        st.caption(f"Right label: **{label}**. Written:" if label else "Written:")
    with st.container(border=True):
        show_text(answer.text, found.survey.text_fields) if not answer.is_empty else st.caption("(nothing)")
    if answer.reason:
        st.caption("Because:")
        show_text((answer.reason,))
    if question.kind is QuestionKind.ABSTRACTION and answer.choice is not None:
        st.caption(f"Is the label still right, says the person: **{VERDICTS[answer.choice].value}**")
    for flag in entry.flags:
        st.caption(f"⚑ {FLAGS[flag.kind]}: {plain(flag.why)}")
    if entry.keeper:
        st.caption(f"⚑ not in the pool: {plain(entry.keeper)}")
    _decide(workbench, found.survey.survey_id, entry)


def _decide(workbench: Workbench, survey_id: str, entry: Entry) -> None:
    own = entry.question.question_id
    if entry.word is DecisionWord.ACCEPTED and entry.decision is not None:
        became = "a hypothesis" if entry.decision.hypothesis_id else "a sample"
        with st.container(horizontal=True, vertical_alignment="center"):
            reason = f" ({plain(one_line(entry.decision.reason, 200))})" if entry.decision.reason else ""
            st.caption(f"✓ Accepted as {became} by a human{reason}.", width="content")
            session.link("hypotheses" if entry.decision.hypothesis_id else "samples", "See them all")
        return
    if entry.word is DecisionWord.REJECTED:
        reason = f": {plain(one_line(entry.decision.reason, 200))}" if entry.decision and entry.decision.reason else ""
        st.caption(f"✗ Rejected{reason}.")
        st.button(
            "Open it again", key=f"survey-reopen-{own}", on_click=shell.attempt, args=(workbench.survey.reopen, own)
        )
        return
    why_key = f"survey-because-{own}"
    if not entry.in_pool:
        st.text_input("Why accept or reject it (kept on record)", key=why_key, max_chars=200)
    with st.container(horizontal=True):
        st.button(
            "Accept", icon=":material/check:", key=f"survey-accept-{own}", on_click=_accept,
            args=(workbench, survey_id, own, why_key), type="primary" if entry.in_pool else "secondary",
        )  # fmt: skip
        st.button(
            "Reject", icon=":material/close:", key=f"survey-reject-{own}", on_click=_reject,
            args=(workbench, own, why_key),
        )  # fmt: skip


def _accept(workbench: Workbench, survey_id: str, question_id: str, why_key: str) -> None:
    shell.attempt(workbench.survey.accept, survey_id, question_id, str(st.session_state.get(why_key) or ""))


def _reject(workbench: Workbench, question_id: str, why_key: str) -> None:
    shell.attempt(workbench.survey.reject, question_id, str(st.session_state.get(why_key) or ""))


def _accept_pool(workbench: Workbench, survey_id: str) -> None:
    accepted = shell.attempt(workbench.survey.accept_pool, survey_id)
    if accepted is not None:
        session.flash(f"{count(accepted, 'answer')} accepted: see Hypotheses and Samples.")
