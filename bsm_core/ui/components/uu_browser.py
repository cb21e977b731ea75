"""Browse as one fragment: filters and chart above, the list on the left, one text on the right."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import NotFoundError
from bsm_core.ports import Page, Position, UnknownCounts, UnknownFilter, Unknowns
from bsm_core.ui import session, shell, words
from bsm_core.ui.components import selection, states
from bsm_core.ui.components.corrected import show_corrected
from bsm_core.ui.components.pagination import paginate
from bsm_core.ui.components.uu_detail import uu_detail
from bsm_core.ui.components.uu_filter import PAGE, changed, chosen_range, confidence_chart, filter_bar
from bsm_core.ui.components.uu_list import SIZE, redraw, uu_list
from bsm_core.workbench import Workbench


@st.fragment
@shell.guarded
def uu_browser(workbench: Workbench, study_id: str) -> None:
    """Everything is read again at each move: tau, filters and verdicts act on stored predictions."""
    study = workbench.store.studies.get(study_id)
    unknowns = filter_bar(workbench, study)
    page, item, position = _found(workbench.store.unknowns, unknowns)
    left, right = st.columns([10, 11], gap="medium")
    with left:
        counts = workbench.store.unknowns.counts(unknowns)
        _figures(counts)
        if counts.adversarial:
            show_corrected(workbench, study_id, unknowns.model_id, unknowns.tau)
        confidence_chart(workbench, study, unknowns)
        own = _is_baseline(workbench, study_id, unknowns.model_id)
        if own:
            _selection_bar(study_id)
        else:
            st.caption("Hypotheses rest on the original model: these can be looked at and judged, not selected.")
        if page.total:
            uu_list(study, page.rows, item, f"{hash(unknowns)}-{_offset()}", tickable=own)
            paginate(page.total, PAGE, size=SIZE, noun="texts")
        else:
            _nothing(study_id, unknowns)
    with right:
        _detail(workbench, study, unknowns, page.rows, item, position)


def _is_baseline(workbench: Workbench, study_id: str, model_id: str) -> bool:
    baseline = workbench.store.models.baseline(study_id)
    return baseline is not None and baseline.model_id == model_id


def _offset() -> int:
    return (int(st.session_state.get(PAGE, 1)) - 1) * SIZE


def _found(store: Unknowns, unknowns: UnknownFilter) -> tuple[Page[UnknownUnknown], str | None, Position | None]:
    """The list's present page, the text that is open, and its place in the list.

    A deep link opens the page its text is on; without one the first text of the list is open.
    """
    item = session.param("item")
    if item and PAGE not in st.session_state:
        place = store.position(unknowns, item)
        if place is not None:
            st.session_state[PAGE] = (place.number - 1) // SIZE + 1
    page, item, position = _read(store, unknowns, item)
    if not page.rows and page.total:  # the list has become shorter than the page it was on
        st.session_state[PAGE] = 1
        page, item, position = _read(store, unknowns, item)
    session.put(item=item)
    return page, item, position


def _read(
    store: Unknowns, unknowns: UnknownFilter, item: str | None
) -> tuple[Page[UnknownUnknown], str | None, Position | None]:
    """The page is read with a row more at either end: so a text on it has its neighbors, without a search for them."""
    first = max(0, _offset() - 1)
    found = store.page(unknowns, limit=_offset() + SIZE + 1 - first, offset=first)
    shown = found.rows[_offset() - first :][:SIZE]
    page = Page(shown, found.total)
    if item is None:
        if not shown:
            return page, None, None
        item = shown[0].item_id
    if item not in [uu.item_id for uu in shown]:
        return page, item, store.position(unknowns, item)
    ids = [None, *(uu.item_id for uu in found.rows), None]
    at = ids.index(item)
    return page, item, Position(first + at, found.total, ids[at - 1], ids[at + 1])


def _detail(
    workbench: Workbench,
    study: Study,
    unknowns: UnknownFilter,
    rows: Sequence[UnknownUnknown],
    item: str | None,
    position: Position | None,
) -> None:
    if item is None:
        return
    uu = next((row for row in rows if row.item_id == item), None)
    if uu is None:
        try:
            uu = workbench.store.unknowns.get(unknowns.model_id, item)
        except NotFoundError as error:
            states.failed(str(error))
            st.button(
                "Open the first text of the list", icon=":material/first_page:", key="open-first", on_click=changed
            )
            return
    own = _is_baseline(workbench, study.study_id, unknowns.model_id)
    uu_detail(workbench, study, uu, position, leaves=unknowns.verdict is not None, selectable=own)


def _figures(counts: UnknownCounts) -> None:
    judged = counts.judged_yes + counts.judged_no + counts.judged_unsure
    told = f"{counts.judged_yes:,} yes, {counts.judged_no:,} no, {counts.judged_unsure:,} unsure"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{words.count(counts.total, 'unknown unknown')}**", help=words.UU, width="content")
        st.badge(f"{counts.natural:,} natural", icon=":material/notes:", color="blue", help=words.NATURAL)
        st.badge(f"{counts.adversarial:,} perturbed", icon=":material/edit:", color="orange", help=words.ADVERSARIAL)
        if judged:
            st.badge(
                f"{judged:,} judged",
                color="gray",
                help=f"Label still right: {told}. Those judged “no” are not counted.",
            )


def _selection_bar(study_id: str) -> None:
    ids = selection.chosen(study_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{len(ids)} selected**", width="content")
        if st.button(
            "Write a hypothesis", type="primary", icon=":material/psychology:", key="go-hypotheses", disabled=not ids
        ):
            session.go("hypotheses", items=session.join(ids))
        st.button("Clear", type="tertiary", key="clear-selection", on_click=_clear, args=(study_id,), disabled=not ids)


def _clear(study_id: str) -> None:
    selection.clear(study_id)
    redraw()


def _nothing(study_id: str, unknowns: UnknownFilter) -> None:
    filtered = unknowns.search or unknowns.verdict or unknowns.origin or unknowns.label is not None
    if filtered or chosen_range(study_id, unknowns.tau):
        st.info("No unknown unknown fits these filters.", icon=":material/search_off:")
        st.button(
            "Clear the filters",
            icon=":material/filter_alt_off:",
            key="clear-filters",
            on_click=_clear_filters,
            args=(study_id,),
        )
    else:
        st.info(
            f"No unknown unknowns at tau {unknowns.tau:g}. Lower tau, or attack more texts.",
            icon=":material/sentiment_satisfied:",
        )
        session.link("discover", "Attack more texts")


def _clear_filters(study_id: str) -> None:
    for name in ("origin", "pair", "verdict", "search", "range"):
        st.session_state.pop(f"browse-{name}-{study_id}", None)
    changed()
