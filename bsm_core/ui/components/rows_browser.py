"""The rows of a study, split by split. Test is sealed: its rows are counted, not shown."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Split
from bsm_core.ports import ExampleRow
from bsm_core.ui import shell, words
from bsm_core.ui.components.diff import show_text
from bsm_core.ui.components.pagination import PAGE_SIZE, first_page, paginate
from bsm_core.ui.components.probabilities import show_probabilities
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench

_PAGE = "rows-page"
_TEXT_COLUMN = "Text"
_ANY = -1


@st.fragment
@shell.guarded
def rows_browser(workbench: Workbench, study: Study) -> None:
    """Paging, search and label filter over one split; a click on a row shows its whole text."""
    names = study.task.label_names
    with st.container(horizontal=True, vertical_alignment="bottom"):
        split = st.segmented_control(
            "Split",
            list(Split),
            default=Split.TRAIN,
            required=True,
            format_func=lambda one: one.value.capitalize(),
            key="rows-split",
            on_change=first_page,
            args=(_PAGE,),
        )
        label = st.selectbox(
            "Label",
            [_ANY, *range(len(names))],
            format_func=lambda one: "any label" if one == _ANY else one_line(names[one], 40),
            key="rows-label",
            on_change=first_page,
            args=(_PAGE,),
            width=220,
        )
        search = st.text_input(
            "Search",
            key="rows-search",
            type="search",
            live=True,
            placeholder="words in the text",
            on_change=first_page,
            args=(_PAGE,),
        )
    if split is Split.TEST:
        st.info(f"{words.SPLITS[Split.TEST]} Its rows are counted above and not shown here.", icon=":material/lock:")
        return
    _table(workbench, study, split or Split.TRAIN, None if label == _ANY else label, (search or "").strip())


def _table(workbench: Workbench, study: Study, split: Split, label: int | None, search: str) -> None:
    offset = (int(st.session_state.get(_PAGE, 1)) - 1) * PAGE_SIZE
    page = workbench.store.examples.page(
        study.study_id, split, search=search, label=label, limit=PAGE_SIZE, offset=offset
    )
    if not page.total:
        st.info("No row fits this filter.", icon=":material/search_off:")
        return
    left, right = st.columns([7, 4], gap="medium")
    with left:
        chosen = _grid(page.rows, study, f"rows-{split}-{label}-{search}-{offset}")
        paginate(page.total, _PAGE, noun="rows")
    with right:
        if chosen is None:
            st.caption("Click a row to read it in full.")
        else:
            _whole_row(chosen, study)


def _grid(rows: list[ExampleRow], study: Study, key: str) -> ExampleRow | None:
    """The table; returns the row that was clicked."""
    event = st.dataframe(
        _columns(rows, study),
        hide_index=True,
        key=key,
        on_select="rerun",
        selection_mode="single-cell",
        alt="Rows of the split",
        height=460,
        column_config={
            _TEXT_COLUMN: st.column_config.TextColumn(width=370),
            "Label": st.column_config.TextColumn(width=84),
            "Model says": st.column_config.TextColumn(width=100),
            "Confidence": st.column_config.NumberColumn(format="percent", width=86, help=words.CONFIDENCE),
        },
    )
    cells = event["selection"]["cells"]
    return rows[cells[0][0]] if cells and cells[0][0] < len(rows) else None


def _columns(rows: list[ExampleRow], study: Study) -> pa.Table:
    names = study.task.label_names
    fields = study.task.text_fields
    titles = [_TEXT_COLUMN] if len(fields) == 1 else [one_line(field, 30).capitalize() for field in fields]
    columns: dict[str, list[object]] = {
        title: [one_line(row.example.text[place], 220) for row in rows] for place, title in enumerate(titles)
    }
    columns["Label"] = [one_line(names[row.example.label], 40) for row in rows]
    if any(row.probabilities for row in rows):
        best = [max(row.probabilities) if row.probabilities else None for row in rows]
        columns["Model says"] = [_answer(row, names) for row in rows]
        columns["Confidence"] = list(best)
    return pa.table(columns)


def _answer(row: ExampleRow, names: tuple[str, ...]) -> str:
    if row.probabilities is None:
        return ""
    predicted = row.probabilities.index(max(row.probabilities))
    sign = "✓" if predicted == row.example.label else "✗"
    return f"{sign} {one_line(names[predicted], 40)}"


def _whole_row(row: ExampleRow, study: Study) -> None:
    with st.container(border=True):
        show_text(row.example.text, study.task.text_fields)
        if row.probabilities is not None:
            show_probabilities("The model says", row.probabilities, study.task.label_names, row.example.label)
