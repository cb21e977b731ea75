"""Samples: turn hypotheses into labelled texts, check them, and decide on each."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.ports import SampleFilter
from bsm_core.ui import session, shell
from bsm_core.ui.components import states
from bsm_core.ui.components.cross_check import cross_check
from bsm_core.ui.components.gate_words import check_outdated
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.components.judge_name import judge_field
from bsm_core.ui.components.lineage import load_lineage
from bsm_core.ui.components.sample_review import sample_review
from bsm_core.ui.components.sample_writer import check_unchecked, sample_writer
from bsm_core.ui.components.second_opinion import reviewers_panel
from bsm_core.ui.components.sections import choose_section
from bsm_core.ui.components.similarity_scale import similarity_scale
from bsm_core.ui.components.write_form import write_panel
from bsm_core.workbench import Workbench

_SECTIONS = {"review": "Review", "write": "Write", "gates": "Gates and reviewers"}


def draw(workbench: Workbench, study: Study) -> None:
    busy = job_panel(workbench, study.study_id, (JobKind.SYNTHESIZE, JobKind.GATE))
    counts = workbench.store.studies.counts(study.study_id)
    if not counts.hypotheses:
        write_panel(workbench, study)
        states.empty(
            "No hypotheses yet",
            "A sample is written for a hypothesis: first say why the model fails.",
            page="hypotheses",
            label="Write a hypothesis",
        )
        return
    section = choose_section("samples", _SECTIONS, _default(workbench, study.study_id, counts.samples))
    if section == "write":
        write_panel(workbench, study)
        if workbench.curation.is_blind(study.study_id):
            judge_field("Who writes? (others decide on it)", width=320)
        sample_writer(workbench, study, load_lineage(workbench.store, study.study_id), busy)
        check_unchecked(workbench, study.study_id, busy)
    elif section == "gates":
        _gates(workbench, study.study_id, busy)
    else:
        check_unchecked(workbench, study.study_id, busy)
        check_outdated(workbench, study.study_id, busy)
        sample_review(workbench, study.study_id)
    if counts.samples_approved:
        session.link("retrain", f"Go on: retrain with {counts.samples_approved:,} approved samples")


def _default(workbench: Workbench, study_id: str, samples: int) -> str:
    """Reading, where there is something to read; of the hypothesis in the address, if it names one."""
    wanted = session.param("hypothesis")
    if wanted and samples:
        samples = workbench.store.samples.place(study_id, SampleFilter(hypothesis_id=wanted), None).total
    return "review" if samples else "write"


def _gates(workbench: Workbench, study_id: str, busy: bool) -> None:
    st.markdown("##### Reviewers")
    reviewers_panel(workbench, study_id)
    st.markdown("##### What similarity means here")
    check_outdated(workbench, study_id, busy)
    similarity_scale(workbench, study_id, "samples")
    st.markdown("##### A blind label by a language model")
    cross_check(workbench, study_id)


shell.show_page(
    "samples",
    "Texts that a hypothesis says the model fails on, with their right label. Read each one: only what is approved "
    "is trained on.",
    draw,
)
