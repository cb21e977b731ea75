"""Writing a hypothesis: by hand, from a teacher's draft, or both. What was typed outlives failures and reruns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from bsm_core.domain.hypotheses import Agent, HypothesisDraft, HypothesisKind
from bsm_core.domain.lineage import LineageNode
from bsm_core.errors import WorkbenchError
from bsm_core.ui import session, shell
from bsm_core.ui.components.agents import ICONS, MEANINGS, SHORT, agent_badge
from bsm_core.ui.components.diff import show_text
from bsm_core.ui.components.teacher_calls import show_failed_call
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench
from bsm_core.workflow.curate import edited_by_human

KIND_HELP = (
    "An abstraction says why the model fails on the texts beside it. An extrapolation starts from an abstraction and "
    "names a different failure that it suggests."
)
_PLACEHOLDERS = {
    HypothesisKind.ABSTRACTION: "The model relies on single opinion words and does not notice when one is misspelled …",
    HypothesisKind.EXTRAPOLATION: "Then it should also fail when the opinion is carried by an idiom …",
}


@dataclass(frozen=True)
class SetAside:
    """Text that a draft replaced, and the draft it came from itself, so that its agent stays honest."""

    text: str
    reasoning: str
    draft: HypothesisDraft | None
    drafted_for: tuple[str, ...]


@dataclass
class Desk:
    """What lies on one visitor's desk for one study, beside the two text areas."""

    draft: HypothesisDraft | None = None
    drafted_for: tuple[str, ...] = ()
    """The UUs that the draft is about."""
    asking: bool = False
    failure: str = ""
    failed_call_id: str | None = None
    set_aside: SetAside | None = None


@dataclass(frozen=True)
class _Keys:
    """Widget keys, per study, so that one study's text never shows in another."""

    study_id: str

    def __getattr__(self, name: str) -> str:
        return f"hypothesis-{name}-{self.study_id}"


def desk(study_id: str) -> Desk:
    found: Desk = st.session_state.setdefault(_Keys(study_id).desk, Desk())
    return found


def kept_as(draft: HypothesisDraft | None, text: str, reasoning: str) -> Agent:
    """Whose it will be when it is kept as it stands; the same rule as the workbench's."""
    if draft is None:
        return Agent.HUMAN
    unchanged = (text.strip(), reasoning.strip()) == (draft.text.strip(), draft.reasoning.strip())
    return draft.agent if unchanged else edited_by_human(draft.agent)


def extrapolate_from(study_id: str, hypothesis_id: str) -> None:
    """Callback: go on with this abstraction. What is typed stays; a draft, being of other work, is set aside."""
    keys, on_desk = _Keys(study_id), desk(study_id)
    if on_desk.draft is not None:
        on_desk.set_aside = _on_paper(study_id)
        _put_on_paper(study_id, SetAside("", "", None, ()))
    st.session_state[keys.kind] = HypothesisKind.EXTRAPOLATION
    st.session_state[keys.parent] = hypothesis_id


def chosen_parent(study_id: str, abstractions: Sequence[LineageNode]) -> LineageNode | None:
    """The abstraction that an extrapolation on the desk starts from: it needs no chosen UUs. None for none."""
    keys = _Keys(study_id)
    if not abstractions or st.session_state.get(keys.kind) is not HypothesisKind.EXTRAPOLATION:
        return None
    wanted = st.session_state.get(keys.parent)
    return next((node for node in abstractions if node.hypothesis.hypothesis_id == wanted), abstractions[0])


def show_editor(
    workbench: Workbench, study_id: str, item_ids: Sequence[str], abstractions: Sequence[LineageNode]
) -> None:
    """Kind, the teacher's button, the two text areas, and what it will be kept as."""
    keys, on_desk = _Keys(study_id), desk(study_id)
    kind = _choose_kind(keys, on_desk, bool(item_ids), bool(abstractions))
    parent_id = _choose_parent(keys, on_desk, abstractions) if kind is HypothesisKind.EXTRAPOLATION else None
    embedded = workbench.settings.teacher.is_embedded
    row = st.container(horizontal=True, vertical_alignment="center")  # filled below: it depends on the answer
    if on_desk.asking:
        on_desk.asking = False
        with st.spinner("The rules look at the edits …" if embedded else "The teacher reads the texts and writes …"):
            _ask(workbench, study_id, kind, item_ids, parent_id)
    with row:
        _teacher_buttons(keys, on_desk, embedded)
    if embedded:
        st.caption(
            "The embedded model is too small to reason about texts, so its drafts are made by rule from the edits. "
            "A real endpoint writes better ones: see Settings."
        )
    if on_desk.failure:
        show_failed_call(workbench.store, on_desk.failure, on_desk.failed_call_id)
    text = st.text_area(
        "Hypothesis", key=keys.text, height=110, placeholder=_PLACEHOLDERS[kind], persist_state="session"
    )
    reasoning = st.text_area(
        "Reasoning", key=keys.reasoning, height=110, persist_state="session",
        placeholder="What in the texts makes you think so? (optional)",
    )  # fmt: skip
    if on_desk.draft is not None and on_desk.drafted_for != tuple(item_ids):
        st.warning("The draft was written for other texts than those chosen now.", icon=":material/warning:")
    agent = kept_as(on_desk.draft, text or "", reasoning or "")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("will be kept as:", width="content")
        agent_badge(agent)
        st.caption(MEANINGS[agent], width="content")
    with st.container(horizontal=True):
        st.button(
            "Keep hypothesis", type="primary", icon=":material/check:", on_click=_keep, key=keys.keep,
            args=(workbench, study_id, kind, tuple(item_ids), parent_id),
        )  # fmt: skip
        if on_desk.draft is not None or text or reasoning:
            st.button("Start over", icon=":material/delete:", on_click=_clear, args=(study_id,), key=keys.clear)


