"""What a survey cost and whether its people agree; and its files, out and back."""

from __future__ import annotations

import io
import zipfile

import streamlit as st

from bsm_core.domain.survey import Channel
from bsm_core.ui import session, shell
from bsm_core.ui.text import plain
from bsm_core.ui.words import count
from bsm_core.workbench import Workbench
from bsm_core.workflow.file_rows import MAX_BYTES
from bsm_core.workflow.survey_results import Results

_ALPHA = "1: people always agree; 0: no more than by chance. No value where all say the same."
_OVERLAP = (
    "Two people's hypotheses about one text: how many of their content words they share, on average. Beside it the "
    "same for two people and two texts, which is what chance gives."
)


def show_figures(found: Results) -> None:
    cost, agreement, currency = found.cost, found.agreement, plain(found.survey.plan.currency)

    def money(value: float | None) -> str:
        return "–" if value is None or not found.survey.plan.pay_per_hour else f"{value:,.2f} {currency}"

    st.markdown("##### What it cost")
    first, second, third, fourth = st.columns(4)
    first.metric("Minutes of work", f"{cost.minutes:,.1f}", border=True, help="Time on the questions, of everybody.")
    second.metric("In all", money(cost.total), border=True, help="Minutes at the survey's pay, whatever they brought.")
    third.metric("A hypothesis", money(cost.per_hypothesis), border=True, help=f"{cost.hypotheses:,} accepted.")
    fourth.metric("An approved sample", money(cost.per_sample), border=True, help=f"{cost.samples:,} approved.")
    if not found.survey.plan.pay_per_hour:
        st.caption("No pay was set for this survey, so that only time is counted.")
    st.markdown("##### Do people agree?")
    if not agreement.shared:
        st.caption("No text has two answers in the pool. Ask two or more people a text to measure their agreement.")
        return

    def shown(value: float | None, form: str) -> str:
        return "–" if value is None else format(value, form)

    first, second, third, fourth = st.columns(4)
    first.metric("Texts with several answers", f"{agreement.shared:,}", border=True)
    alpha = shown(agreement.alpha, ".2f")
    second.metric("Label still right? Alpha", alpha, border=True, help=f"Krippendorff's alpha. {_ALPHA}")
    third.metric("Words shared", shown(agreement.overlap, ".0%"), border=True, help=_OVERLAP)
    fourth.metric("By chance", shown(agreement.by_chance, ".0%"), border=True, help=_OVERLAP)


def show_files(workbench: Workbench, found: Results) -> None:
    """Everybody's questions as a table, a form a person, and the way back."""
    survey = found.survey
    st.markdown("##### Out")
    st.caption(
        "A table for all, to fill in by hand, or a form for each person who answers by file: one HTML file that works "
        "without a network and saves the answers as a file."
    )
    with st.container(horizontal=True):
        st.download_button(
            "Table (CSV)",
            lambda: workbench.survey.files.table(survey.survey_id).encode("utf-8-sig"),
            f"survey-{survey.survey_id}.csv",
            "text/csv",
            key="survey-table",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "Forms (ZIP of HTML files)",
            lambda: _forms(workbench, found),
            f"survey-{survey.survey_id}-forms.zip",
            "application/zip",
            key="survey-forms",
            icon=":material/download:",
            on_click="ignore",
            help="Of those who answer by file; of everybody, when nobody was made to.",
        )
    st.markdown("##### Back")
    file = st.file_uploader(
        "Filled-in table or saved answers",
        type=["csv", "json"],
        max_upload_size=MAX_BYTES // 1024**2,
        key=f"survey-upload-{survey.survey_id}",
        help="Taken whole or not at all. What is stored already is passed over; nothing is ever overwritten.",
    )
    if file is not None:
        st.button(
            "Take these answers in",
            type="primary",
            key="survey-import",
            icon=":material/upload_file:",
            on_click=_take_in,
            args=(workbench, survey.survey_id, file.name, file.getvalue()),
        )


def _forms(workbench: Workbench, found: Results) -> bytes:
    people = [person.participant for person in found.people]
    by_file = [one for one in people if one.channel is Channel.FILE] or people
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in by_file:
            archive.writestr(f"person-{one.number}.html", workbench.survey.files.form(one.participant_id))
    return packed.getvalue()


def _take_in(workbench: Workbench, survey_id: str, name: str, content: bytes) -> None:
    taken = shell.attempt(workbench.survey.files.take_in, survey_id, name, content)
    if taken is not None:
        known = f", {taken.known:,} were stored already" if taken.known else ""
        session.flash(
            f"{count(taken.new, 'answer')} taken in{known}; {count(taken.finished, 'person', 'people')} done."
        )
