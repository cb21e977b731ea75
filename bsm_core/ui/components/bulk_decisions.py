"""Deciding on many samples at once: never without saying how many, and never silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import streamlit as st

from bsm_core.domain.curation import Outcome
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.errors import WorkbenchError
from bsm_core.ports import SampleFilter
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.judge_name import current_judge
from bsm_core.ui.components.sample_filter import changed, key_of
from bsm_core.ui.components.sample_list import tick, ticked
from bsm_core.ui.components.undoing import remember
from bsm_core.ui.text import plain
from bsm_core.workbench import Workbench
from bsm_core.workflow.curate import GATED, gated_decisions

POLICY_HELP = (
    f"Policy “{GATED}” approves every open sample that passed all gates, oldest first, until each agent's budget is "
    "full. Nobody reads them: the decisions carry the policy's name, here and in every export."
)


class _Verb(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    POLICY = "policy"


@dataclass(frozen=True)
class _Question:
    """What is about to be done, waiting for a yes."""

    verb: _Verb
    sample_ids: tuple[str, ...] = ()
    as_of: datetime | None = None


def bulk_bar(workbench: Workbench, study_id: str, chosen: SampleFilter, total: int, as_of: datetime) -> None:
    """Tick all that fit the filters, approve or reject what is ticked, approve by policy; each asks first."""
    marked: tuple[str, ...] = ()
    if ticked(study_id):
        listed = {mark.sample_id for mark in workbench.store.samples.marks(study_id, chosen)}
        marked = tuple(sample_id for sample_id in ticked(study_id) if sample_id in listed)
    with st.container(horizontal=True, vertical_alignment="center"):
        if marked:
            _marked_actions(study_id, marked, as_of)
        elif total:
            _tick_actions(workbench, study_id, chosen, total)
    _confirmation(workbench, study_id)


def _tick_actions(workbench: Workbench, study_id: str, chosen: SampleFilter, total: int) -> None:
    st.button(
        f"Tick all {total:,}", icon=":material/select_all:", key="tick-listed", on_click=_tick_all,
        args=(workbench, study_id, chosen),
        help="All samples that fit the filters, on all pages. What is then done with them asks first.",
    )  # fmt: skip
    st.button(
        "Tick open ones that passed", icon=":material/done_all:", key="tick-passed", on_click=_tick_passed,
        args=(workbench, study_id, chosen),
        help="All open samples that fit the filters and passed every gate, on all pages.",
    )  # fmt: skip
    if not chosen.reviewer:
        _policy_action(study_id)


def _tick_all(workbench: Workbench, study_id: str, chosen: SampleFilter) -> None:
    tick(study_id, [mark.sample_id for mark in workbench.store.samples.marks(study_id, chosen)])


def _tick_passed(workbench: Workbench, study_id: str, chosen: SampleFilter) -> None:
    passed = replace(chosen, turn="mine") if chosen.reviewer and chosen.turn is None else chosen
    marks = workbench.store.samples.marks(study_id, passed)
    found = [mark.sample_id for mark in marks if mark.passed and mark.status is DecisionKind.PENDING]
    tick(study_id, found)
    if not found:
        session.flash("No open sample that fits the filters has passed every gate.", "info")


def _policy_action(study_id: str) -> None:
    st.button(
        f"Approve by policy “{GATED}” …",
        icon=":material/gavel:",
        type="tertiary",
        key="policy-ask",
        on_click=_ask,
        args=(study_id, _Question(_Verb.POLICY)),
        help=POLICY_HELP,
    )


def _marked_actions(study_id: str, marked: tuple[str, ...], as_of: datetime) -> None:
    st.markdown(f"**{len(marked):,} ticked**", width="content")
    for verb, icon in ((_Verb.APPROVE, ":material/check:"), (_Verb.REJECT, ":material/close:")):
        st.button(
            f"{verb.value.capitalize()} {len(marked):,} …",
            icon=icon,
            key=f"bulk-{verb}",
            on_click=_ask,
            args=(study_id, _Question(verb, marked, as_of)),
        )
    st.button("Untick", type="tertiary", key="bulk-untick", on_click=tick, args=(study_id, ()))


def _ask(study_id: str, question: _Question | None) -> None:
    st.session_state[key_of(study_id, "question")] = question


def _confirmation(workbench: Workbench, study_id: str) -> None:
    question: _Question | None = st.session_state.get(key_of(study_id, "question"))
    if question is None:
        return
    try:
        count = len(question.sample_ids) or len(gated_decisions(workbench.store, study_id))
    except WorkbenchError as error:  # nothing to approve by policy: say so, and put the question away
        st.info(plain(str(error)), icon=":material/info:")
        _ask(study_id, None)
        return
    with st.container(border=True):
        st.markdown(_wording(question, count))
        reason = ""
        if question.verb is _Verb.REJECT:
            reason = st.text_input("Why? (may be left empty)", key="bulk-reason", max_chars=200) or ""
        with st.container(horizontal=True):
            st.button(
                f"Yes, {'approve' if question.verb is not _Verb.REJECT else 'reject'} {count:,}",
                type="primary",
                icon=":material/check:",
                key="bulk-yes",
                on_click=_do,
                args=(workbench, study_id, question, reason),
            )
            st.button("No, leave them", key="bulk-no", on_click=_ask, args=(study_id, None))


def _wording(question: _Question, count: int) -> str:
    samples = f"**{words.count(count, 'sample')}**"
    if question.verb is _Verb.POLICY:
        return f"Approve {samples} by policy **{GATED}**, unread? {POLICY_HELP}"
    if question.verb is _Verb.APPROVE:
        return f"Approve {samples}? It is recorded as your own decision on each of them."
    return f"Reject {samples}? They stay on record and can be brought back."


def _do(workbench: Workbench, study_id: str, question: _Question, reason: str) -> None:
    _ask(study_id, None)
    if question.verb is _Verb.POLICY:
        outcome = shell.attempt(workbench.curation.approve_by_policy, study_id)
        if outcome is not None:
            remember(study_id, outcome, f"{words.count(len(outcome.decided), 'sample')} approved by policy")
            told = words.count(len(outcome.decided), "sample")
            session.flash(f"{told} approved by policy “{GATED}”; no human has read them.")
        return
    kind = DecisionKind.APPROVED if question.verb is _Verb.APPROVE else DecisionKind.REJECTED
    outcome = decided(workbench, question.sample_ids, kind, reason, question.as_of)
    if outcome is not None:
        told = f"{words.count(len(outcome.decided), 'sample')} {kind.value}"
        remember(study_id, outcome, told)
        session.flash(f"{told}.{_left_alone(outcome)}")
        tick(study_id, ())
        changed()


def _left_alone(outcome: Outcome) -> str:
    if not outcome.refused:
        return ""
    reasons = "; ".join(dict.fromkeys(outcome.refused.values()))
    return f" {words.count(len(outcome.refused), 'sample')} left alone: {reasons}."


def decided(
    workbench: Workbench, sample_ids: Sequence[str], kind: DecisionKind, reason: str, as_of: datetime | None
) -> Outcome | None:
    """A human's decision; None when it was refused, which is then said at the next drawing."""
    return shell.attempt(workbench.curation.decide, sample_ids, kind, reason, current_judge(), as_of)
