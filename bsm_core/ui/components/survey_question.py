"""One question of a survey: what is shown, what is asked, and keeping what is written."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from bsm_core.domain.survey import Answer, Question, QuestionKind, Survey, WorkedExample
from bsm_core.errors import ConfigError, NothingToDoError
from bsm_core.ui import session
from bsm_core.ui.components.diff import show_diff, show_text
from bsm_core.ui.components.survey_frame import SAVING_FAILED, show_prose
from bsm_core.ui.text import plain
from bsm_core.workbench import Workbench
from bsm_core.workbench.survey_seats import Seat
from bsm_core.workflow.survey_packages import MOST_CHARACTERS, VERDICT_WORDS
from bsm_core.workflow.survey_quality import LEAST_CHARACTERS
from bsm_core.workflow.survey_texts import fill

KIND_TITLES = {
    QuestionKind.ABSTRACTION: "Why could the program fail here?",
    QuestionKind.EXTRAPOLATION: "Which different failure would you expect?",
    QuestionKind.GENERATION: "Write a text",
    QuestionKind.ATTENTION: "A quick check",
}
_SINCE = "survey-since"

Content = tuple[tuple[str, ...], str, int | None]
"""What a question's widgets hold: text, reason, choice."""


def show_example(number: int, example: WorkedExample, survey: Survey) -> None:
    with st.container(border=True):
        st.markdown(f"**Example {number}: {KIND_TITLES[example.kind]}**")
        if example.hypothesis:
            _guess(example.hypothesis, "The guess")
        if example.original:
            show_diff(example.original, example.perturbed or None, survey.text_fields)
        if example.kind is not QuestionKind.EXTRAPOLATION:
            _facts(example.label, example.predicted)
        st.caption("A good answer")
        show_text((example.answer,))
        st.caption(plain(f"Why it is good: {example.why}"))


def show_question(
    workbench: Workbench,
    seat: Seat,
    question: Question,
    *,
    before: Callable[[], None],
    after: Callable[[], None],
    at: int,
) -> None:
    """``before`` and ``after`` go to the neighbors. Every change is kept at once; *Next* hands the answer in."""
    answer = seat.answers.get(question.question_id)
    if st.session_state.get(_SINCE, ("", 0.0))[0] != question.question_id:
        st.session_state[_SINCE] = (question.question_id, time.monotonic())
    st.title(KIND_TITLES[question.kind], anchor=False)
    keep = _Keeper(workbench, seat, question)
    keep.follow(answer)
    stuck = _material(seat, question)
    if question.kind is QuestionKind.ATTENTION:
        keep.choice(plain(question.prompt), question.options)
    elif not stuck:
        keep.texts()
        if question.perturbed is not None:
            label = plain(seat.survey.label_names[question.label or 0])
            keep.choice(f"Is “{label}” still the right answer for the changed text?", VERDICT_WORDS)
    _moves(keep, before, after, at)
    _saved(answer)


