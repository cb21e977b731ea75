"""New samples: generated from hypotheses in the background, or written by hand."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.lineage import LineageNode, flatten
from bsm_core.domain.studies import Study
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.agents import ICONS
from bsm_core.ui.components.desk import desk
from bsm_core.ui.components.lineage import label_of
from bsm_core.ui.components.sample_filter import key_of
from bsm_core.workbench import Workbench

_EACH = 4


def sample_writer(workbench: Workbench, study: Study, nodes: Sequence[LineageNode], busy: bool) -> None:
    """Both ways of writing, and the check of what no gate has seen. ``busy``: a job is writing or checking now."""
    by_id = {node.hypothesis.hypothesis_id: node for node in flatten(nodes)}
    generated, by_hand = st.tabs(
        [":material/auto_awesome: Have them generated", ":material/edit: Write one by hand"], key="sample-writer"
    )
    with generated:
        _generate(workbench, study, by_id, busy)
    with by_hand:
        desk(workbench, study, by_id, _preset(by_id))


def check_unchecked(workbench: Workbench, study_id: str, busy: bool) -> None:
    """Says how many samples no gate has seen, with the button that changes it."""
    unchecked = len(workbench.store.samples.unchecked(study_id))
    if not unchecked or busy:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{words.count(unchecked, 'sample')} not checked by the gates yet.", width="content",
            help="The gates look at length, sense, copies, form and similarity; the classifier answers as well.",
        )  # fmt: skip
        st.button(
            f"Check {unchecked:,} now", icon=":material/fact_check:", key="samples-check",
            on_click=_check, args=(workbench, study_id),
        )  # fmt: skip


def _check(workbench: Workbench, study_id: str) -> None:
    if shell.attempt(workbench.start_gate, study_id) is not None:
        session.flash("The check has started in the background.")


def _preset(by_id: dict[str, LineageNode]) -> str | None:
    """The hypothesis in the address, when the visitor comes from one."""
    wanted = session.param("hypothesis")
    return wanted if wanted in by_id else None


def _generate(workbench: Workbench, study: Study, by_id: dict[str, LineageNode], busy: bool) -> None:
    study_id = study.study_id
    wanted = _preset(by_id)
    left, right = st.columns([4, 1])
    chosen = left.multiselect(
        "From the hypotheses",
        list(by_id),
        default=[wanted] if wanted else None,
        key=f"{key_of(study_id, 'generate-from')}-{wanted}",
        format_func=lambda one: label_of(by_id[one], 70),
        placeholder="Choose one or several",
    )
    each = right.number_input("Samples each", 1, 200, _EACH, key=key_of(study_id, "each"))
    total = len(chosen) * int(each)
    embedded = workbench.settings.teacher.is_embedded
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Generate {words.count(total, 'sample')}" if total else "Generate",
            type="primary",
            icon=ICONS[Agent.LM],
            key="generate",
            disabled=not total or busy,
            on_click=_start,
            args=(workbench, study_id, tuple((one, int(each)) for one in chosen)),
        )
        st.caption(_teacher_note(embedded), width="stretch")


def _teacher_note(embedded: bool) -> str:
    if embedded:
        return (
            "The embedded model only writes short sentences with the label fixed beforehand; the hypothesis' edit is "
            "then applied by code. It is small: a real endpoint writes from the hypothesis itself and does better "
            "(Settings)."
        )
    return "The teacher writes from the hypothesis and its texts; every answer passes through the gates."


def _start(workbench: Workbench, study_id: str, requests: tuple[tuple[str, int], ...]) -> None:
    if shell.attempt(workbench.start_synthesis, study_id, requests):
        session.flash("Writing has started in the background. You can leave the page.")
