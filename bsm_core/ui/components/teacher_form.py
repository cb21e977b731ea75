"""Which language model writes: the embedded one or an endpoint; its key by name only; a try with a visible answer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from bsm_core.config import EMBEDDED_TEACHER, TeacherConfig
from bsm_core.domain.teaching import TeacherCall
from bsm_core.errors import WorkbenchError
from bsm_core.ui import session, shell
from bsm_core.ui.components.teacher_calls import show_call, show_failed_call
from bsm_core.ui.text import plain
from bsm_core.workbench import Workbench

EMBEDDED_NOTE = (
    "The embedded model (135 million parameters) is small. It cannot reason about texts: hypotheses are made by rule, "
    "and it only writes short, rather bland sentences. It needs no network and no key, and shows how everything "
    "works. A real endpoint does better."
)
_KINDS = {True: "Embedded model", False: "OpenAI-compatible endpoint"}
_OVERRIDES = ("BSM_TEACHER_ENDPOINT", "BSM_TEACHER_MODEL")
_TRIAL = "teacher-trial"


@dataclass(frozen=True)
class _Trial:
    """How the last try went."""

    call: TeacherCall | None
    failure: str = ""
    failed_call_id: str | None = None


def teacher_form(workbench: Workbench) -> None:
    """Fields with the present settings to start from; nothing changes until it is saved."""
    now = workbench.settings.teacher
    embedded = st.segmented_control(
        "Who writes",
        list(_KINDS),
        default=now.is_embedded,
        required=True,
        key="teacher-kind",
        format_func=lambda one: _KINDS[one],
    )
    if embedded:
        st.info(EMBEDDED_NOTE, icon=":material/smart_toy:")
        values: dict[str, object] = {}
    else:
        values = _endpoint_fields(now)
    one, two = st.columns(2)
    values["timeout"] = one.number_input(
        "Longest wait for one answer (seconds)",
        1.0,
        3600.0,
        now.timeout,
        step=10.0,
        format="%.0f",
        key="teacher-timeout",
    )
    values["retries"] = two.number_input(
        "Further tries", 0, 20, now.retries, key="teacher-retries",
        help="After a time-out, a rate limit or a server error, with growing pauses.",
    )  # fmt: skip
    st.button(
        "Save", type="primary", icon=":material/save:", key="teacher-save", on_click=_save, args=(workbench, values)
    )
    overriding = [name for name in _OVERRIDES if os.environ.get(name)]
    if overriding:
        st.caption(f"{' and '.join(overriding)} in the environment: at the next start they go before what is saved.")


def _endpoint_fields(now: TeacherConfig) -> dict[str, object]:
    was_embedded = now.is_embedded
    left, right = st.columns(2)
    values: dict[str, object] = {
        "endpoint": left.text_input(
            "Base URL", "" if was_embedded else now.endpoint, key="teacher-endpoint", max_chars=500,
            placeholder="https://api.example.org/v1", help="Anything that speaks the OpenAI chat API.",
        ),
        "model": right.text_input(
            "Model", "" if was_embedded else now.model, key="teacher-model", max_chars=200,
            placeholder="the name the endpoint serves it under",
        ),
    }  # fmt: skip
    one, two, three = st.columns(3)
    values["key_variable"] = one.text_input(
        "Key variable", now.key_variable, key="teacher-variable", max_chars=100,
        help="The name of the environment variable, or of the entry in secrets.toml, that holds the key. "
        "The key itself is never stored, logged or shown.",
    )  # fmt: skip
    for column, name, title in (
        (two, "price_prompt", "US$ per million tokens read"),
        (three, "price_completion", "US$ per million tokens written"),
    ):
        values[name] = column.number_input(
            title, 0.0, 10_000.0, getattr(now, name), key=f"teacher-{name}", placeholder="unknown", format="%.3f"
        )
    return values


def _save(workbench: Workbench, values: dict[str, object]) -> None:
    """An impossible value is refused with its reason; the fields keep what was typed."""

    def verb() -> TeacherConfig:
        teacher = TeacherConfig.from_dict({name: _stripped(value) for name, value in values.items()})
        workbench.set_teacher(teacher)
        return teacher

    if shell.attempt(verb) is not None:
        st.session_state.pop(_TRIAL, None)
        session.flash("Saved. The next question goes to this teacher.")


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def key_state(workbench: Workbench) -> None:
    """Which variable is read for the key, and whether it has a value. Never the value."""
    teacher = workbench.settings.teacher
    if teacher.endpoint == EMBEDDED_TEACHER:
        st.caption("The embedded model needs no key.")
        return
    with shell.edge():  # an unreadable secrets file has its own message
        found = workbench.key_found()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Key variable **{plain(teacher.key_variable)}**", width="content")
            if found:
                st.badge("found", icon=":material/key:", color="green")
            else:
                st.badge("not found", icon=":material/key_off:", color="orange")
        if not found:
            st.caption("Set it in the environment before the start; or put it into this file, and save once more:")
            line = f'{teacher.key_variable} = "..."'
            st.code(f"# {workbench.settings.workspace / 'secrets.toml'}\n{line}", language="toml")


def teacher_trial(workbench: Workbench, study_id: str) -> None:
    """One short question to the saved teacher; the answer, or what went wrong, stays on the page."""
    if st.button(
        "Ask it something", icon=":material/network_ping:", key="teacher-try",
        help="One short question to the teacher as it is saved.",
    ):  # fmt: skip
        with st.spinner("Waiting for the teacher's answer …"):
            st.session_state[_TRIAL] = _try(workbench, study_id)
    trial: _Trial | None = st.session_state.get(_TRIAL)
    if trial is None:
        return
    if trial.call is None:
        show_failed_call(workbench.store, trial.failure, trial.failed_call_id)
    else:
        st.success("The teacher answers.", icon=":material/check_circle:")
        show_call(trial.call)


def _try(workbench: Workbench, study_id: str) -> _Trial:
    started = datetime.now(UTC)
    try:
        return _Trial(workbench.try_teacher(study_id))
    except WorkbenchError as error:  # kept, since it has to outlive the next rerun
        newest = workbench.store.calls.page(study_id, limit=1).rows
        call_id = next((call.call_id for call in newest if call.created_at >= started), None)
        return _Trial(None, str(error), call_id)
