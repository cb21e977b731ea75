"""The rules that a study's figures rest on: tau and the gates, both of which can be changed."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from bsm_core.config import GateConfig
from bsm_core.domain.jobs import JobStatus
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import CheckName
from bsm_core.ui.components.gate_form import gate_form
from bsm_core.ui.components.sample_checks import MEANINGS, TITLES
from bsm_core.ui.components.similarity_scale import similarity_scale
from bsm_core.ui.components.tau_slider import tau_slider
from bsm_core.ui.text import plain
from bsm_core.workbench import Workbench

_WIDTHS = {"Gate": st.column_config.TextColumn(width=150), "Limit": st.column_config.TextColumn(width=190)}


def study_rules(workbench: Workbench, study: Study) -> None:
    left, right = st.columns([1, 2], gap="large")
    with left:
        tau_slider(workbench, study)
        st.caption("Nothing is computed anew: unknown unknowns are counted from stored predictions.")
    gates = workbench.gating.config(study.study_id)
    with right:
        st.dataframe(_gates(gates), hide_index=True, alt="The gates and their limits", column_config=_WIDTHS)
        st.caption(
            f"Similarity is measured against {gates.similarity_references:,} training texts. The gates start as the "
            "study's preset has them; changed ones count for the checks that follow."
        )
        with st.expander("Change the gates", icon=":material/tune:"):
            gate_form(workbench, study.study_id)
        with st.expander("What similarity means here", icon=":material/bar_chart:"):
            similarity_scale(workbench, study.study_id, "settings")


def _gates(gates: GateConfig) -> pa.Table:
    similarity = "2% quantile of training texts"
    if gates.min_similarity is not None:
        similarity = f"at least {gates.min_similarity:g}"
    limits = {
        CheckName.LENGTH: f"at least {gates.min_characters} characters",
        CheckName.NONSENSE: "built in",
        CheckName.REPETITION: f"at most {gates.max_repeat_share:.0%} shared",
        CheckName.LEAKAGE: f"at most {gates.max_leak_share:.0%} shared",
        CheckName.FORMAT: "as the task has it",
        CheckName.SIMILARITY: similarity,
        CheckName.LABEL: "a warning",
        CheckName.FIT: _fit(gates),
    }
    return pa.table(
        {
            "Gate": [TITLES[name] for name in CheckName],
            "Limit": [limits[name] for name in CheckName],
            "What it asks": [MEANINGS[name] for name in CheckName],
        }
    )


def _fit(gates: GateConfig) -> str:
    if not gates.check_fit:
        return "off"
    return "information" if gates.min_fit is None else f"at least {gates.min_fit:.0%}"


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
