"""The list of samples: a click opens one, a tick marks it for a decision on many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import DecisionKind, SampleState
from bsm_core.ui import session
from bsm_core.ui.components.sample_checks import failed_gates
from bsm_core.ui.components.sample_filter import key_of
from bsm_core.ui.text import one_line

SIZE = 15
SIGNS = {DecisionKind.APPROVED: "✓", DecisionKind.REJECTED: "✗", DecisionKind.PENDING: "○"}
WAITS, DISAGREED = "…", "≠"
_MEANS = "✓ approved, ✗ rejected, ○ open"
_MEANS_BLIND = "✓ approved, ✗ rejected, ○ open for you, … waits for somebody else's opinion, ≠ disagreed"
_HERE, _STATUS = "​", "​​"


def ticked(study_id: str) -> tuple[str, ...]:
    return tuple(st.session_state.get(key_of(study_id, "ticked"), ()))


def tick(study_id: str, sample_ids: Iterable[str]) -> None:
    """Exactly these are ticked. For callbacks: the grid takes its ticks anew."""
    st.session_state[key_of(study_id, "ticked")] = tuple(dict.fromkeys(sample_ids))
    drawn = key_of(study_id, "drawn")
    st.session_state[drawn] = st.session_state.get(drawn, 0) + 1


def sample_list(
    study: Study, rows: Sequence[SampleState], current: str | None, place: str, blind: bool = False
) -> None:
    """``place`` tells one page of one filter from another, so that ticks never move to other rows."""
    study_id = study.study_id
    ids = [state.sample.sample_id for state in rows]
    picked = [row for row, sample_id in enumerate(ids) if sample_id in ticked(study_id)]
    key = f"{key_of(study_id, 'grid')}-{place}-{st.session_state.get(key_of(study_id, 'drawn'), 0)}"
    st.dataframe(
        _columns(rows, study, current),
        hide_index=True,
        key=key,
        height=36 * (min(SIZE, len(rows)) + 1) + 3,
        row_height=36,
        selection_mode=["multi-row", "single-cell"],
        selection_default={"selection": {"rows": picked}},
        on_select=lambda: _on_select(study_id, ids, key),
        alt="Samples, oldest first",
        column_config={
            _HERE: st.column_config.TextColumn(width=24),
            _STATUS: st.column_config.TextColumn(width=24, help=_MEANS_BLIND if blind else _MEANS),
            "Text": st.column_config.TextColumn(width=200, help="Click to open; tick to decide on many."),
            "Label": st.column_config.TextColumn(width=74),
            "Gates": st.column_config.TextColumn(width=70, help="✓ passed, ✗ failed, ⚠ label disputed, – not checked"),
        },
    )


def sign(state: SampleState) -> str:
    """The decision that counts; where two are required, what it waits for."""
    if state.disagreed:
        return DISAGREED
    waits = state.status is DecisionKind.PENDING and state.mine in (DecisionKind.APPROVED, DecisionKind.REJECTED)
    return WAITS if waits and state.opinions else SIGNS[state.status]


def _columns(rows: Sequence[SampleState], study: Study, current: str | None) -> pa.Table:
    names = study.task.label_names
    return pa.table(
        {
            _HERE: ["▶" if state.sample.sample_id == current else "" for state in rows],
            _STATUS: [sign(state) for state in rows],
            "Text": [one_line(" / ".join(state.sample.text), 120) for state in rows],
            "Label": [one_line(names[state.sample.label], 24) for state in rows],
            "Gates": [failed_gates(state.checks) for state in rows],
        }
    )


def _on_select(study_id: str, ids: Sequence[str], key: str) -> None:
    state = st.session_state[key]["selection"]
    here = [ids[row] for row in state["rows"] if row < len(ids)]
    elsewhere = [sample_id for sample_id in ticked(study_id) if sample_id not in ids]
    st.session_state[key_of(study_id, "ticked")] = (*elsewhere, *here)
    for row, _ in state["cells"][:1]:
        if row < len(ids):
            session.put(sample=ids[row])  # the page of the list stays
