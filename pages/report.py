"""Report: everything the study says, as files for people and for other tools."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.arms import Arm
from bsm_core.domain.studies import Study
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.report_parts import choose_comparison, dataset_choices, export_card
from bsm_core.workbench import Workbench
from bsm_core.workbench.making import Export


def draw(workbench: Workbench, study: Study) -> None:
    models = workbench.store.models.all(study.study_id)
    evaluated = {one.model_id for one in workbench.store.evaluations.all(study.study_id)}
    retrained = [one for one in models if one.arm is not Arm.ORIGINAL]
    if not any(one.model_id in evaluated for one in retrained):
        st.info(
            "No arm has been trained and evaluated yet: the report says what there is so far, and gives no answer.",
            icon=":material/hourglass_empty:",
        )
        session.link("retrain", "Choose arms")
    names = {one.model_id: f"{words.ARMS[one.arm]}, seed {one.seed} ({one.model_id})" for one in models}
    added = {one.model_id: names[one.model_id] for one in retrained}
    about = choose_comparison(workbench, study)
    export_card(workbench, study, Export.REPORT, about=about)
    left, right = st.columns(2, gap="medium")
    with left:
        export_card(workbench, study, Export.TABLES, about=about)
        export_card(workbench, study, Export.HYPOTHESES, None if models else {})
        export_card(workbench, study, Export.DATASET, dataset_choices(workbench, study, added))
    with right:
        export_card(workbench, study, Export.FIGURES, None if models else {}, about=about)
        export_card(workbench, study, Export.MODEL, names)
    st.caption(
        "Files are kept in the workspace's folder `exports`, the newest of each. The same from the command line: "
        "`python -m bsm_core report` and `python -m bsm_core export`."
    )


shell.show_page(
    "report",
    "What the study has found, as files: a report to read and send on, and data, models, tables and figures for other "
    "tools. Making one runs no model and does not look at test.",
    draw,
)
