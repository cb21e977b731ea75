"""A background job as seen from a page: progress while it runs, what went wrong when it failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from bsm_core.charts.training import training_curve
from bsm_core.domain.jobs import JobKind, JobState, JobStatus
from bsm_core.ui import shell, words
from bsm_core.ui.text import plain, visible
from bsm_core.workbench import Workbench

POLL_SECONDS = 2.0
_LOG_LINES = 6


def job_panel(workbench: Workbench, study_id: str, kinds: Sequence[JobKind] = (), *, curve: bool = False) -> bool:
    """The study's active job of these kinds, live; else its latest one if that failed or was stopped.

    Returns True while one is active. When it ends, the whole page is drawn anew. ``curve`` adds loss and accuracy.
    """
    status = workbench.active_job(study_id, kinds)
    if status is not None:
        _watch(workbench, status.spec.job_id, curve)
        return True
    last = next((job for job in workbench.jobs(study_id) if not kinds or job.spec.kind in kinds), None)
    if last is not None and last.state.is_resumable:
        show_job(workbench, last, curve=curve)
    return False


def watch_job(workbench: Workbench, job_id: str, *, curve: bool = False) -> None:
    """One job by id, live while it is active."""
    status = workbench.job(job_id)
    if status.state.is_active:
        _watch(workbench, job_id, curve)
    else:
        show_job(workbench, status, curve=curve)


def _watch(workbench: Workbench, job_id: str, curve: bool) -> None:
    # Only polled while a job is active: a poll costs a few percent of a core per visitor.
    @st.fragment(run_every=POLL_SECONDS)
    @shell.guarded
    def poll() -> None:
        status = workbench.job(job_id)
        if not status.state.is_active:
            st.rerun()
        show_job(workbench, status, curve=curve)

    poll()


def show_job(workbench: Workbench, status: JobStatus, *, curve: bool = False) -> None:
    """Everything about one job now, without polling."""
    job_id = status.spec.job_id
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            state = words.JOB_STATES[status.state]
            title = f"{words.JOB_ICONS[status.state]} **{plain(status.spec.title, 200)}** — {state}"
            st.markdown(title, width="stretch")
            if status.state.is_active:
                _action(
                    "Cancel",
                    ":material/stop_circle:",
                    workbench.cancel,
                    job_id,
                    "Stops within seconds; work so far is kept.",
                )
            elif status.state.is_resumable:
                _action("Resume", ":material/resume:", workbench.resume, job_id, "Goes on from its last checkpoint.")
        if status.state.is_active:
            st.progress(_share(status), text=_progress_text(status))
        elif status.message:
            box = st.error if status.state is JobState.FAILED else st.info
            box(plain(status.message))
        if curve and status.metrics:
            st.plotly_chart(
                training_curve(status.metrics), key=f"curve-{job_id}", alt="Loss and accuracy over training"
            )
        if status.log:
            with st.expander("Log", expanded=False):
                st.code(visible("\n".join(status.log[-_LOG_LINES:])), language=None)


def _action(label: str, icon: str, verb: Callable[[str], None], job_id: str, help: str) -> None:
    st.button(label, icon=icon, key=f"{label}-{job_id}", help=help, on_click=shell.attempt, args=(verb, job_id))


def _share(status: JobStatus) -> float:
    return min(1.0, status.done / status.total) if status.total else 0.0


def _progress_text(status: JobStatus) -> str:
    if status.state is JobState.QUEUED:
        return "Waiting for the job before it: one runs at a time."
    parts = [plain(status.phase or "starting", 100)]
    if status.total:
        parts.append(f"{status.done:,} of {status.total:,}")
    parts.append(words.duration(status.seconds))
    if status.device:
        parts.append(f"on {plain(status.device, 40)}")
    return " · ".join(parts)
