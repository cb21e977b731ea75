"""The unknown unknowns that a hypothesis is about, one at a time, with the diff and the model's answers."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Task
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import NotFoundError
from bsm_core.ports import Store, UnknownFilter
from bsm_core.ui import session, words
from bsm_core.ui.components import selection, states
from bsm_core.ui.components.diff import show_diff
from bsm_core.ui.components.probabilities import show_probabilities
from bsm_core.ui.text import one_line

_PICK_FROM = 50


def chosen_items(study_id: str) -> tuple[str, ...]:
    """The UUs in the address, else those ticked on Browse, else those this visit last worked on."""
    key = f"hypothesis-items-{study_id}"
    ids = session.items() or selection.chosen(study_id) or tuple(st.session_state.get(key, ()))
    st.session_state[key] = ids
    session.put(items=session.join(ids))
    return ids


def load_sources(store: Store, model_id: str, item_ids: Sequence[str]) -> tuple[list[UnknownUnknown], int]:
    """The UUs with these ids, in order, and how many ids the model makes no mistake on (a mistyped address, or
    another study's)."""
    found = []
    for item_id in item_ids:
        try:
            found.append(store.unknowns.get(model_id, item_id))
        except NotFoundError:
            continue  # counted by its absence, and said on the page
    return found, len(item_ids) - len(found)


def no_sources(store: Store, study: Study, model_id: str) -> None:
    """Nothing chosen: go to Browse, or take one of the most confident here. Or there is nothing to choose."""
    page = store.unknowns.page(UnknownFilter(model_id, session.tau(study)), limit=_PICK_FROM)
    if not page.rows:
        states.empty(
            "No unknown unknowns to explain",
            f"At tau {session.tau(study):g} there are none on validation: attack some texts first, or lower tau.",
            page="discover",
            label="Provoke mistakes",
        )
        return
    states.empty(
        "No text chosen",
        "A hypothesis says why the model fails on one or several texts. Tick some that seem to fail for one reason.",
        page="browse",
        label=f"Browse the {page.total:,} unknown unknowns",
        icon=":material/psychology:",
    )
    by_id = {uu.item_id: uu for uu in page.rows}
    key = f"hypothesis-pick-{study.study_id}"
    st.selectbox(
        "Or take one here, most confident first",
        list(by_id),
        index=None,
        key=key,
        format_func=lambda one: f"{by_id[one].confidence:.0%}  {one_line(' / '.join(by_id[one].text), 110)}",
        placeholder="Choose a text",
        on_change=lambda: session.put(items=st.session_state[key]),
    )


def show_sources(sources: Sequence[UnknownUnknown], task: Task, key: str) -> None:
    """One UU with a pager over the others."""
    place = 1
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(words.count(len(sources), "text chosen", "texts chosen"), width="content")
        if len(sources) > 1:
            if st.session_state.get(key, 1) > len(sources):
                st.session_state[key] = len(sources)
            place = st.pagination(len(sources), key=key)
        session.link("browse", "Choose others", icon=":material/checklist:")
    uu = sources[place - 1]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            if uu.perturbed_text is None:
                st.badge("natural", icon=":material/notes:", color="blue", help=words.NATURAL)
            else:
                st.badge(words.perturbed_by(uu.recipe), icon=":material/edit:", color="orange", help=words.ADVERSARIAL)
            st.caption(f"wrong with {uu.confidence:.0%} confidence", width="content", help=words.CONFIDENCE)
            session.link("browse", "See it in Browse", icon=":material/visibility:", item=uu.item_id)
        show_diff(uu.original_text, uu.perturbed_text, task.text_fields)
        if uu.original_probabilities is not None:
            show_probabilities("On the original", uu.original_probabilities, task.label_names, uu.label)
        answer = "On the perturbed text" if uu.perturbed_text else "On this text"
        show_probabilities(answer, uu.probabilities, task.label_names, uu.label)
