"""Survey: have people say why the model fails, and see what their work is worth."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.survey import Survey
from bsm_core.ui import session, shell
from bsm_core.ui.components.no_baseline import no_baseline
from bsm_core.ui.components.survey_answers import show_answers
from bsm_core.ui.components.survey_figures import show_figures, show_files
from bsm_core.ui.components.survey_maker import survey_maker
from bsm_core.ui.components.survey_people import show_links, show_people
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench

_VIEWS = ("People", "Answers", "Cost and agreement", "Files")


def draw(workbench: Workbench, study: Study) -> None:
    if workbench.store.models.baseline(study.study_id) is None:
        no_baseline(
            workbench, study.study_id, "People are asked about a classifier's mistakes: train the baseline first."
        )
        return
    surveys = {one.survey_id: one for one in reversed(workbench.store.surveys.all(study.study_id))}
    with st.expander("Make a survey", icon=":material/add:", expanded=not surveys):
        survey_maker(workbench, study)
    if surveys:
        show_survey(workbench, chosen_survey(surveys))
    else:
        st.caption("No survey yet. Participants see their questions and nothing else of the study.")


def chosen_survey(surveys: dict[str, Survey]) -> Survey:
    """The one in the address, else the newest."""
    wanted = session.param("survey")
    st.session_state["survey-picker"] = wanted if wanted in surveys else next(iter(surveys))
    chosen = st.selectbox(
        "Survey",
        list(surveys),
        key="survey-picker",
        format_func=lambda one: f"{one_line(surveys[one].title, 60)} · {surveys[one].created_at:%d %b %H:%M}",
        on_change=lambda: session.put(survey=st.session_state["survey-picker"]),
    )
    return surveys[chosen]


def show_survey(workbench: Workbench, survey: Survey) -> None:
    show_links(workbench, survey)
    # No st.tabs: they would fall back to the first one whenever a message appears above them.
    st.session_state.setdefault("survey-view", _VIEWS[0])
    view = st.segmented_control("What to see", _VIEWS, key="survey-view", label_visibility="collapsed", required=True)
    found = workbench.survey.results(survey.survey_id)
    if view == "Answers":
        show_answers(workbench, found)
    elif view == "Cost and agreement":
        show_figures(found)
    elif view == "Files":
        show_files(workbench, found)
    else:
        show_people(workbench, found)


shell.show_page(
    "survey",
    "Ask people who see nothing else of the study: why the model fails, what else that suggests, and texts to go with "
    "it. What you accept becomes a hypothesis or a sample by a human.",
    draw,
)