def _teacher_buttons(keys: _Keys, on_desk: Desk, embedded: bool) -> None:
    st.button(
        _ask_label(embedded, on_desk.draft is not None),
        icon=ICONS[Agent.RULE if embedded else Agent.LM],
        on_click=_request,
        args=(keys.study_id,),
        key=keys.ask,
        help="The draft goes into the text below, where you can edit it. Nothing is kept until you say so.",
    )
    if on_desk.set_aside is not None:
        st.button(
            "Swap with what I had before",
            icon=":material/swap_vert:",
            type="tertiary",
            on_click=_swap,
            args=(keys.study_id,),
            key=keys.back,
        )


def _ask_label(embedded: bool, again: bool) -> str:
    if embedded:
        return "Draft again by rule" if again else "Draft one by rule"
    return "Ask the teacher again" if again else "Ask the teacher"


def _choose_kind(keys: _Keys, on_desk: Desk, has_items: bool, has_abstractions: bool) -> HypothesisKind:
    options = [
        kind
        for kind, possible in (
            (HypothesisKind.ABSTRACTION, has_items),
            (HypothesisKind.EXTRAPOLATION, has_abstractions),
        )
        if possible
    ]
    if st.session_state.get(keys.kind) not in options:
        st.session_state[keys.kind] = options[0]
    if on_desk.draft is not None and on_desk.draft.kind in options:
        st.session_state[keys.kind] = on_desk.draft.kind  # a draft is of one kind, until it is kept or put away
    kind = st.segmented_control(
        "Kind",
        options,
        key=keys.kind,
        format_func=lambda one: one.value.capitalize(),
        required=True,
        disabled=on_desk.draft is not None,
        help=KIND_HELP,
        persist_state="session",
    )
    return kind or options[0]


def _choose_parent(keys: _Keys, on_desk: Desk, abstractions: Sequence[LineageNode]) -> str:
    by_id = {node.hypothesis.hypothesis_id: node for node in abstractions}
    if st.session_state.get(keys.parent) not in by_id:
        st.session_state[keys.parent] = next(iter(by_id))
    chosen: str = st.selectbox(
        "Starting from the abstraction",
        list(by_id),
        key=keys.parent,
        format_func=lambda one: f"{by_id[one].number} · {one_line(by_id[one].hypothesis.text, 90)}",
        disabled=on_desk.draft is not None,
        persist_state="session",
    )
    show_text((by_id[chosen].hypothesis.text,))
    return chosen


def _request(study_id: str) -> None:
    desk(study_id).asking = True


def _ask(
    workbench: Workbench, study_id: str, kind: HypothesisKind, item_ids: Sequence[str], parent_id: str | None
) -> None:
    """Fill the text areas with a draft; or keep what failed for show, and the text areas as they are."""
    on_desk, started = desk(study_id), datetime.now(UTC)
    on_desk.failure, on_desk.failed_call_id = "", None
    try:
        draft = workbench.draft_hypothesis(study_id, kind, item_ids, parent_id)
    except WorkbenchError as error:  # kept on the desk, since it has to outlive the next rerun
        newest = workbench.store.calls.page(study_id, limit=1).rows
        on_desk.failure = str(error)
        on_desk.failed_call_id = next((call.call_id for call in newest if call.created_at >= started), None)
        return
    before = _on_paper(study_id)
    last = (on_desk.draft.text, on_desk.draft.reasoning) if on_desk.draft else ("", "")
    if (before.text or before.reasoning) and (before.text, before.reasoning) != last:
        on_desk.set_aside = before
    _put_on_paper(study_id, SetAside(draft.text, draft.reasoning, draft, tuple(item_ids)))


def _on_paper(study_id: str) -> SetAside:
    keys, on_desk = _Keys(study_id), desk(study_id)
    text, reasoning = st.session_state.get(keys.text) or "", st.session_state.get(keys.reasoning) or ""
    return SetAside(text, reasoning, on_desk.draft, on_desk.drafted_for)


def _put_on_paper(study_id: str, what: SetAside) -> None:
    keys, on_desk = _Keys(study_id), desk(study_id)
    st.session_state[keys.text], st.session_state[keys.reasoning] = what.text, what.reasoning
    on_desk.draft, on_desk.drafted_for = what.draft, what.drafted_for


def _swap(study_id: str) -> None:
    """Callback: what is on the desk and what a draft replaced change places; neither is lost."""
    on_desk, now = desk(study_id), _on_paper(study_id)
    if on_desk.set_aside is not None:
        _put_on_paper(study_id, on_desk.set_aside)
        on_desk.set_aside = now


def _keep(
    workbench: Workbench,
    study_id: str,
    kind: HypothesisKind,
    item_ids: Sequence[str],
    parent_id: str | None,
) -> None:
    keys, on_desk = _Keys(study_id), desk(study_id)
    text, reasoning = st.session_state.get(keys.text) or "", st.session_state.get(keys.reasoning) or ""
    kept = shell.attempt(workbench.keep_hypothesis, study_id, kind, text, reasoning, item_ids, parent_id, on_desk.draft)
    if kept is not None:
        session.flash(f"Kept, by {SHORT[kept.agent]}. It stands in the list below; write samples for it next.")
        _clear(study_id)


def _clear(study_id: str) -> None:
    keys = _Keys(study_id)
    st.session_state[keys.desk] = Desk()
    st.session_state[keys.text] = st.session_state[keys.reasoning] = ""
