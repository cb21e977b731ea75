"""The list of unknown unknowns: a click opens one, a tick chooses it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import UnknownUnknown, UUOrigin, Verdict
from bsm_core.ui import session
from bsm_core.ui.components import selection
from bsm_core.ui.text import one_line

SIZE = 12
_HERE, _TEXT = "​", "Text"
_VERDICT_SIGNS = {None: "", Verdict.YES: "✓", Verdict.NO: "✗", Verdict.UNSURE: "?"}


def uu_list(
    study: Study, rows: Sequence[UnknownUnknown], current: str | None, place: str, *, tickable: bool = True
) -> None:
    """``place`` tells one page of one filter from another, so that ticks never move to other rows."""
    ids = [uu.item_id for uu in rows]
    picked = [row for row, item in enumerate(ids) if item in selection.chosen(study.study_id)]
    opened = [(ids.index(current), _TEXT)] if current in ids else []
    key = f"uus-{study.study_id}-{place}-{st.session_state.get('uus-drawn', 0)}"
    st.dataframe(
        _columns(rows, study, current),
        hide_index=True,
        key=key,
        height=36 * (len(rows) + 1) + 3,
        row_height=36,
        selection_mode=["multi-row", "single-cell"] if tickable else "single-cell",
        selection_default={"selection": {"rows": picked if tickable else [], "cells": opened}},
        on_select=lambda: _on_select(study.study_id, ids, key, tickable),
        alt="Unknown unknowns, most confident first",
        column_config={
            _HERE: st.column_config.TextColumn(width=24),
            _TEXT: st.column_config.TextColumn(width=215, help="Click to open; tick to choose."),
            "Model says": st.column_config.TextColumn(width=78),
            "Conf.": st.column_config.NumberColumn(format="%.0f%%", width=58),
            "OK?": st.column_config.TextColumn(width=44, help="Your verdict: is the label still right?"),
        },
    )


def _columns(rows: Sequence[UnknownUnknown], study: Study, current: str | None) -> pa.Table:
    names = study.task.label_names
    return pa.table(
        {
            _HERE: ["▶" if uu.item_id == current else "" for uu in rows],
            _TEXT: [_sign(uu) + one_line(" / ".join(uu.text), 120) for uu in rows],
            "Model says": [one_line(names[uu.predicted], 24) for uu in rows],
            "Conf.": [100 * uu.confidence for uu in rows],
            "OK?": [_VERDICT_SIGNS[uu.verdict] for uu in rows],
        }
    )


def _sign(uu: UnknownUnknown) -> str:
    return "✎ " if uu.origin is UUOrigin.ADVERSARIAL else ""


def _on_select(study_id: str, ids: Sequence[str], key: str, tickable: bool) -> None:
    state = st.session_state[key]["selection"]
    if tickable:
        selection.choose(study_id, ids, [ids[row] for row in state["rows"] if row < len(ids)])
    for row, _ in state["cells"][:1]:
        if row < len(ids):
            session.put(item=ids[row])


def redraw() -> None:
    """For callbacks that tick, untick or open from outside: the grid takes its ticks and its mark anew."""
    st.session_state["uus-drawn"] = st.session_state.get("uus-drawn", 0) + 1
