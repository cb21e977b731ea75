"""The unknown unknowns that a hypothesis is about, one at a time, with the diff and the model's answers."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.tasks import Task
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import NotFoundError
from bsm_core.ports import Store
from bsm_core.ui import session, words
from bsm_core.ui.components.diff import show_diff
from bsm_core.ui.components.probabilities import show_probabilities


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


def show_sources(sources: Sequence[UnknownUnknown], task: Task, key: str) -> None:
    """One UU with a pager over the others."""
    place = 1
    if len(sources) > 1:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(f"{len(sources)} unknown unknowns chosen", width="content")
            place = min(st.pagination(len(sources), key=key), len(sources))
    uu = sources[place - 1]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(words.ORIGINS[uu.origin], icon=":material/edit:" if uu.perturbed_text else ":material/notes:")
            st.caption(f"wrong with {uu.confidence:.0%} confidence", width="content", help=words.CONFIDENCE)
            session.link("browse", "See it in Browse", icon=":material/visibility:", item=uu.item_id)
        show_diff(uu.original_text, uu.perturbed_text, task.text_fields)
        if uu.original_probabilities is not None:
            show_probabilities("Model on the original", uu.original_probabilities, task.label_names, uu.label)
        answer = "Model on the perturbed text" if uu.perturbed_text else "Model on this text"
        show_probabilities(answer, uu.probabilities, task.label_names, uu.label)
