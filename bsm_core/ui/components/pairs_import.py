"""Perturbation sets from and to files: pairs that somebody brings, and a set of ours as TextAttack's CSV log."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Task
from bsm_core.domain.unknowns import PerturbationSet
from bsm_core.errors import TaskError
from bsm_core.ui import session, shell, words
from bsm_core.ui.components import states
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench
from bsm_core.workflow.file_rows import MAX_BYTES, SUFFIXES
from bsm_core.workflow.pairs import Pair, read_pairs

_SHOWN = 5
_LAYOUTS = (
    "CSV or TSV with a header, JSON Lines, or Parquet: the perturbed text, the original and the label. "
    "TextAttack's CSV log and AdvGLUE's JSON are read as they come. The label is a name or a number."
)


def pairs_import(workbench: Workbench, study: Study) -> None:
    """Choose a file, see what it holds or where it is at fault, and have the baseline answer its pairs."""
    st.caption(_LAYOUTS)
    st.text(_columns(study.task))
    file = st.file_uploader(
        "File with pairs",
        type=list(SUFFIXES),
        max_upload_size=MAX_BYTES // 1024**2,
        key=f"pairs-file-{study.study_id}",
    )
    if file is None:
        return
    section = st.text_input(
        "Name of the list, if the JSON file has several that fit", key="pairs-section", max_chars=80
    ).strip()
    content = file.getvalue()
    try:
        pairs = read_pairs(file.name, content, study.task, section or None)
    except TaskError as error:
        states.failed(str(error))
        return
    _preview(pairs, study.task)
    st.button(
        f"Import {words.count(len(pairs), 'pair')}",
        type="primary",
        icon=":material/upload_file:",
        key="pairs-import",
        on_click=_import,
        args=(workbench, study.study_id, file.name, content, section or None),
    )


def download_pairs(workbench: Workbench, study: Study, chosen: PerturbationSet, name: str) -> None:
    """The set as TextAttack's CSV log. Written when it is asked for, not at every drawing. ``name``: our own words."""
    st.download_button(
        name,
        lambda: workbench.export_pairs(study.study_id, chosen.set_id).encode(),
        file_name=f"{chosen.set_id}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"pairs-download-{chosen.set_id}",
        help="As TextAttack's CSV log: texts, outputs, queries and outcome of every pair.",
        on_click="ignore",
    )


def _import(workbench: Workbench, study_id: str, name: str, content: bytes, section: str | None) -> None:
    if shell.attempt(workbench.import_pairs, study_id, name, content, section):
        session.flash("The pairs are read. The baseline answers them in the background.")


def _columns(task: Task) -> str:
    sides = ", ".join(f"perturbed_{one_line(field, 30)}, original_{one_line(field, 30)}" for field in task.text_fields)
    labels = ", ".join(one_line(name, 30) for name in task.label_names)
    return f"Columns for this study: {sides}, label. Labels: {labels}."


def _preview(pairs: tuple[Pair, ...], task: Task) -> None:
    without = sum(pair.original is None for pair in pairs)
    if without:
        st.info(
            f"{words.count(without, 'pair has', 'pairs have')} no original in the file. A wrong answer to such a text "
            "counts as if the model had been right before; accuracy before the attack says nothing about them.",
            icon=":material/info:",
        )
    first = pairs[:_SHOWN]
    st.dataframe(
        pa.table(
            {
                "Row": [pair.row for pair in first],
                "Original": [one_line(" / ".join(pair.original or ()), 160) for pair in first],
                "Perturbed": [one_line(" / ".join(pair.perturbed), 160) for pair in first],
                "Label": [one_line(task.label_names[pair.label], 40) for pair in first],
            }
        ),
        hide_index=True,
        alt="The first pairs of the file",
    )
