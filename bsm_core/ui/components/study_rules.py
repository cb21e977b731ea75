"""The rules that a study's figures rest on: tau, which can be moved, and the gates, which are fixed with the study."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from bsm_core.config import GateConfig
from bsm_core.domain.jobs import JobStatus
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import CheckName
from bsm_core.ui.components.sample_checks import MEANINGS, TITLES
from bsm_core.ui.components.tau_slider import tau_slider
from bsm_core.ui.text import plain
from bsm_core.workbench import Workbench

_WIDTHS = {"Gate": st.column_config.TextColumn(width=100), "Limit": st.column_config.TextColumn(width=190)}


def study_rules(workbench: Workbench, study: Study) -> None:
    left, right = st.columns([1, 2], gap="large")
    with left:
        tau_slider(workbench, study)
        st.caption("Nothing is computed anew: unknown unknowns are counted from stored predictions.")
    gates = workbench.config(study.study_id).gates
    with right:
        st.dataframe(_gates(gates), hide_index=True, alt="The gates and their limits", column_config=_WIDTHS)
        st.caption(
            f"Similarity is measured against {gates.similarity_references:,} training texts. The gates belong to the "
            "study's preset and do not change, so that its figures stay comparable."
        )


def _gates(gates: GateConfig) -> pa.Table:
    similarity = "2% quantile of training texts"
    if gates.min_similarity is not None:
        similarity = f"at least {gates.min_similarity:g}"
    limits = {
        CheckName.LENGTH: f"at least {gates.min_characters} characters",
        CheckName.REPETITION: f"at most {gates.max_repeat_share:.0%} shared",
        CheckName.NONSENSE: "built in",
        CheckName.SIMILARITY: f"{similarity}",
    }
    return pa.table(
        {
            "Gate": [TITLES[name] for name in CheckName],
            "Limit": [limits[name] for name in CheckName],
            "What it asks": [MEANINGS[name] for name in CheckName],
        }
    )


def device_state(workbench: Workbench) -> None:
    """Where jobs run: as configured, and as the last job found it."""
    wanted = workbench.settings.device
    st.markdown(
        f"**{plain(wanted, 40)}**, as configured" if wanted else "A CUDA device when there is one, else the CPU"
    )
    last: JobStatus | None = next((job for job in workbench.jobs() if job.device), None)
    if last is not None:
        st.caption(f"The last job that said so ran on {plain(last.device, 60)}.")
    st.caption("BSM_DEVICE in the environment (cpu, cuda, cuda:1) decides at the start of the app.")
