"""The controlled check without a browser: the app's own job, in one process, with progress bars."""

from __future__ import annotations

from bsm_core.bootstrap import build_inline
from bsm_core.config import Settings
from bsm_core.domain.controlled import NO_STUDY, ControlledPlan, ControlledResult
from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.errors import JobError, NothingToDoError
from bsm_core.headless.bars import ProgressBars, say
from bsm_core.workbench import Workbench


def run_controlled(settings: Settings, plan: ControlledPlan | None) -> ControlledResult:
    """``plan`` None goes on with the last check that stopped early. Raises JobError when it fails; finished cells stay,
    and are not computed again."""
    bars = ProgressBars()
    workbench = build_inline(settings, bars)
    try:
        job_id = _resumed(workbench) if plan is None else workbench.controlled.start(plan)
        workbench.tick()
        status, found = workbench.job(job_id), workbench.controlled.latest()
        if status.state is not JobState.INGESTED or found is None:
            raise JobError(f"{status.spec.title} {status.state}: {status.message}")
        return found
    finally:
        bars.close()
        workbench.close()


def _resumed(workbench: Workbench) -> str:
    jobs = [status for status in workbench.jobs(NO_STUDY) if status.spec.kind is JobKind.CONTROLLED]
    if not jobs or not jobs[0].state.is_resumable:
        raise NothingToDoError("no self-test of this workspace has stopped early; leave out --resume to start one")
    say(f"going on with: {jobs[0].spec.title}")
    workbench.resume(jobs[0].spec.job_id)
    return jobs[0].spec.job_id
