"""The exports of a study as cards: what it is, a button that makes it in the background, and the download."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.report.drafts import size_told
from bsm_core.ui import downloads, shell
from bsm_core.ui.components import states
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench
from bsm_core.workbench.making import EVERY, Export, ExportState, file_name

POLL_SECONDS = 1.0
CARDS: dict[Export, tuple[str, str, str]] = {
    Export.REPORT: (
        "Report",
        ":material/article:",
        "One HTML file to read, print and send on: the answer, plan, data, models, unknown unknowns, hypotheses, "
        "samples, results with figures, costs, and how to reproduce it. It needs no network and runs no script.",
    ),
    Export.HYPOTHESES: (
        "Hypotheses",
        ":material/psychology:",
        "Why the classifier fails, to be read: by blind spot, each hypothesis with texts that fail and samples. HTML, "
        "Markdown, and the ledger as CSV.",
    ),
    Export.TABLES: (
        "Tables",
        ":material/table:",
        "Every table as CSV, unrounded, and as LaTeX: table 2, all tests, transitions, curves over tau, attacks.",
    ),
    Export.FIGURES: (
        "Figures",
        ":material/monitoring:",
        "Every figure as PNG, SVG and PDF, drawn by a Chromium on the server's machine.",
    ),
    Export.DATASET: (
        "Data set",
        ":material/dataset:",
        "The training texts and what an arm adds to them, every row with its lineage: a folder that Hugging Face's "
        "`datasets` reads. Validation and test texts stay out.",
    ),
    Export.MODEL: (
        "Model",
        ":material/model_training:",
        "Weights, tokenizer and config as a Hugging Face folder, with a card of what it was trained on, its figures "
        "and its limits.",
    ),
}


def choose_comparison(workbench: Workbench, study: Study) -> str:
    """An experiment's id, or "" for the study's own comparison; asked for only where there are experiments."""
    found = {one.experiment_id: one.name for one in reversed(workbench.store.experiments.all(study.study_id))}
    if not found:
        return ""
    chosen = st.selectbox(
        "Report, tables and figures are about",
        ["", *found],
        key="export-comparison",
        format_func=lambda one: f"Experiment: {one_line(found[one], 80)}" if one in found else "The study's own arms",
    )
    return chosen or ""


def export_card(
    workbench: Workbench, study: Study, kind: Export, choices: Mapping[str, str] | None = None, *, about: str = ""
) -> None:
    """``choices``: value to name in our own words; an empty one means that there is nothing to export yet. ``about``
    is the choice where none is offered."""
    title, icon, text = CARDS[kind]
    with st.container(border=True):
        st.markdown(f"##### {icon} {title}")
        st.markdown(text)
        if choices is not None and not choices:
            what = "approve samples, or train an arm" if kind is Export.DATASET else "train the original model"
            states.note(f"Nothing to export yet: {what} first.")
            return
        choice = _choose(kind, choices) if choices else about
        state = workbench.making.state(study.study_id, kind, choice)
        if state.working:
            _watch(workbench, study.study_id, kind, choice)
        else:
            _ready(workbench, study.study_id, kind, choice, state)


def _choose(kind: Export, choices: Mapping[str, str]) -> str:
    label = "Which model" if kind is Export.MODEL else "Which texts are added"
    key = f"export-choice-{kind}"
    chosen = st.selectbox(label, list(choices), key=key, format_func=lambda one: choices.get(one, "?"))
    return chosen or next(iter(choices))


def _ready(workbench: Workbench, study_id: str, kind: Export, choice: str, state: ExportState) -> None:
    if state.problem:
        st.error(plain(state.problem), icon=":material/error:")
    made, name = state.made, file_name(kind, choice)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Make it anew" if made else "Make it",
            key=f"export-{kind}",
            icon=":material/refresh:" if made else ":material/build:",
            type="secondary" if made else "primary",
            on_click=shell.attempt,
            args=(workbench.making.start, study_id, kind, choice),
        )
        if made:
            st.link_button(
                f"Download ({size_told(made.size)})",
                downloads.address(study_id, name),
                icon=":material/download:",
                type="primary",
            )
            st.caption(f"made {made.made_at:%d %b %H:%M} UTC; it does not change with the study", width="content")


def _watch(workbench: Workbench, study_id: str, kind: Export, choice: str) -> None:
    @st.fragment(run_every=POLL_SECONDS)
    @shell.guarded
    def wait() -> None:
        if not workbench.making.state(study_id, kind, choice).working:
            st.rerun()
        st.info("It is being made. You can go on with other pages meanwhile.", icon="spinner")

    wait()


def dataset_choices(workbench: Workbench, study: Study, names: Mapping[str, str]) -> dict[str, str]:
    """All approved samples, and what each trained model added. ``names``: model id to name."""
    approved = workbench.store.studies.counts(study.study_id).samples_approved
    every = {EVERY: f"All approved samples ({approved:,})"} if approved else {}
    return every | {model_id: f"What was added for: {name}" for model_id, name in names.items()}
