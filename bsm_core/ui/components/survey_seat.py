"""A participant's way through the survey: consent, examples, questions one by one, the end."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.survey import Answer, Question, Stage
from bsm_core.errors import NothingToDoError
from bsm_core.ui import assets, resources, session
from bsm_core.ui.components.survey_frame import (
    SAVING_FAILED,
    show_closed,
    show_declined,
    show_done,
    show_prose,
    show_unavailable,
)
from bsm_core.ui.components.survey_question import KIND_TITLES, show_example, show_question
from bsm_core.ui.text import plain
from bsm_core.ui.words import count
from bsm_core.workbench import Workbench
from bsm_core.workbench.survey_seats import Seat, hash_of
from bsm_core.workflow.survey_texts import fill

_AT, _CODE, _DECLINED, _READY, _LOOK = (f"survey-{name}" for name in ("at", "code", "declined", "ready", "look"))


def show_seat() -> None:
    """Whatever the link in the address opens."""
    workbench, token = resources.server().workbench, session.param("t") or ""
    if workbench is None:
        show_unavailable()
        return
    ended = st.session_state.get(_CODE)
    if ended is not None and ended[0] == hash_of(token):
        show_done(ended[1], ended[2])
        return
    seat = workbench.survey.seats.seat(token)
    if seat is None:
        show_closed()
    elif seat.stage is Stage.INVITED:
        _welcome(workbench, seat)
    elif not seat.answers and not st.session_state.get(_READY):
        _examples(seat)
    else:
        _work(workbench, seat, token)


def _welcome(workbench: Workbench, seat: Seat) -> None:
    texts = seat.survey.texts
    if st.session_state.get(_DECLINED):
        show_declined(seat.survey)
        st.button("Back to the start", key="survey-back-to-start", on_click=_declined, args=(False,))
        return
    st.title(plain(texts.title), anchor=False)
    show_prose(fill(texts.welcome, seat.survey))
    st.markdown("#### What happens to your answers")
    show_prose(fill(texts.disclaimer, seat.survey))
    ticks = [st.checkbox(plain(words), key=f"survey-consent-{place}") for place, words in enumerate(texts.consent)]
    with st.container(horizontal=True):
        st.button(
            "I agree: begin",
            type="primary",
            key="survey-agree",
            disabled=not all(ticks),
            help=None if all(ticks) else "Tick the statements above to agree.",
            on_click=_consent,
            args=(workbench, seat.participant.participant_id),
        )
        st.button("I do not want to take part", key="survey-decline", on_click=_declined, args=(True,))


def _consent(workbench: Workbench, participant_id: str) -> None:
    workbench.survey.seats.consent(participant_id)


def _declined(value: bool) -> None:
    st.session_state[_DECLINED] = value


def _examples(seat: Seat) -> None:
    st.title("Before you begin", anchor=False)
    asked = {question.kind for question in seat.questions}
    for kind, text in seat.survey.texts.instructions.items():
        if kind in asked:
            st.markdown(f"#### {KIND_TITLES[kind]}")
            show_prose(fill(text, seat.survey))
    st.markdown("#### Examples")
    for number, example in enumerate(seat.survey.texts.examples, start=1):
        show_example(number, example, seat.survey)
    st.button("To the first question", type="primary", key="survey-start", on_click=_ready)


def _ready() -> None:
    st.session_state[_READY] = True


def _work(workbench: Workbench, seat: Seat, token: str) -> None:
    assets.load_script("survey-autosave.js")
    at = min(int(st.session_state.get(_AT, _first_open(seat))), len(seat.questions))
    total = len(seat.questions)
    st.progress(seat.done / total, f"{seat.done} of {count(total, 'question')} answered")
    if at >= total:
        _overview(workbench, seat, token)
        return
    question = seat.questions[at]
    with st.container(key="survey-place"):
        st.caption(f"Question {at + 1} of {total}")
    show_question(workbench, seat, question, before=lambda: _go(at - 1), after=lambda: _go(at + 1), at=at)
    with st.expander("Instructions and examples", icon=":material/help:"):
        for number, example in enumerate(seat.survey.texts.examples, start=1):
            show_example(number, example, seat.survey)


def _first_open(seat: Seat) -> int:
    """Where one goes on after a reload."""
    for place, question in enumerate(seat.questions):
        answer = seat.answers.get(question.question_id)
        if answer is None or not answer.submitted:
            return place
    return len(seat.questions)


def _go(place: int) -> None:
    st.session_state[_AT] = max(place, 0)


def _overview(workbench: Workbench, seat: Seat, token: str) -> None:
    """The end: everything at a glance, with a way back to each answer."""
    left = len(seat.questions) - seat.done
    st.title("Have a last look" if not left else "Not everything is answered yet", anchor=False)
    st.markdown("Your answers, in order. You can change them until you finish; afterwards the link is closed.")
    for place, question in enumerate(seat.questions):
        _line(place, question, seat.answers.get(question.question_id))
    with st.container(horizontal=True):
        st.button(
            "Back", key="survey-back", icon=":material/arrow_back:", on_click=_go, args=(len(seat.questions) - 1,)
        )
        st.button(
            "Finish",
            type="primary",
            key="survey-finish",
            disabled=left > 0,
            on_click=_finish,
            args=(workbench, seat, token),
            help=f"{count(left, 'question')} still open." if left else None,
        )


def _line(place: int, question: Question, answer: Answer | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        done = answer is not None and answer.submitted
        state = "✓" if done else "○"
        said = " / ".join(side for side in answer.text if side.strip()) if answer else ""
        if not said and done:
            said = "chosen" if answer is not None and answer.choice is not None else "left empty"
        st.text(f"{state} {place + 1}. {said[:70] + ('…' if len(said) > 70 else '') or 'open'}", width="stretch")
        st.button(
            "Change" if done else "Answer",
            key=f"survey-to-{place}",
            type="tertiary",
            on_click=_go,
            args=(place,),
            help=KIND_TITLES[question.kind],
        )


def _finish(workbench: Workbench, seat: Seat, token: str) -> None:
    try:
        code = workbench.survey.seats.finish(seat.participant.participant_id)
    except NothingToDoError:
        session.flash(SAVING_FAILED, "error")
        return
    st.session_state[_CODE] = (hash_of(token), seat.survey, code)
