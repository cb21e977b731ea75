"""Jobs: everything that runs or ran in the background."""

from __future__ import annotations

from bsm_core.domain.studies import Study
from bsm_core.ui import shell
from bsm_core.ui.components import states
from bsm_core.ui.components.job_table import job_table
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, _: Study | None) -> None:
    jobs = workbench.jobs()
    if jobs:
        job_table(workbench, jobs)
    else:
        states.empty(
            "No jobs yet",
            "Training, attacks and evaluations run in processes of their own. You can close the browser meanwhile.",
            page="overview",
            label="See what to do next",
        )


shell.show_page_without_study(
    "jobs",
    "Long work runs in the background and outlives the browser: watch it, stop it, or go on with what stopped.",
    draw,
)
