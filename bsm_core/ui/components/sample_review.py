"""Reading and deciding, as one fragment: budget and filters above, the list on the left, one sample on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from bsm_core.domain.blind_spots import current as spots_now
from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.lineage import LineageNode, flatten
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import SampleState
from bsm_core.errors import NotFoundError
from bsm_core.ports import SampleFilter, SamplePlace, Store
from bsm_core.ui import session, shell
from bsm_core.ui.components import states
from bsm_core.ui.components.budget_meter import show_budget
from bsm_core.ui.components.bulk_decisions import bulk_bar
from bsm_core.ui.components.judge_name import current_judge, judge_field
from bsm_core.ui.components.lineage import load_lineage
from bsm_core.ui.components.pagination import paginate
from bsm_core.ui.components.sample_card import Seat, sample_card
from bsm_core.ui.components.sample_filter import PAGE, clear_filters, filter_controls, is_narrowed, key_of
from bsm_core.ui.components.sample_list import SIZE, sample_list
from bsm_core.workbench import Workbench
from bsm_core.workflow.review import ANONYMOUS


@st.fragment
@shell.guarded
def sample_review(workbench: Workbench, study_id: str) -> None:
    """Everything is read again at each move, so that budget and list follow every decision."""
    as_of = datetime.now(UTC)  # before anything is read: what others decide from now on has not been seen here
    store = workbench.store
    study = store.studies.get(study_id)
    counts = store.samples.tallies(study_id)
    if not counts:
        states.empty(
            "No samples yet",
            "Have some generated from the hypotheses, or write one by hand, under Write. Each is listed here to be "
            "read.",
            icon=":material/edit_note:",
        )
        return
    written = {one.agent for one in counts}
    agents = [agent for agent in Agent if agent in written]
    nodes = load_lineage(store, study_id)
    show_budget(store, study_id, counts)
    blind = workbench.curation.is_blind(study_id)
    chosen = filter_controls(study, nodes, agents, _spots(store, study_id), current_judge() if blind else "")
    if blind and current_judge() == ANONYMOUS:
        judge_field("Who reviews?", width=260)
        st.info(
            "Two reviewers are required in this study, so each needs a name. Give yours, and the samples appear.",
            icon=":material/badge:",
        )
        return
    current, place = _place(store, study_id, chosen)
    left, right = st.columns([6, 7], gap="large")
    with left:
        bulk_bar(workbench, study_id, chosen, place.total, as_of)
        shown = _list(workbench, study, current, place, chosen)
        judge_field("Who reviews?", width=260)
    with right:
        if current is not None:
            _card(workbench, study, current, shown, Seat(place, chosen, current_judge(), blind, as_of), nodes)


def _place(store: Store, study_id: str, chosen: SampleFilter) -> tuple[str | None, SamplePlace]:
    """The sample in the address; else the first open one of the list; else its first."""
    current = session.param("sample")
    place = store.samples.place(study_id, chosen, current)
    if current is None and place.total:
        current = place.next_open_id or place.first_id
        place = store.samples.place(study_id, chosen, current)
    return current, place


def _spots(store: Store, study_id: str) -> dict[str, tuple[str, Sequence[str]]]:
    """The blind spots as they stand: by id, name and UUs."""
    model = store.models.baseline(study_id)
    found = store.blind_spots.latest(model.model_id) if model else None
    if found is None:
        return {}
    name = found.clustering_id
    present = spots_now(store.blind_spots.spots(name), store.blind_spots.changes(name))
    return {spot.spot_id: (spot.name, spot.item_ids) for spot in present}


def _list(
    workbench: Workbench, study: Study, current: str | None, place: SamplePlace, chosen: SampleFilter
) -> Sequence[SampleState]:
    """Draw one page; return what is on it."""
    if not place.total:
        st.info("No sample fits these filters.", icon=":material/search_off:")
        st.button(
            "Clear the filters",
            icon=":material/filter_alt_off:",
            key=key_of(study.study_id, "clear"),
            on_click=clear_filters,
            args=(study.study_id,),
        )
        return ()
    if PAGE not in st.session_state:  # a deep link, or another sample than before: show the page it is on
        st.session_state[PAGE] = ((place.number or 1) - 1) // SIZE + 1
    last = (place.total - 1) // SIZE + 1
    st.session_state[PAGE] = min(int(st.session_state[PAGE]), last)
    offset = (st.session_state[PAGE] - 1) * SIZE
    shown = workbench.store.samples.page(study.study_id, chosen, limit=SIZE, offset=offset).rows
    sample_list(study, shown, current, f"{hash(chosen)}-{offset}", blind=bool(chosen.reviewer))
    paginate(place.total, PAGE, size=SIZE, noun="samples")
    if is_narrowed(chosen):
        st.button(
            "Clear the filters", icon=":material/filter_alt_off:", type="tertiary", on_click=clear_filters,
            key=key_of(study.study_id, "clear"), args=(study.study_id,),
        )  # fmt: skip
    return shown


def _card(
    workbench: Workbench,
    study: Study,
    current: str,
    shown: Sequence[SampleState],
    seat: Seat,
    nodes: Sequence[LineageNode],
) -> None:
    state = next((state for state in shown if state.sample.sample_id == current), None)
    if state is None:
        try:
            state = workbench.store.samples.get(current, seat.chosen.reviewer)
        except NotFoundError as error:
            states.failed(str(error))
            return
    if seat.place.number is None:
        seat = replace(seat, is_listed=False)
    sample_card(workbench, study, state, seat, _number(state, nodes))


def _number(state: SampleState, nodes: Sequence[LineageNode]) -> str:
    wanted = state.sample.hypothesis_id
    for node in flatten(nodes):
        if wanted == node.hypothesis.hypothesis_id:
            return node.number
        if any(wanted == old.hypothesis_id for old in node.history):
            return f"{node.number}, earlier version"
    return "Hypothesis"
