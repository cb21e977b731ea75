"""Take hypotheses and samples from a file: the set that ships with the workbench, or somebody's own."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.errors import NotFoundError, WorkbenchError
from bsm_core.ui import session, shell, words
from bsm_core.ui.components import states
from bsm_core.workbench import Workbench
from bsm_core.workflow.curated_set import CuratedSet
from bsm_core.workflow.file_rows import MAX_BYTES

_FORM = (
    "A JSON file with two lists. hypotheses: key, kind (abstraction or extrapolation), text, and if you like parent, "
    "pattern, reasoning, agent, sources (example ids). samples: hypothesis (a key), label and the text. "
    "data/curated/rotten_tomatoes.json is an example."
)
_AUTHORS = (
    "Written one by one by this project's authors from the demo study's validation mistakes (agent: the curated set). "
    "They are no survey participants, and not the people of the paper."
)


def curated_import(workbench: Workbench, study: Study) -> None:
    """The shipped set in one click, where there is one for the task; below it a file of one's own."""
    try:
        name, content = workbench.curated.shipped(study.study_id)
    except NotFoundError:
        pass
    else:
        st.caption(_AUTHORS)
        _offer(workbench, study.study_id, name, content, "the curated set")
    st.caption(_FORM)
    file = st.file_uploader(
        "File with hypotheses and samples",
        type=["json"],
        max_upload_size=MAX_BYTES // 1024**2,
        key=f"curated-file-{study.study_id}",
    )
    if file is not None:
        _offer(workbench, study.study_id, file.name, file.getvalue(), "the file")


def _offer(workbench: Workbench, study_id: str, name: str, content: bytes, what: str) -> None:
    try:
        found = workbench.curated.read(study_id, name, content)
    except WorkbenchError as error:
        states.failed(str(error))
        return
    if not found.hypotheses and not found.samples:
        st.text(f"Everything in {name} is in the study already.")
        return
    st.text(f"{name}: {_said(found)}")
    st.button(
        f"Import {what}",
        icon=":material/library_add:",
        key=f"curated-import-{what}",
        on_click=_take,
        args=(workbench, study_id, name, content),
    )


def _said(found: CuratedSet) -> str:
    said = f"{words.count(len(found.hypotheses), 'new hypothesis', 'new hypotheses')}, "
    said += words.count(len(found.samples), "new sample")
    if found.known:
        said += f"; {found.known:,} more are in the study already"
    if found.strays:
        said += f"; {words.count(found.strays, 'hypothesis', 'hypotheses')} rest on texts this classifier has right"
    return said


def _take(workbench: Workbench, study_id: str, name: str, content: bytes) -> None:
    if shell.attempt(workbench.curated.take, study_id, name, content) is not None:
        session.flash("Imported. The samples wait on the Samples page: check them, then decide on each.")
