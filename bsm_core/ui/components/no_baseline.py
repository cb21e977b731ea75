"""A page that needs the classifier before there is one: its training, live, or the way to start it."""

from __future__ import annotations

from bsm_core.domain.jobs import JobKind
from bsm_core.ui.components import states
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.workbench import Workbench


def no_baseline(workbench: Workbench, study_id: str, why: str) -> None:
    """``why`` the page needs one, in our own words."""
    if not job_panel(workbench, study_id, (JobKind.TRAIN,), curve=True, baseline=True):
        states.empty("No classifier yet", why, page="baseline", label="Train the baseline")
