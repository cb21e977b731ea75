"""Deciding on many samples at once: never without saying how many, and never silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from bsm_core.domain.synthesis import DecisionKind
from bsm_core.errors import WorkbenchError
from bsm_core.ports import SampleMark
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.sample_filter import key_of
from bsm_core.ui.components.sample_list import tick, ticked
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


def bulk_bar(workbench: Workbench, study_id: str, filtered: Sequence[SampleMark]) -> None:
    """Tick all that passed, approve or reject what is ticked, approve by policy; each asks first."""
    known = {mark.sample_id for mark in filtered}
    marked = tuple(sample_id for sample_id in ticked(study_id) if sample_id in known)
    passed = [mark.sample_id for mark in filtered if mark.passed and mark.status is DecisionKind.PENDING]
    with st.container(horizontal=True, vertical_alignment="center"):
        if marked:
            _marked_actions(study_id, marked)
        elif passed:
            st.button(
                f"Tick {len(passed):,} that passed",
                icon=":material/done_all:",
                key="tick-passed",
                on_click=tick,
                args=(study_id, passed),
                help="All open samples that fit the filters and passed every gate, on all pages.",
            )
        else:
            st.caption("Tick samples to decide on many at once.", width="content")
        if not marked:
            _policy_action(study_id)
    _confirmation(workbench, study_id)


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


def _marked_actions(study_id: str, marked: tuple[str, ...]) -> None:
    st.markdown(f"**{len(marked):,} ticked**", width="content")
    for verb, icon in ((_Verb.APPROVE, ":material/check:"), (_Verb.REJECT, ":material/close:")):
        st.button(
            f"{verb.value.capitalize()} {len(marked):,} …",
            icon=icon,
            key=f"bulk-{verb}",
            on_click=_ask,
            args=(study_id, _Question(verb, marked)),
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
        with st.container(horizontal=True):
            st.button(
                f"Yes, {'approve' if question.verb is not _Verb.REJECT else 'reject'} {count:,}",
                type="primary",
                icon=":material/check:",
                key="bulk-yes",
                on_click=_do,
                args=(workbench, study_id, question),
            )
            st.button("No, leave them", key="bulk-no", on_click=_ask, args=(study_id, None))


def _wording(question: _Question, count: int) -> str:
    samples = f"**{words.count(count, 'sample')}**"
    if question.verb is _Verb.POLICY:
        return f"Approve {samples} by policy **{GATED}**, unread? {POLICY_HELP}"
    if question.verb is _Verb.APPROVE:
        return f"Approve {samples}? It is recorded as your own decision on each of them."
    return f"Reject {samples}? They stay on record and can be brought back."


def _do(workbench: Workbench, study_id: str, question: _Question) -> None:
    _ask(study_id, None)
    if question.verb is _Verb.POLICY:
        count = shell.attempt(workbench.approve_by_policy, study_id)
        if count is not None:
            session.flash(f"{words.count(count, 'sample')} approved by policy “{GATED}”; no human has read them.")
        return
    kind = DecisionKind.APPROVED if question.verb is _Verb.APPROVE else DecisionKind.REJECTED
    if decided(workbench, question.sample_ids, kind):
        session.flash(f"{words.count(len(question.sample_ids), 'sample')} {kind.value}.")
        tick(study_id, ())


def decided(workbench: Workbench, sample_ids: Sequence[str], kind: DecisionKind) -> bool:
    """A human's decision; False when it was refused, which is then said at the next drawing."""

    def verb() -> bool:  # ``decide`` returns nothing, so success needs a value of its own
        workbench.decide(sample_ids, kind)
        return True

    return bool(shell.attempt(verb))
