"""Making a survey: how many people, what each is asked, what they are paid."""

from __future__ import annotations

import math

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.survey import Basis, SurveyPlan
from bsm_core.ui import session, shell
from bsm_core.ui.text import plain
from bsm_core.ui.words import count
from bsm_core.workbench import Workbench
from bsm_core.workflow.survey_assign import MOST_PARTICIPANTS
from bsm_core.workflow.survey_texts import load_texts, text_names, texts_for

LINKS = "survey-links"
_BASES = {
    Basis.OWN: ("Their own answers", "Each person goes on from what they wrote before."),
    Basis.STUDY: (
        "The study's hypotheses by humans",
        "Never a language model's: people see people's ideas only (2.2).",
    ),
}


def survey_maker(workbench: Workbench, study: Study) -> None:
    """The form. What it would need is said before it is made."""
    key = f"survey-make-{study.study_id}"
    title = st.text_input("Name, for yourself", key=f"{key}-title", max_chars=80, placeholder="Pilot, March")
    names = text_names()
    usual = texts_for(study.task)
    texts_name = st.selectbox(
        "Texts that people read",
        names,
        index=names.index(usual) if usual in names else None,
        key=f"{key}-texts",
        format_func=lambda name: f"{name}: {load_texts(name).title}",
        help="Files in data/survey: welcome, consent, instructions, examples, attention checks. Edit them there; a "
        "survey keeps the texts it was made with.",
        placeholder="None is written for this task: choose one",
    )
    checks = len(load_texts(texts_name).attention) if texts_name else 0
    plan, offline = _numbers(study, key, checks)
    _needs(plan)
    if st.button(
        "Make the survey", type="primary", icon=":material/group_add:", key=f"{key}-go", disabled=not texts_name
    ):
        made = shell.attempt(workbench.survey.make, study.study_id, title or "", plan, texts_name or "", offline)
        if made is not None:
            st.session_state[LINKS] = {made.survey.survey_id: made.tokens}
            session.flash(f"The survey is made: {count(plan.participants, 'person', 'people')}.")
            session.put(survey=made.survey.survey_id)
        st.rerun()


def _numbers(study: Study, key: str, checks: int) -> tuple[SurveyPlan, int]:
    first, second, third = st.columns(3)
    with first:
        people = st.number_input("People", 1, MOST_PARTICIPANTS, 5, key=f"{key}-people")
        offline = st.number_input(
            "Of these by file", 0, people, 0, key=f"{key}-offline", help="They get a form or a table instead of a link."
        )
        redundancy = st.number_input(
            "People a text", 1, people, 1, key=f"{key}-redundancy",
            help="How many people are asked about the same text. With 2 or more their agreement can be measured.",
        )  # fmt: skip
    with second:
        why = st.number_input("Abstractions each", 0, 100, 5, key=f"{key}-abstractions", help="Why could it fail here?")
        other = st.number_input(
            "Extrapolations each", 0, 100, 3, key=f"{key}-extrapolations", help="Which different failure follows?"
        )
        texts = st.number_input(
            "Texts to write each", 0, 100, 3, key=f"{key}-generations", help="A text with a label, for a hypothesis."
        )
    with third:
        attention = st.number_input("Attention checks each", 0, checks, min(2, checks), key=f"{key}-attention")
        allowed = st.number_input(
            "of these may fail", 0, attention, 0, key=f"{key}-allowed", help="With more, all answers leave the pool."
        )
        pay = st.number_input("Pay an hour in USD (0: none)", 0.0, 1000.0, 0.0, 0.5, key=f"{key}-pay")
    left, right = st.columns(2)
    with left:
        basis = st.selectbox(
            "Extrapolations and texts start from", list(_BASES), key=f"{key}-basis", format_func=lambda b: _BASES[b][0]
        )
        st.caption(_BASES[basis][1])
    with right:
        contact = st.text_input(
            "Whom people can ask", key=f"{key}-contact", max_chars=200, placeholder="name or address, shown to them"
        )
    plan = SurveyPlan(
        participants=people,
        abstractions=why,
        extrapolations=other,
        generations=texts,
        attention=attention,
        redundancy=redundancy,
        basis=basis,
        pay_per_hour=pay,
        allowed_failures=allowed,
        seed=int(str(study.config.get("seed", 0))),
        contact=(contact or "").strip(),
    )
    return plan, offline


def _needs(plan: SurveyPlan) -> None:
    unknowns = math.ceil(plan.participants * plan.abstractions / plan.redundancy)
    total = plan.participants * (plan.questions - plan.attention)
    st.caption(
        plain(
            f"{plan.questions} questions a person, {total:,} answers in all besides the checks. Needs "
            f"{max(unknowns, plan.abstractions):,} different unknown unknowns, balanced over labels, answers and spots."
        )
    )
