"""A write job while it runs: how far it is, what it has spent, and what it has written so far."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.jobs import JobState, JobStatus
from bsm_core.report.writing import dollars
from bsm_core.ui import shell
from bsm_core.ui.components.job_panel import POLL_SECONDS, show_job
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench
from bsm_core.workbench.authoring import SoFar

_NEWEST = 8


def job_so_far(workbench: Workbench, jobs: Sequence[JobStatus]) -> bool:
    """Of a study's write jobs, newest first, the active one, live; or the latest one if it failed or was stopped, with
    what it has. True while one is active."""
    active = [job for job in jobs if job.state.is_active]
    if active:
        _watch(workbench, active[-1].spec.job_id)
        return True
    if jobs and jobs[0].state.is_resumable:
        _show(workbench, jobs[0])
    return False


def _watch(workbench: Workbench, job_id: str) -> None:
    @st.fragment(run_every=POLL_SECONDS)
    @shell.guarded
    def poll() -> None:
        status = workbench.job(job_id)
        if not status.state.is_active:
            st.rerun()
        _show(workbench, status)

    poll()


def _show(workbench: Workbench, status: JobStatus) -> None:
    show_job(workbench, status)
    if status.state is JobState.QUEUED:
        return
    found = workbench.authoring.so_far(status.spec.job_id)
    _figures(found)
    if found.hypotheses or found.samples:
        _newest(found)


def _figures(found: SoFar) -> None:
    spent = found.spent
    figures = [
        ("Hypotheses", f"{len(found.hypotheses):,}", "Kept so far. What is too near to another one is rejected."),
        ("Samples", f"{len(found.samples):,}", "Written so far. The gates look at them round by round."),
        (
            "Calls",
            f"{spent.calls:,}",
            f"{spent.failed:,} gave no usable answer; {spent.reused:,} more came from the cache.",
        ),
        ("Tokens", f"{spent.tokens:,}", "Read and written, as the endpoint reports them."),
        ("Cost", dollars(spent.cost), "From the prices in Settings. Without prices it stays at 0."),
    ]
    for column, (title, value, help) in zip(st.columns(5), figures, strict=True):
        column.metric(title, value, border=True, help=help)


def _newest(found: SoFar) -> None:
    left, right = st.columns(2)
    with left:
        st.caption("Newest hypotheses")
        rows = [{"kind": one.kind.value, "text": one_line(one.text, 300)} for one in found.hypotheses[-_NEWEST:]]
        _table(rows[::-1])
    with right:
        st.caption("Newest samples")
        _table([{"text": one_line(" / ".join(one.text), 300)} for one in found.samples[-_NEWEST:]][::-1])


def _table(rows: list[dict[str, str]]) -> None:
    if rows:
        st.dataframe(rows, hide_index=True, column_config={"text": st.column_config.TextColumn(width="large")})
    else:
        st.caption("None yet.")
