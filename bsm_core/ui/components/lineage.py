"""All hypotheses of a study as a tree: who wrote each, what it rests on, what came of it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.lineage import LineageNode
from bsm_core.ports import Store
from bsm_core.ui import session, shell, words
from bsm_core.ui.components import states
from bsm_core.ui.components.agents import agent_badge
from bsm_core.ui.components.diff import show_text
from bsm_core.ui.components.hypothesis_editor import extrapolate_from
from bsm_core.ui.components.pagination import paginate
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench
from bsm_core.workflow.diffing import word_edits
from bsm_core.workflow.ledger import tree

_ROOTS = 6
_SOURCES = 6
_REVISING = "hypothesis-revising"


def load_lineage(store: Store, study_id: str) -> list[LineageNode]:
    """The tree of the study's hypotheses with what became of their samples."""
    return tree(store, study_id)


def label_of(node: LineageNode, limit: int = 90) -> str:
    """``A2.1 · ...`` for options of select boxes, which read no markup."""
    return f"{node.number} · {one_line(node.hypothesis.text, limit)}"


def show_hypotheses(workbench: Workbench, study_id: str, nodes: Sequence[LineageNode]) -> None:
    """Paged by abstraction; extrapolations stand inside the one they start from."""
    if not nodes:
        states.empty(
            "No hypotheses yet",
            "Choose texts on which the model fails, and say why. What you keep is listed here.",
            icon=":material/psychology:",
        )
        return
    key = f"hypotheses-page-{study_id}"
    offset = (int(st.session_state.get(key, 1)) - 1) * _ROOTS
    for node in nodes[offset : offset + _ROOTS]:
        _branch(workbench, node)
    if len(nodes) > _ROOTS:
        paginate(len(nodes), key, size=_ROOTS, noun="abstractions, with what was extrapolated from them")


def _branch(workbench: Workbench, node: LineageNode) -> None:
    with st.container(border=True):
        _heading(node)
        if st.session_state.get(_REVISING) == node.hypothesis.hypothesis_id:
            _revision_form(workbench, node.hypothesis)
        else:
            show_text((node.hypothesis.text,))
            _actions(node)
        for child in node.children:
            _branch(workbench, child)


def _heading(node: LineageNode) -> None:
    hypothesis = node.hypothesis
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = hypothesis.kind.value
        st.markdown(f"**{node.number}** {kind}", width="content")
        agent_badge(hypothesis.agent)
        if node.history:
            st.badge(
                f"version {len(node.history) + 1}", icon=":material/history:", color="gray", help="It has been revised."
            )
        st.caption(_tally(node), width="content")


def _tally(node: LineageNode) -> str:
    tally = node.samples
    if not tally.total:
        return "no samples yet"
    parts = [(tally.approved, "approved"), (tally.rejected, "rejected"), (tally.pending, "open")]
    told = ", ".join(f"{number:,} {word}" for number, word in parts if number)
    return f"{words.count(tally.total, 'sample')}: {told}"


def _actions(node: LineageNode) -> None:
    own = node.hypothesis.hypothesis_id
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Why", icon=":material/help_center:", type="tertiary", key=f"why-{own}"):
            _background(node)
        session.link("samples", "Samples", icon=":material/edit_note:", hypothesis=own, help="Write or read samples.")
        st.button("Revise", icon=":material/edit:", type="tertiary", key=f"revise-{own}", on_click=_revise, args=(own,))
        if node.hypothesis.kind is HypothesisKind.ABSTRACTION:
            st.button(
                "Extrapolate",
                icon=":material/call_split:",
                type="tertiary",
                key=f"extrapolate-{own}",
                on_click=extrapolate_from,
                args=(node.hypothesis.study_id, own),
                help="Which other failure does it suggest? The form above starts from it.",
            )


def _background(node: LineageNode) -> None:
    hypothesis, sources = node.hypothesis, node.hypothesis.source_item_ids
    if hypothesis.reasoning:
        show_text((hypothesis.reasoning,))
    if hypothesis.pattern:
        by_code = hypothesis.agent is Agent.RULE
        st.caption("Its edit is applied to sentences by code:" if by_code else "The pattern it stands for:")
        st.code(hypothesis.pattern, language=None)
    st.caption(f"Rests on {words.count(len(sources), 'text')}:" if sources else "Rests on its abstraction's texts.")
    with st.container(horizontal=True):
        for number, item_id in enumerate(sources[:_SOURCES], 1):
            session.link("browse", f"Text {number}", icon=":material/visibility:", item=item_id)
        if len(sources) > _SOURCES:
            st.caption(f"and {len(sources) - _SOURCES:,} more", width="content")
    later = hypothesis.text
    for place, old in enumerate(node.history):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Version {len(node.history) - place}, {old.created_at:%d %b %H:%M}", width="content")
            agent_badge(old.agent)
            st.caption(f"then {words.count(word_edits(old.text, later), 'word')} edited", width="content")
        show_text((old.text,))
        later = old.text


def _revise(hypothesis_id: str | None) -> None:
    st.session_state[_REVISING] = hypothesis_id


def _revision_form(workbench: Workbench, hypothesis: Hypothesis) -> None:
    own = hypothesis.hypothesis_id
    text = st.text_area("Hypothesis", hypothesis.text, key=f"revision-text-{own}", height=100)
    reasoning = st.text_area("Reasoning", hypothesis.reasoning, key=f"revision-why-{own}", height=80)
    if hypothesis.agent not in ("human", "hybrid"):
        st.caption("An edit makes it hybrid: drafted by another agent, edited by a human.")
    with st.container(horizontal=True):
        st.button(
            "Keep this version", type="primary", icon=":material/check:", key=f"revision-keep-{own}",
            on_click=_keep_revision, args=(workbench, own, text or "", reasoning or ""),
        )  # fmt: skip
        st.button("Leave it as it was", key=f"revision-drop-{own}", on_click=_revise, args=(None,))


def _keep_revision(workbench: Workbench, hypothesis_id: str, text: str, reasoning: str) -> None:
    if shell.attempt(workbench.revise_hypothesis, hypothesis_id, text, reasoning) is not None:
        _revise(None)
        session.flash("The new version is kept. The earlier one, its samples and decisions stay on record.")
