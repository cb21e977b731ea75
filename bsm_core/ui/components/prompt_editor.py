"""Editing a prompt template: its parts beside the prompt they make of a real UU, and a new version on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.errors import WorkbenchError
from bsm_core.ui import session, shell
from bsm_core.ui.text import one_line, plain, visible
from bsm_core.workbench import Workbench
from bsm_core.workflow.compare_prompts import Case
from bsm_core.workflow.prompt_library import EDITABLE, TemplateVersion, write_template

TITLES = {
    "abstraction": "Abstraction, perturbed UUs",
    "abstraction_natural": "Abstraction, natural UUs",
    "extrapolation": "Extrapolation",
    "generation": "Sample for a hypothesis",
    "label_check": "Is the label still right?",
    "label_blind": "Blind label of a sample",
}
_CASES = 20
_PARTS = {
    "system": ("What the model is told about its role", 190),
    "user": ("The question", 330),
    "example": ("Each case in it", 190),
}


@dataclass(frozen=True)
class _Keys:
    """Widget keys for one version: another version starts from its own text."""

    version: TemplateVersion

    def of(self, part: str) -> str:
        return f"prompt-{part}-{self.version.name}-{self.version.key}"


def choose_template() -> str:
    return str(
        st.segmented_control(
            "Prompt", EDITABLE, default=EDITABLE[0], required=True, key="prompt-name",
            format_func=lambda one: TITLES[one],
        )
    )  # fmt: skip


def version_title(version: TemplateVersion, newest: bool = False) -> str:
    title = "as it ships" if version.number == 0 else f"version {version.number}"
    return f"{title} ({version.key[5:]})" + (", in use" if newest else "")


def prompt_editor(workbench: Workbench, study: Study, name: str) -> None:
    """Left the parts, right the prompt."""
    versions = workbench.authoring.prompts.versions(name)
    by_key = {one.key: one for one in versions}
    key = st.selectbox(
        "Start from",
        list(by_key)[::-1],
        key=f"prompt-version-{name}-{len(versions)}",
        format_func=lambda one: version_title(by_key[one], one == versions[-1].key),
        help="Versions are never changed or deleted. The newest one is in use; to go back, save an earlier one again.",
    )
    version = by_key[key]
    left, right = st.columns(2, gap="large")
    with left:
        content = _parts(version)
        st.button(
            "Save as a new version", type="primary", icon=":material/save:", key="prompt-save",
            disabled=content == versions[-1].content, on_click=_save, args=(workbench, name, content),
            help="From then on it is in use. Jobs under way keep the version they began with.",
        )  # fmt: skip
    with right:
        _preview(workbench, study, name, content)


def _parts(version: TemplateVersion) -> str:
    """The template's file with what the fields say."""
    template, keys = version.template, _Keys(version)
    changes: dict[str, object] = {}
    for part, (title, height) in _PARTS.items():
        text: str = getattr(template, part)
        if text:
            typed = st.text_area(title, text, height=height, key=keys.of(part), max_chars=20_000)
            changes[part] = (typed or "").rstrip("\n") + "\n"
    one, two = st.columns(2)
    changes["temperature"] = one.number_input(
        "Temperature", 0.0, 2.0, float(template.temperature), step=0.1, key=keys.of("temperature")
    )
    changes["max_tokens"] = int(
        two.number_input("Longest answer in tokens", 1, 8000, template.max_tokens, key=keys.of("max_tokens"))
    )
    changes["shots"] = _shots(version)
    return version.content if _is_same(version, changes) else write_template(template, changes)


def _shots(version: TemplateVersion) -> list[tuple[str, str]]:
    template, keys = version.template, _Keys(version)
    with st.expander("Worked examples (few-shot)", icon=":material/school:", expanded=bool(template.shots)):
        st.caption(
            "None is zero-shot, as in the paper. Each is a question as it might have been asked, and its answer."
        )
        rows = [{"question": shot.user, "answer": shot.assistant} for shot in template.shots]
        edited = st.data_editor(
            rows or [{"question": "", "answer": ""}],
            num_rows="dynamic",
            hide_index=True,
            key=keys.of("shots"),
            width="stretch",
        )
    pairs = [(str(row.get("question") or ""), str(row.get("answer") or "")) for row in edited]
    return [(question, answer) for question, answer in pairs if question.strip() and answer.strip()]


def _is_same(version: TemplateVersion, changes: Mapping[str, object]) -> bool:
    template = version.template
    shots = [(shot.user, shot.assistant) for shot in template.shots]
    parts = {name: getattr(template, name) for name in ("system", "user", "example", "temperature", "max_tokens")}
    return changes["shots"] == shots and all(
        _plain(changes[name]) == _plain(value) for name, value in parts.items() if name in changes
    )


def _plain(value: object) -> object:
    return value.rstrip("\n") if isinstance(value, str) else value


def _save(workbench: Workbench, name: str, content: str) -> None:
    saved = shell.attempt(workbench.authoring.prompts.save, name, content)
    if saved is not None:
        session.flash(f"Kept as {version_title(saved)}; it is in use from now on.")


def _preview(workbench: Workbench, study: Study, name: str, content: str) -> None:
    cases = workbench.authoring.cases(study.study_id, name, _CASES)
    if not cases:
        st.info(
            "Nothing to try it on yet: this prompt needs UUs of its kind, and for extrapolations and samples a "
            "hypothesis about one of them.",
            icon=":material/info:",
        )
        return
    place = st.selectbox(
        "The prompt, filled in for", range(len(cases)), key=f"prompt-case-{name}",
        format_func=lambda one: _case_title(cases[one]),
    )  # fmt: skip
    try:
        prompt = workbench.authoring.preview(study.study_id, name, content, cases[place])
    except WorkbenchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    for role, text in prompt.messages:
        st.caption({"system": "Role", "user": "Question", "assistant": "Answer"}.get(role, plain(role)))
        st.code(visible(text), language=None, wrap_lines=True, height=420 if text.count("\n") > 16 else "content")
    if prompt.schema:
        fields: Any = prompt.schema.get("properties", {})
        st.caption(f"The answer must be JSON with the fields {plain(', '.join(fields))}.")


def _case_title(case: Case) -> str:
    return one_line(" / ".join(case.unknown.text), 90)
