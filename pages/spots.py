"""Blind spots: the unknown unknowns as clusters, on a map and as a list."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.ui import shell
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.components.no_baseline import no_baseline
from bsm_core.ui.components.spot_browser import spot_browser
from bsm_core.ui.components.spot_start import not_clustered_yet, spot_form, stale_note
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, study: Study) -> None:
    if workbench.store.models.baseline(study.study_id) is None:
        no_baseline(workbench, study.study_id, "Blind spots are clusters of a classifier's mistakes: train it first.")
        return
    busy = job_panel(workbench, study.study_id, (JobKind.CLUSTER,))
    found = workbench.spots.overview(study.study_id)
    if found is None:
        if not busy:
            not_clustered_yet(workbench, study)
        return
    if not busy:
        stale_note(workbench, study.study_id, found.clustering.tau, found.staleness)
    spot_browser(workbench, study.study_id, editable=not busy)
    if not busy:
        with st.expander("Cluster another way", icon=":material/tune:"):
            spot_form(workbench, study)


shell.show_page(
    "spots",
    "Unknown unknowns that lie together: one reason may be behind each group. Choose one and say what it is.",
    draw,
)
