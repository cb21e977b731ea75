"""A background job as seen from a page: progress while it runs, what went wrong when it failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.training import training_curve
from bsm_core.domain.arms import Arm
from bsm_core.domain.jobs import JobKind, JobSpec, JobState, JobStatus
from bsm_core.domain.studies import StepName
from bsm_core.ui import shell, words
from bsm_core.ui.components.attack_progress import attack_progress
from bsm_core.ui.text import plain, visible
from bsm_core.workbench import Workbench
from bsm_core.workflow.discover import ATTACKING_KINDS
from bsm_core.workflow.pipeline import NextStep

POLL_SECONDS = 2.0
_ATTACK_SECONDS = 1.0
_LOG_LINES = 6
_JOB_OF = {
    StepName.BASELINE: JobKind.TRAIN,
    StepName.DISCOVER: JobKind.DISCOVER,
    StepName.SYNTHESIZE: JobKind.SYNTHESIZE,
    StepName.RETRAIN: JobKind.TRAIN,
    StepName.COMPARE: JobKind.EVALUATE,
}
"""What a plan does by itself; the other steps are a human's."""


def job_panel(
    workbench: Workbench,
    study_id: str,
    kinds: Sequence[JobKind] = (),
    *,
    curve: bool = False,
    baseline: bool | None = None,
) -> bool:
    """The study's active job of these kinds, live; else its latest one if that failed or was stopped.

    Returns True while one is active, or about to be. When it ends, the whole page is drawn anew. ``curve`` adds loss
    and accuracy. ``baseline`` tells the baseline's training (True) from the arms' (False).
    """
    found, step = workbench.activity(study_id)
    jobs = [job for job in found if _is_meant(job.spec, kinds, baseline)]
    active = [job for job in jobs if job.state.is_active]
    running = [job for job in active if job.state is not JobState.QUEUED]
    if active:
        _watch(workbench, (running or active)[-1].spec, curve)
        return True
    if _is_planned(step, kinds, baseline):
        _wait_for_plan(workbench, study_id, kinds, baseline)
        return True
    if jobs and jobs[0].state.is_resumable:
        show_job(workbench, jobs[0], curve=curve)
    return False


def _is_meant(spec: JobSpec, kinds: Sequence[JobKind], baseline: bool | None) -> bool:
    if kinds and spec.kind not in kinds:
        return False
    return baseline is None or (spec.params.get("arm") == Arm.ORIGINAL) is baseline


def _is_planned(step: NextStep | None, kinds: Sequence[JobKind], baseline: bool | None) -> bool:
    """Whether the study's plan is about to start such a job."""
    kind = _JOB_OF.get(step.name) if step else None
    if step is None or kind is None or (kinds and kind not in kinds):
        return False
    return baseline is None or (step.name is StepName.BASELINE) is baseline


def _wait_for_plan(workbench: Workbench, study_id: str, kinds: Sequence[JobKind], baseline: bool | None) -> None:
    """Between two jobs of a plan: the next one is started within a second or two."""

    @st.fragment(run_every=1)
    @shell.guarded
    def wait() -> None:
        if not _is_planned(workbench.plans.next_step(study_id), kinds, baseline):
            st.rerun()
        st.info("The next job of the plan starts in a moment …", icon=":material/hourglass_top:")

    wait()


def watch_job(workbench: Workbench, job_id: str, *, curve: bool = False) -> None:
    """One job by id, live while it is active."""
    status = workbench.job(job_id)
    if status.state.is_active:
        _watch(workbench, status.spec, curve)
    else:
        show_job(workbench, status, curve=curve)


def _watch(workbench: Workbench, spec: JobSpec, curve: bool) -> None:
    # Only polled while a job is active: a poll costs a few percent of a core per visitor.
    @st.fragment(run_every=_ATTACK_SECONDS if spec.kind in ATTACKING_KINDS else POLL_SECONDS)
    @shell.guarded
    def poll() -> None:
        status = workbench.job(spec.job_id)
        if not status.state.is_active:
            st.rerun()
        show_job(workbench, status, curve=curve)

    poll()


def show_job(workbench: Workbench, status: JobStatus, *, curve: bool = False, log_lines: int = _LOG_LINES) -> None:
    """Everything about one job now, without polling. More than a few ``log_lines`` are shown unfolded."""
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
        if not status.state.is_active and status.message:
            box = st.error if status.state is JobState.FAILED else st.info
            box(plain(status.message))
        has_bar = attack_progress(workbench, status, _progress_text(status))
        if status.state.is_active and not has_bar:
            st.progress(share_done(status), text=_progress_text(status))
        if curve and status.metrics:
            steps, epochs = _extent(status)
            st.plotly_chart(
                training_curve(status.metrics, steps=steps, epochs=epochs),
                key=f"curve-{job_id}",
                config=theme.CONFIG,
                alt="Loss and accuracy over training",
            )
        if status.log:
            with st.expander("Log", expanded=log_lines > _LOG_LINES):
                st.code(
                    visible("\n".join(status.log[-log_lines:])), language=None, height=_log_height(status, log_lines)
                )


def _extent(status: JobStatus) -> tuple[int | None, int | None]:
    """Steps and epochs of a training that is in its epochs now; nothing afterwards."""
    if not status.state.is_active or not status.phase.startswith("epoch") or not status.total:
        return None, None
    training = status.spec.params.get("training")
    epochs = training.get("epochs") if isinstance(training, dict) else None
    return status.total, epochs if isinstance(epochs, int) else None


def _log_height(status: JobStatus, log_lines: int) -> int | Literal["content"]:
    return 320 if min(len(status.log), log_lines) > 14 else "content"


def _action(label: str, icon: str, verb: Callable[[str], None], job_id: str, help: str) -> None:
    st.button(label, icon=icon, key=f"{label}-{job_id}", help=help, on_click=shell.attempt, args=(verb, job_id))


def share_done(status: JobStatus) -> float:
    """Of the present phase, in [0, 1]."""
    return min(1.0, status.done / status.total) if status.total else 0.0


def _progress_text(status: JobStatus) -> str:
    if status.state is JobState.QUEUED:
        return "Waiting to start: one job runs at a time."
    parts = [plain(status.phase or "starting", 100)]
    if status.total:
        parts.append(f"{status.done:,} of {status.total:,}")
    parts.append(words.duration(status.seconds))
    if status.device:
        parts.append(f"on {plain(status.device, 40)}")
    return " · ".join(parts)
