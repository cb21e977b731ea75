"""Texts of a blind spot, or of a choice on the map, as diffs, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.ui import session, words
from bsm_core.ui.components import selection
from bsm_core.ui.components.diff import show_diff
from bsm_core.ui.components.pagination import paginate
from bsm_core.ui.components.sources import load_sources
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench
from bsm_core.workflow.spot_overview import SpotOverview

_SIZE = 4


def show_members(workbench: Workbench, study: Study, model_id: str, item_ids: Sequence[str], key: str) -> None:
    """In the order given."""
    offset = (int(st.session_state.get(key, 1)) - 1) * _SIZE
    shown, _ = load_sources(workbench.store, model_id, item_ids[offset : offset + _SIZE])
    for unknown in shown:
        _text(unknown, study)
    paginate(len(item_ids), key, size=_SIZE, noun="texts")


def choice_detail(
    workbench: Workbench,
    study: Study,
    found: SpotOverview,
    chosen: Sequence[str],
    on_clear: Callable[[], None],
) -> None:
    """What a box, a lasso or a click on the map holds."""
    points = {point.item_id: point for point in found.points}
    ids = sorted(chosen, key=lambda item: (-points[item].confidence, item))
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"##### {words.count(len(ids), 'text')} chosen on the map", width="content")
            if st.button(
                "Write a hypothesis about these", type="primary", icon=":material/psychology:", key="choice-hypothesize"
            ):
                session.go("hypotheses", items=session.join(ids[: selection.LIMIT]))
            st.button("Clear", type="tertiary", icon=":material/close:", key="choice-clear", on_click=on_clear)
            if len(ids) > selection.LIMIT:
                st.caption(f"It will rest on the {selection.LIMIT} most confident.", width="content")
        show_members(workbench, study, found.clustering.model_id, ids, key=f"choice-{hash(tuple(ids))}")


def _text(unknown: UnknownUnknown, study: Study) -> None:
    names = study.task.label_names
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            label, said = (plain(one_line(names[place], 40)) for place in (unknown.label, unknown.predicted))
            kind = "natural" if unknown.perturbed_text is None else words.perturbed_by(unknown.recipe)
            st.caption(
                f"{plain(kind)} · labelled **{label}**, called **{said}** with {unknown.confidence:.0%} confidence",
                width="content",
            )
            session.link("browse", "See it in Browse", icon=":material/visibility:", item=unknown.item_id)
        show_diff(unknown.original_text, unknown.perturbed_text, study.task.text_fields)
