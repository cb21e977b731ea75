"""Is the label still right? A random sample to judge, blind to the model's answer, with foils among it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.foils import Question
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import Verdict
from bsm_core.ports import QuestionText
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.diff import show_diff
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.components.judge_name import judge_field
from bsm_core.ui.components.judging_results import judging_results
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench
from bsm_core.workbench.judging import MOST_JUDGED
from bsm_core.workflow.judge import Ledger

_ANSWERS = ((Verdict.YES, "Yes", "Y"), (Verdict.NO, "No", "N"), (Verdict.UNSURE, "Unsure", "U"))
_SHARES = (0.0, 0.1, 0.2, 0.3, 0.5)
_FOILS = (
    "Foils are texts that are no unknown unknowns: perturbed texts that did not fool the model, and originals that "
    "nobody changed. A judge who sees unknown unknowns only knows what to look for. How often a foil's label is called "
    "wrong shows what a judge's word is worth; foils never enter the count."
)
_LAST, _AGAIN = "judge-last", "judge-again"
"""In the session: (judge, question) of the last answer, and the question that is asked once more."""
_BLIND = "Some of these texts fooled the model, some did not, and some were never changed. Which, is not shown."


@st.fragment
@shell.guarded
def judging(workbench: Workbench, study_id: str, model_id: str) -> None:
    """The ledger at the visit's tau; every answer counts at once, here and on Browse."""
    study = workbench.store.studies.get(study_id)
    tau = session.tau(study)
    st.markdown("##### Is the label still right?", help=words.VERDICT)
    judge = _draw(workbench, study_id)
    ledger = workbench.judging.ledger(study_id, model_id, tau, judge)
    if not ledger.corrected.raw:
        st.caption(f"At tau {tau:g} no perturbed text is an unknown unknown: there is nothing to judge.")
        return
    foils = words.count(len(ledger.questions) - len(ledger.sample), "foil")
    st.caption(
        f"{words.count(len(ledger.sample), 'text')} of {ledger.corrected.raw:,} perturbed unknown unknowns at tau "
        f"{tau:g}, drawn at random by seed {workbench.judging.draw(study_id).seed}, with {foils} among them. "
        "A larger sample goes on where the smaller one ended."
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        _next_text(workbench, study, ledger, judge)
    with right:
        _other_judges(workbench, study_id, model_id, tau, ledger.questions)
    _results(workbench, study_id, ledger)


def _draw(workbench: Workbench, study_id: str) -> str:
    """Who judges, and how the sample is drawn."""
    drawn = workbench.judging.draw(study_id)
    size_key, share_key = f"judge-size-{study_id}", f"judge-foils-{study_id}"

    def keep() -> None:
        size, share = int(st.session_state[size_key]), float(st.session_state[share_key])
        shell.attempt(workbench.judging.set_draw, study_id, size, share)

    who, size, share = st.columns([2, 1, 1])
    with who:
        judge = judge_field()
    size.number_input(
        "How many to judge",
        1,
        MOST_JUDGED,
        min(drawn.size, MOST_JUDGED),
        key=size_key,
        on_change=keep,
        help="Unknown unknowns in the sample. 100 tell a share of 5% from one of 15%.",
    )
    share.selectbox(
        "Foils among them",
        sorted({*_SHARES, drawn.share}),
        index=sorted({*_SHARES, drawn.share}).index(drawn.share),
        key=share_key,
        format_func=lambda value: f"{value:.0%} of the texts shown" if value else "none",
        on_change=keep,
        help=_FOILS,
    )
    return judge


def _next_text(workbench: Workbench, study: Study, ledger: Ledger, judge: str) -> None:
    again = st.session_state.get(_AGAIN)
    if not ledger.open_questions and again not in ledger.questions:
        st.success("The whole sample is judged by this judge.", icon=":material/task_alt:")
        _back(ledger, judge)
        return
    question = again if again in ledger.questions else ledger.open_questions[0]
    shown = workbench.judging.shown(study.study_id, question)
    with st.container(border=True):
        _ask(workbench, study, shown, judge)
        st.progress(ledger.answered / len(ledger.questions), f"{ledger.answered:,} of {len(ledger.questions):,} judged")
        st.caption(f"What the model answered is not shown. {_BLIND}")
        _back(ledger, judge)


def _back(ledger: Ledger, judge: str) -> None:
    """To the last answer of this visit, whose text a slip of the finger may have misjudged."""
    last = st.session_state.get(_LAST)
    if last is None or last[0] != judge or last[1] not in ledger.questions or st.session_state.get(_AGAIN):
        return
    st.button(
        "Change my last answer",
        icon=":material/undo:",
        type="tertiary",
        key="judge-back",
        on_click=st.session_state.__setitem__,
        args=(_AGAIN, last[1]),
    )


def _ask(workbench: Workbench, study: Study, shown: QuestionText, judge: str) -> None:
    label = plain(one_line(study.task.label_names[shown.label], 40))
    show_diff(shown.text, None, study.task.text_fields)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Is the label **{label}** right for this text?", help=words.VERDICT, width="content")
        for verdict, title, key in _ANSWERS:
            st.button(
                title,
                key=f"judge-{verdict}",
                shortcut=key,
                on_click=_answer,
                args=(workbench, study.study_id, shown.question, verdict, judge),
            )


def _answer(workbench: Workbench, study_id: str, question: Question, verdict: Verdict, judge: str) -> None:
    shell.attempt(workbench.judging.answer, study_id, question, verdict, judge)
    st.session_state[_LAST] = (judge, question)
    st.session_state.pop(_AGAIN, None)


def _other_judges(
    workbench: Workbench, study_id: str, model_id: str, tau: float, questions: Sequence[Question]
) -> None:
    st.markdown("**Other judges** answer for the whole sample. A human's word goes before theirs.")
    st.button(
        "Let the rule judge",
        icon=":material/rule:",
        key="judge-rule",
        help="Looks at what was changed: yes where only slips of the pen were made, no where an opinion was turned, "
        "else unsure. For English.",
        on_click=_by_rule,
        args=(workbench, study_id, questions),
    )
    if not workbench.judging.teacher_can_judge:
        st.button("Ask the teacher", icon=":material/school:", key="judge-teacher", disabled=True)
        st.caption("The embedded teacher is too small to judge labels. With an endpoint of yours a language model can.")
        session.link("settings", "Set an endpoint")
        return
    if job_panel(workbench, study_id, (JobKind.JUDGE,)):
        return
    everything = st.toggle("All unknown unknowns, not the sample alone", key="judge-all")
    st.button(
        "Ask the teacher",
        icon=":material/school:",
        key="judge-teacher",
        help="In the background, a question a text, blind as you are. What it has judged it is not asked again.",
        on_click=_by_teacher,
        args=(workbench, study_id, model_id, tau, everything),
    )


def _by_rule(workbench: Workbench, study_id: str, questions: Sequence[Question]) -> None:
    count = shell.attempt(workbench.judging.by_rule, study_id, questions)
    if count is not None:
        session.flash(f"The rule has judged {words.count(count, 'text')}.")


def _by_teacher(workbench: Workbench, study_id: str, model_id: str, tau: float, everything: bool) -> None:
    shell.attempt(lambda: workbench.judging.start_teacher(study_id, model_id, tau, everything=everything))


def _results(workbench: Workbench, study_id: str, ledger: Ledger) -> None:
    """Hidden in the middle of judging: the figures move at a UU and not at a foil."""
    if ledger.answered and ledger.open_questions and not st.toggle("Show the figures so far", key="judge-figures"):
        st.caption("They are hidden while you judge: they would tell a foil from an unknown unknown.")
        return
    judging_results(workbench, study_id, ledger)
