"""Merging the ticked blind spots, and taking the last edit back."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.blind_spots import SpotChange, SpotEdit
from bsm_core.ui import session, shell
from bsm_core.ui.components.spot_list import ticked, untick
from bsm_core.workbench import Workbench
from bsm_core.workflow.spot_overview import SpotOverview

_DONE = {SpotEdit.RENAME: "renaming", SpotEdit.MERGE: "merging", SpotEdit.SPLIT: "splitting"}


def edit_bar(workbench: Workbench, study_id: str, found: SpotOverview, editable: bool) -> None:
    chosen = [spot_id for spot_id in ticked(study_id) if found.figures(spot_id)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            f"Merge {len(chosen)} ticked" if len(chosen) > 1 else "Merge ticked",
            icon=":material/merge:",
            key="spots-merge",
            disabled=not editable or len(chosen) < 2,
            help="Tick two or more spots: they become one. Can be undone.",
            on_click=_merge,
            args=(workbench, study_id, chosen),
        )
        last = found.last_change
        st.button(
            "Undo" if last is None else f"Undo {_DONE[last.kind]}",
            icon=":material/undo:",
            key="spots-undo",
            disabled=not editable or last is None,
            help="Takes back the last renaming, merging or splitting since the spots were found; press again for more.",
            on_click=_undo,
            args=(workbench, study_id),
        )


def _merge(workbench: Workbench, study_id: str, spot_ids: list[str]) -> None:
    merged = shell.attempt(workbench.spots.merge, study_id, spot_ids)
    untick(study_id)
    if merged is not None:
        session.put(spot=merged.spot_id)


def _undo(workbench: Workbench, study_id: str) -> None:
    change: SpotChange | None = shell.attempt(workbench.spots.undo, study_id)
    untick(study_id)
    if change is not None:
        session.put(spot=change.before[0])