class _Keeper:
    """Reads the widgets of one question and keeps what they hold."""

    def __init__(self, workbench: Workbench, seat: Seat, question: Question) -> None:
        self._workbench = workbench
        self.question = question
        self._participant_id = seat.participant.participant_id
        self._fields = seat.survey.text_fields if question.kind is QuestionKind.GENERATION else ("Your answer",)
        self._own = question.question_id
        self._survey_id = question.survey_id
        self._base = f"survey-base-{question.question_id}"

    def follow(self, answer: Answer | None) -> None:
        """Show what is stored, unless something was written here since: another tab may have gone on."""
        stored = self._content(answer)
        known = f"survey-text-0-{self._own}" in st.session_state
        if known and self.written() != st.session_state.get(self._base):
            return
        text, reason, choice = stored
        for place, side in enumerate(text):
            st.session_state[f"survey-text-{place}-{self._own}"] = side
        st.session_state[f"survey-reason-{self._own}"] = reason
        st.session_state[f"survey-choice-{self._own}"] = choice
        st.session_state[self._base] = stored

    def texts(self) -> None:
        for place, field in enumerate(self._fields):
            key = f"survey-text-{place}-{self._own}"
            label = plain(field.capitalize()) if len(self._fields) > 1 else "Your answer"
            st.text_area(label, key=key, height=150, max_chars=MOST_CHARACTERS, on_change=self.draft)
        if self.question.kind.writes_hypothesis:
            key = f"survey-reason-{self._own}"
            st.text_area(
                "What makes you think so? (You may leave this empty.)",
                key=key,
                height=80,
                max_chars=MOST_CHARACTERS,
                on_change=self.draft,
            )

    def choice(self, label: str, options: tuple[str, ...]) -> None:
        key = f"survey-choice-{self._own}"
        st.radio(
            label,
            list(range(len(options))),
            key=key,
            format_func=lambda place: plain(options[place]),
            on_change=self.draft,
        )

    def _content(self, answer: Answer | None) -> Content:
        if answer is None:
            return tuple("" for _ in self._fields), "", None
        return answer.text, answer.reason, answer.choice

    def written(self) -> Content:
        state = st.session_state
        text = tuple(str(state.get(f"survey-text-{place}-{self._own}") or "") for place in range(len(self._fields)))
        choice = state.get(f"survey-choice-{self._own}")
        return text, str(state.get(f"survey-reason-{self._own}") or ""), None if choice is None else int(choice)

    def draft(self) -> None:
        self.keep(submitted=False)

    def keep(self, *, submitted: bool) -> bool:
        """On disk when it returns True; else the next drawing says why not."""
        content = self.written()
        if self.is_untouched:
            # Nothing was written here: what another tab has stored meanwhile goes before what this one shows.
            latest = self._workbench.store.surveys.answers(self._survey_id, self._participant_id).get(self._own)
            content = self._content(latest) if latest else content
        now = time.monotonic()
        since = st.session_state.get(_SINCE, ("", now))
        spent = now - since[1] if since[0] == self._own else 0.0
        save = self._workbench.survey.seats.save
        try:
            save(self._participant_id, self._own, *content, spent, submitted=submitted)
        except NothingToDoError:
            session.flash(SAVING_FAILED, "error")
            return False
        except ConfigError as error:
            session.flash(str(error), "error")
            return False
        st.session_state[_SINCE] = (self._own, now)
        st.session_state[self._base] = self.written()
        return True

    @property
    def is_untouched(self) -> bool:
        return self.written() == st.session_state.get(self._base)

    def problem(self) -> str:
        """Why it cannot be handed in yet; empty when it can."""
        text, _, choice = self.written()
        if self.question.kind is QuestionKind.ATTENTION:
            return "" if choice is not None else "Please choose one of the options."
        if not all(side.strip() for side in text):
            return "Please write an answer, or choose “I cannot answer this”."
        return ""


def _material(seat: Seat, question: Question) -> bool:
    """What the question is about. True when it rests on an own answer that was left empty."""
    survey = seat.survey
    if question.kind is QuestionKind.ATTENTION:
        return False
    show_prose(fill(survey.texts.instructions[question.kind], survey))
    if question.original is not None:
        show_diff(question.original, question.perturbed, survey.text_fields)
        if question.perturbed is not None:
            st.caption("− struck out: before the change. + underlined: after it.")
    names = survey.label_names
    if question.kind is QuestionKind.ABSTRACTION and question.label is not None:
        _facts(names[question.label], "" if question.predicted is None else names[question.predicted])
    hypothesis, followed = question.hypothesis, question.follows_id
    if followed is not None:
        number = next(one.position for one in seat.questions if one.question_id == followed)
        earlier = seat.answers.get(followed)
        hypothesis = earlier.text[0].strip() if earlier else ""
        if not hypothesis:
            st.info(
                f"This goes on from your answer to question {number}, which is empty. Go back and answer it, or choose "
                "“I cannot answer this”."
            )
            return True
        _guess(hypothesis, f"Your answer to question {number}")
    elif hypothesis:
        _guess(hypothesis, "The guess")
    if question.kind is QuestionKind.GENERATION and question.label is not None:
        st.markdown(f"Wanted: **{plain(names[question.label])}**. At least {LEAST_CHARACTERS} characters.")
    return False


def _guess(text: str, title: str) -> None:
    with st.container(border=True):
        st.caption(title)
        show_text((text,))


def _facts(label: str, predicted: str) -> None:
    said = f" The program said: **{plain(predicted)}**." if predicted else ""
    st.markdown(f"Right answer: **{plain(label)}**.{said}")


def _moves(keep: _Keeper, before: Callable[[], None], after: Callable[[], None], at: int) -> None:
    def hand_in() -> None:
        problem = keep.problem()
        if problem:
            session.flash(problem, "info")
        elif keep.keep(submitted=True):
            after()

    def go_back() -> None:
        if keep.is_untouched or keep.keep(submitted=False):
            before()

    def give_up() -> None:
        if keep.keep(submitted=True):
            after()

    with st.container(horizontal=True):
        st.button("Back", key="survey-previous", icon=":material/arrow_back:", disabled=at == 0, on_click=go_back)
        st.button("Next", key="survey-next", type="primary", on_click=hand_in)
        if keep.question.kind is not QuestionKind.ATTENTION and not any(keep.written()[0]):
            st.button("I cannot answer this", key="survey-skip", type="tertiary", on_click=give_up)


def _saved(answer: Answer | None) -> None:
    if answer is not None:
        st.caption("✓ Saved. What you go on to write is saved by itself every few seconds.")
    else:
        st.caption("What you write is saved by itself every few seconds.")
