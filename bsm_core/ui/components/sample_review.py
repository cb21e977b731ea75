"""Reading and deciding, as one fragment: budget and filters above, the list on the left, one sample on the right."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.lineage import LineageNode, flatten
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import SampleState
from bsm_core.errors import NotFoundError
from bsm_core.ports import SampleFilter, SampleMark
from bsm_core.ui import session, shell
from bsm_core.ui.components import states
from bsm_core.ui.components.budget_meter import show_budget
from bsm_core.ui.components.bulk_decisions import bulk_bar
from bsm_core.ui.components.lineage import load_lineage
from bsm_core.ui.components.pagination import paginate
from bsm_core.ui.components.sample_card import Place, sample_card
from bsm_core.ui.components.sample_filter import PAGE, clear_filters, filter_controls, key_of
from bsm_core.ui.components.sample_list import SIZE, sample_list
from bsm_core.workbench import Workbench


@st.fragment
@shell.guarded
def sample_review(workbench: Workbench, study_id: str) -> None:
    """Everything is read again at each move, so that budget and list follow every decision."""
    store = workbench.store
    study = store.studies.get(study_id)
    every = store.samples.marks(study_id, SampleFilter())
    nodes = load_lineage(store, study_id, every)
    written = {mark.agent for mark in every}
    agents = [agent for agent in Agent if agent in written]
    if not every:
        states.empty(
            "No samples yet",
            "Have some generated from the hypotheses above, or write one by hand. Each is listed here to be read.",
            icon=":material/edit_note:",
        )
        return
    show_budget(store, study_id, agents)
    chosen = filter_controls(study_id, nodes, agents)
    left, right = st.columns([6, 7], gap="large")
    filtered = every if chosen == SampleFilter() else store.samples.marks(study_id, chosen)
    current = session.param("sample") or (filtered[0].sample_id if filtered else None)
    place = _place(filtered, current, leaves=chosen.status is not None)
    with left:
        bulk_bar(workbench, study_id, filtered)
        shown = _list(workbench, study, len(filtered), current, place, chosen)
    with right:
        if current is not None:
            _card(workbench, study, current, shown, place, nodes)


def _place(filtered: Sequence[SampleMark], current: str | None, leaves: bool) -> Place | None:
    ids = [mark.sample_id for mark in filtered]
    if current not in ids:
        return None
    at = ids.index(current)
    return Place(at + 1, len(ids), ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None, leaves)


def _list(
    workbench: Workbench, study: Study, total: int, current: str | None, place: Place | None, chosen: SampleFilter
) -> Sequence[SampleState]:
    """Draw one page of ``total`` samples; return what is on it."""
    if not total:
        st.info("No sample fits these filters.", icon=":material/search_off:")
        st.button(
            "Clear the filters",
            icon=":material/filter_alt_off:",
            key=key_of(study.study_id, "clear"),
            on_click=clear_filters,
            args=(study.study_id,),
        )
        return ()
    if PAGE not in st.session_state and place is not None:  # a deep link: show the page it is on
        st.session_state[PAGE] = (place.number - 1) // SIZE + 1
    last = (total - 1) // SIZE + 1
    st.session_state[PAGE] = min(int(st.session_state.get(PAGE, 1)), last)
    offset = (st.session_state[PAGE] - 1) * SIZE
    shown = workbench.store.samples.page(study.study_id, chosen, limit=SIZE, offset=offset).rows
    sample_list(study, shown, current, f"{hash(chosen)}-{offset}")
    paginate(total, PAGE, size=SIZE, noun="samples")
    return shown


def _card(
    workbench: Workbench,
    study: Study,
    current: str,
    shown: Sequence[SampleState],
    place: Place | None,
    nodes: Sequence[LineageNode],
) -> None:
    state = next((state for state in shown if state.sample.sample_id == current), None)
    if state is None:
        try:
            state = workbench.store.samples.get(current)
        except NotFoundError as error:
            states.failed(str(error))
            return
    sample_card(workbench, study, state, place, _number(state, nodes))


def _number(state: SampleState, nodes: Sequence[LineageNode]) -> str:
    wanted = state.sample.hypothesis_id
    for node in flatten(nodes):
        if wanted == node.hypothesis.hypothesis_id:
            return node.number
        if any(wanted == old.hypothesis_id for old in node.history):
            return f"{node.number}, earlier version"
    return "Hypothesis"
