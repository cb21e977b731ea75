"""All jobs of the workspace, live while one runs; a click shows one with its log and curves."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from bsm_core.domain.controlled import NO_STUDY
from bsm_core.domain.jobs import JobState, JobStatus
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.job_panel import POLL_SECONDS, share_done, show_job
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench

_LOG_LINES = 200
_ROW, _MOST_ROWS = 36, 9


def job_table(workbench: Workbench, jobs: Sequence[JobStatus]) -> None:
    """Polls only while a job is active."""
    active = any(job.state.is_active for job in jobs)

    @st.fragment(run_every=POLL_SECONDS if active else None)
    @shell.guarded
    def table() -> None:
        now = workbench.jobs()
        if any(job.state.is_active for job in now) is not active:
            st.rerun()  # polling begins, or ends
        _draw(workbench, now)

    table()


def _draw(workbench: Workbench, jobs: Sequence[JobStatus]) -> None:
    names = {study.study_id: study.name for study in workbench.store.studies.all()} | {NO_STUDY: "none (self-test)"}
    ids = [job.spec.job_id for job in jobs]
    event = st.dataframe(
        _columns(jobs, names),
        hide_index=True,
        key="jobs",
        row_height=_ROW,
        height=_ROW * (1 + min(len(jobs), _MOST_ROWS)) + 3,
        on_select="rerun",
        selection_mode="single-cell",
        alt="Jobs, newest first",
        column_config={
            "State": st.column_config.TextColumn(width=110),
            "Job": st.column_config.TextColumn(width=300),
            "Progress": st.column_config.ProgressColumn(format="%d%%", min_value=0, max_value=100, width=150),
            "Started": st.column_config.DatetimeColumn(format="D MMM, HH:mm", width=120),
            "Took": st.column_config.TextColumn(width=110),
        },
    )
    cells = event["selection"]["cells"]
    clicked = ids[cells[0][0]] if cells and cells[0][0] < len(ids) else None
    shown = _shown(jobs, clicked or session.param("job"))
    show_job(workbench, shown, curve=True, log_lines=_LOG_LINES)
    st.caption(
        f"{words.JOB_KINDS[shown.spec.kind]} · seed {shown.spec.seed} · {plain(shown.spec.job_id)} · "
        f"study {plain(names.get(shown.spec.study_id, '?'), 80)}"
    )


def _shown(jobs: Sequence[JobStatus], wanted: str | None) -> JobStatus:
    """The one that was clicked or is in the address; else the one that runs, else the newest."""
    named = [job for job in jobs if job.spec.job_id == wanted]
    running = [job for job in jobs if job.state in (JobState.RUNNING, JobState.FINISHED)]
    return (named or running or list(jobs))[0]


def _columns(jobs: Sequence[JobStatus], names: dict[str, str]) -> pa.Table:
    return pa.table(
        {
            "State": [f"{words.JOB_ICONS[job.state]} {words.JOB_STATES[job.state]}" for job in jobs],
            "Job": [one_line(job.spec.title, 80) for job in jobs],
            "Study": [one_line(names.get(job.spec.study_id, "?"), 60) for job in jobs],
            "Progress": [100 if job.state is JobState.INGESTED else int(100 * share_done(job)) for job in jobs],
            "Started": [job.spec.created_at for job in jobs],
            "Took": [words.duration(job.seconds) if job.seconds else "" for job in jobs],
        }
    )
