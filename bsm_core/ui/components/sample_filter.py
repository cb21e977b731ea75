"""Which samples to look at: the controls over the list."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.lineage import LineageNode, flatten
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.ports import SampleFilter
from bsm_core.ui import session
from bsm_core.ui.components.agents import SHORT
from bsm_core.ui.components.lineage import label_of
from bsm_core.ui.components.pagination import first_page
from bsm_core.ui.text import one_line

PAGE = "samples-page"
STATUSES: dict[str, str] = {
    "all": "all",
    DecisionKind.PENDING: "open",
    DecisionKind.APPROVED: "approved",
    DecisionKind.REJECTED: "rejected",
}
_ANY = "any"
"""Stands for "no filter": with None among its options a box would offer to be emptied."""
_PASSED = {_ANY: "checked or not", "passed": "passed every gate", "failed": "failed a gate"}


def key_of(study_id: str, name: str) -> str:
    return f"samples-{name}-{study_id}"


def changed() -> None:
    """Callback of every filter: back to the first page, and to its first sample."""
    first_page(PAGE)
    session.put(sample=None)


def filter_controls(study_id: str, nodes: Sequence[LineageNode], agents: Sequence[Agent]) -> SampleFilter:
    """Status, gates, agent, hypothesis and words in the text."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        status = st.segmented_control(
            "Status",
            list(STATUSES),
            key=key_of(study_id, "status"),
            default="all",
            required=True,
            on_change=changed,
            format_func=lambda one: STATUSES[one],
            persist_state="session",
        )
        passed = st.selectbox(
            "Gates",
            list(_PASSED),
            key=key_of(study_id, "passed"),
            on_change=changed,
            format_func=lambda choice: _PASSED[choice],
            persist_state="session",
            width=155,
        )
        agent = st.selectbox(
            "Agent",
            [_ANY, *agents],
            key=key_of(study_id, "agent"),
            on_change=changed,
            format_func=lambda choice: "any agent" if choice == _ANY else SHORT[Agent(choice)],
            persist_state="session",
            width=130,
        )
        hypothesis_id = _choose_hypothesis(study_id, nodes)
        search = st.text_input(
            "Search",
            key=key_of(study_id, "search"),
            type="search",
            live=True,
            on_change=changed,
            placeholder="words in the text",
            persist_state="session",
            width=150,
        )
    decided = None if status in (None, "all") else DecisionKind(status)
    return SampleFilter(
        status=decided,
        agent=None if agent in (None, _ANY) else agent,
        hypothesis_id=hypothesis_id,
        passed={"passed": True, "failed": False}.get(passed or _ANY),
        search=(search or "").strip(),
    )


def clear_filters(study_id: str) -> None:
    """Callback: all samples again."""
    for name in ("status", "passed", "agent", "hypothesis", "search"):
        st.session_state.pop(key_of(study_id, name), None)
    session.put(hypothesis=None)
    changed()


def _choose_hypothesis(study_id: str, nodes: Sequence[LineageNode]) -> str | None:
    """The address names one when the visitor comes from the Hypotheses page. Earlier versions that samples were
    written for can be chosen as well."""
    names = {_ANY: "any hypothesis"}
    for node in flatten(nodes):
        names[node.hypothesis.hypothesis_id] = label_of(node)
        for old in node.history:
            names[old.hypothesis_id] = f"{node.number} · earlier: {one_line(old.text, 80)}"
    key = key_of(study_id, "hypothesis")
    wanted = session.param("hypothesis") or _ANY
    st.session_state[key] = wanted if wanted in names else _ANY
    chosen = st.selectbox(
        "Hypothesis",
        list(names),
        key=key,
        width=190,
        format_func=lambda one: names.get(one, "?"),
        on_change=_hypothesis_changed,
        args=(key,),
    )
    return None if chosen == _ANY else chosen


def _hypothesis_changed(key: str) -> None:
    chosen = st.session_state[key]
    session.put(hypothesis=None if chosen == _ANY else chosen)
    changed()
