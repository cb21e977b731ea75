"""The list of blind spots: a click opens one, a tick chooses it for merging."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import streamlit as st

from bsm_core.charts.spot_map import sign_of
from bsm_core.domain.studies import Study
from bsm_core.ui import session, words
from bsm_core.ui.text import one_line
from bsm_core.workflow.spot_overview import SpotFigures, SpotOverview

_NAME, _WRONG, _HYPOTHESES = "Spot", "Wrong nearby", "Hypotheses"
_ROWS_SHOWN = 13


def ticked(study_id: str) -> tuple[str, ...]:
    return tuple(st.session_state.get(f"spots-ticked-{study_id}", ()))


def untick(study_id: str) -> None:
    """For callbacks: no spot is chosen any more, and the grid is drawn anew without its ticks."""
    st.session_state.pop(f"spots-ticked-{study_id}", None)
    st.session_state["spots-drawn"] = st.session_state.get("spots-drawn", 0) + 1


def spot_list(study: Study, found: SpotOverview, opened: str | None, on_open: Callable[[], None]) -> None:
    """The largest first, with what people have made of each; ``on_open`` is called when one is clicked."""
    ids = [one.spot.spot_id for one in found.spots]
    if not ids:
        st.info("No group of texts lies close together: all are in no spot. Cluster again, another way.")
        return
    rows = [place for place, spot_id in enumerate(ids) if spot_id in ticked(study.study_id)]
    cells = [(ids.index(opened), _NAME)] if opened in ids else []
    key = f"spots-{study.study_id}-{hash(tuple(ids))}-{st.session_state.get('spots-drawn', 0)}"
    st.dataframe(
        _columns(found.spots),
        hide_index=True,
        key=key,
        height=36 * (min(len(ids), _ROWS_SHOWN) + 1) + 3,
        row_height=36,
        selection_mode=["multi-row", "single-cell"],
        selection_default={"selection": {"rows": rows, "cells": cells}},
        on_select=lambda: _on_select(study.study_id, ids, key, on_open),
        alt="Blind spots, the largest first",
        column_config={
            " ": st.column_config.ImageColumn(width=34, help="Its sign on the map."),
            _NAME: st.column_config.TextColumn(width=176, help="Click to open; tick to choose for merging."),
            "UUs": st.column_config.NumberColumn(width=46, help=words.UU),
            _WRONG: st.column_config.NumberColumn("Nearby", format="%.0f%%", width=66, help=words.WRONG_NEARBY),
            _HYPOTHESES: st.column_config.TextColumn("Hypoth.", width=74, help=words.COVERAGE),
            "Approved": st.column_config.TextColumn(width=78, help="Approved samples of those hypotheses."),
        },
    )


def _columns(spots: Sequence[SpotFigures]) -> pa.Table:
    return pa.table(
        {
            " ": [sign_of(place) for place in range(len(spots))],
            _NAME: [one_line(one.spot.name, 80) for one in spots],
            "UUs": [one.spot.size for one in spots],
            _WRONG: [100 * one.spot.wrong_share for one in spots],
            _HYPOTHESES: [_or_none(one.coverage.hypotheses) for one in spots],
            "Approved": [_or_none(one.coverage.approved) for one in spots],
        }
    )


def _or_none(count: int) -> str:
    return f"{count:,}" if count else "none yet"


def _on_select(study_id: str, ids: Sequence[str], key: str, on_open: Callable[[], None]) -> None:
    state = st.session_state[key]["selection"]
    st.session_state[f"spots-ticked-{study_id}"] = [ids[row] for row in state["rows"] if row < len(ids)]
    for row, _ in state["cells"][:1]:
        if row < len(ids) and ids[row] != session.param("spot"):
            session.put(spot=ids[row])
            on_open()
