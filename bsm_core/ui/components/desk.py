"""The writing desk: a sample by hand, with the classifier's answer to it while it is being written."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.lineage import LineageNode
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Text
from bsm_core.errors import WorkbenchError
from bsm_core.ports import Neighbor
from bsm_core.ui import assets, session, shell, words
from bsm_core.ui.components import states
from bsm_core.ui.components.diff import show_text
from bsm_core.ui.components.judge_name import current_judge
from bsm_core.ui.components.lineage import label_of
from bsm_core.ui.components.probabilities import show_probabilities
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench
from bsm_core.workbench.desk import Draft, Look
from bsm_core.workflow.starters import starters

_COPY = 0.9
"""Share of a text's trigrams from which it is called nearly a copy; the repetition gate's default."""
_LOADING, _KEPT = "desk-loading", "desk-kept"


def desk(workbench: Workbench, study: Study, by_id: dict[str, LineageNode], wanted: str | None) -> None:
    """Hypothesis, text, label; the answer beside them. Typing redraws nothing but this."""
    assets.load_script("desk-typing.js")
    every = 1.0 if st.session_state.get(_LOADING) else None
    st.fragment(_desk, run_every=every)(workbench, study, by_id, wanted, every is not None)


def _desk(workbench: Workbench, study: Study, by_id: dict[str, LineageNode], wanted: str | None, polling: bool) -> None:
    writer = _writer()
    keys = [f"desk-text-{place}-{study.study_id}" for place in range(len(study.task.text_fields))]
    _restore(workbench, study, writer, keys, by_id)
    left, right = st.columns([3, 2], gap="large")
    with left:
        draft = _form(study, by_id, wanted, keys)
        _buttons(workbench, draft, keys, study.study_id)
    with right:
        loading = _live(workbench, study, draft)
    workbench.desk.save(study.study_id, writer, draft)
    st.session_state[_LOADING] = loading
    if loading != polling or st.session_state.get(_KEPT) == "new":
        if st.session_state.get(_KEPT) == "new":
            st.session_state[_KEPT] = "seen"
        st.rerun()  # polling begins or ends, or the list below has a new sample


def _writer() -> str:
    """Tells this visitor from others at the same study; in the address, so that a reload finds the draft."""
    if (known := session.param("writer")) is not None and known.isalnum():
        return known
    mine = st.session_state.setdefault("desk-writer", secrets.token_hex(4))
    session.put(writer=mine)
    return str(mine)


def _restore(
    workbench: Workbench, study: Study, writer: str, keys: Sequence[str], by_id: dict[str, LineageNode]
) -> None:
    """Put back what was being written before a reload or a restart."""
    if any(key in st.session_state for key in keys):
        return
    draft = workbench.desk.draft(study.study_id, writer)
    if draft is None or len(draft.text) != len(keys):
        return
    for key, side in zip(keys, draft.text, strict=True):
        st.session_state[key] = side
    if 0 <= draft.label < len(study.task.label_names):
        st.session_state[_label_key(study.study_id)] = draft.label
    if draft.hypothesis_id in by_id:
        st.session_state[_hypothesis_key(study.study_id, None)] = draft.hypothesis_id


def _form(study: Study, by_id: dict[str, LineageNode], wanted: str | None, keys: Sequence[str]) -> Draft:
    options = list(by_id)
    hypothesis_id = st.selectbox(
        "For the hypothesis",
        options,
        index=options.index(wanted) if wanted in by_id else 0,
        key=_hypothesis_key(study.study_id, wanted),
        format_func=lambda one: label_of(by_id[one]),
    )
    for field, key in zip(study.task.text_fields, keys, strict=True):
        st.text_area(
            plain(one_line(field, 40).capitalize()), key=key, height=110, persist_state="session",
            placeholder=f"A {study.task.sample_noun} on which the hypothesis says the model fails",
        )  # fmt: skip
    names = study.task.label_names
    label = st.segmented_control(
        "Label",
        range(len(names)),
        default=0 if _label_key(study.study_id) not in st.session_state else None,
        required=True,
        key=_label_key(study.study_id),
        format_func=lambda one: plain(one_line(names[one], 40)),
    )
    _starters(study, label or 0, keys[0])
    return Draft(str(hypothesis_id), tuple(st.session_state.get(key) or "" for key in keys), label or 0)


def _starters(study: Study, label: int, key: str) -> None:
    known = starters(study.task, label)
    if known:
        st.selectbox(
            "Start from a pattern",
            list(known),
            index=None,
            format_func=lambda name: f"{name}: {known[name]}",
            key=f"desk-starter-{study.study_id}-{label}",
            placeholder="A sentence to fill in, for the chosen label",
            on_change=_start_from,
            args=(f"desk-starter-{study.study_id}-{label}", key, known),
            help="It is put at the end of what you have written; replace each … by words of your own.",
        )


def _start_from(starter: str, key: str, known: dict[str, str]) -> None:
    chosen = st.session_state.get(starter)
    if chosen:
        st.session_state[key] = " ".join(filter(None, [st.session_state.get(key) or "", known[chosen]]))
        st.session_state[starter] = None


def _buttons(workbench: Workbench, draft: Draft, keys: Sequence[str], study_id: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Keep this sample", type="primary", icon=":material/check:", key="write-keep", shortcut="Alt+K",
            on_click=_keep, args=(workbench, draft, keys),
        )  # fmt: skip
        st.button(
            "Other label", icon=":material/swap_horiz:", key="desk-flip", shortcut="Alt+L",
            on_click=_flip, args=(study_id, draft.label, workbench),
        )  # fmt: skip
        last = st.session_state.get(f"desk-last-{study_id}")
        st.button(
            "Take back", icon=":material/undo:", key="desk-undo", shortcut="Alt+U", disabled=last is None,
            on_click=_take_back, args=(workbench, study_id, keys),
            help="The sample kept last leaves the list of open ones, and its text comes back to be written on.",
        )  # fmt: skip
    st.caption("What you write is saved as you go.")


def _live(workbench: Workbench, study: Study, draft: Draft) -> bool:
    """The classifier's answer now, and what comes near. Returns whether it is still on its way."""
    if not all(side.strip() for side in draft.text):
        st.caption("The classifier answers here while you write, with the training texts that come nearest.")
        return False
    try:
        look = workbench.desk.look(study.study_id, draft.text)
    except WorkbenchError as error:
        states.failed(str(error))
        return False
    if look is None:
        st.caption("The classifier is being loaded; its answer comes by itself.")
        return True
    _verdict(look, draft.label)
    show_probabilities("The classifier now", look.answer.probabilities, study.task.label_names, draft.label)
    _near(study, look)
    return look.answer.read < 1


def _verdict(look: Look, label: int) -> None:
    if look.is_uu(label):
        st.badge("An unknown unknown now", icon=":material/visibility_off:", color="orange")
    elif look.predicted != label:
        st.badge(f"Wrong, but less sure than tau ({look.tau:g})", icon=":material/help:", color="gray")
    else:
        st.badge("The classifier has it right", icon=":material/check:", color="blue")


def _near(study: Study, look: Look) -> None:
    if look.sample is not None and look.sample_share >= _COPY:
        st.warning(f"{look.sample_share:.0%} of it stands in a sample already.", icon=":material/content_copy:")
        show_text(look.sample)
    if look.answer.read < 1:
        st.caption(f"Reading the training texts: {look.answer.read:.0%}.")
    if look.nearest:
        st.caption("Nearest training texts")
        for neighbor in look.nearest:
            _neighbor(study, neighbor)


def _neighbor(study: Study, neighbor: Neighbor) -> None:
    copied = f", {neighbor.repeated:.0%} of yours stands in it" if neighbor.repeated >= _COPY else ""
    name = one_line(study.task.label_names[neighbor.label], 40)
    show_text(_short(neighbor.text))
    st.caption(plain(f"{name}, similarity {neighbor.similarity:.2f}{copied}"))


def _short(text: Text) -> Text:
    return tuple(one_line(side, 200) for side in text)


def _keep(workbench: Workbench, draft: Draft, keys: Sequence[str]) -> None:
    text = tuple(st.session_state.get(key) or "" for key in keys)
    sample = shell.attempt(workbench.curation.write, draft.hypothesis_id, text, draft.label, current_judge())
    if sample is not None:
        for key in keys:
            st.session_state[key] = ""
        st.session_state[f"desk-last-{sample.study_id}"] = sample.sample_id
        st.session_state[_KEPT] = "new"
        session.put(sample=sample.sample_id)
        session.flash("The sample is kept: open, and not checked yet. Write more, then check them together.")


def _flip(study_id: str, label: int, workbench: Workbench) -> None:
    names = workbench.store.studies.get(study_id).task.label_names
    st.session_state[_label_key(study_id)] = (label + 1) % len(names)


def _take_back(workbench: Workbench, study_id: str, keys: Sequence[str]) -> None:
    sample_id = str(st.session_state.pop(f"desk-last-{study_id}"))
    sample = workbench.store.samples.get(sample_id).sample
    workbench.desk.take_back(sample_id)
    for key, side in zip(keys, sample.text, strict=True):
        st.session_state[key] = side
    st.session_state[_label_key(study_id)] = sample.label
    st.session_state[_KEPT] = "new"
    session.flash(f"Taken back: {words.count(1, 'sample')} rejected, its text is at the desk again.", "info")


def _label_key(study_id: str) -> str:
    return f"desk-label-{study_id}"


def _hypothesis_key(study_id: str, wanted: str | None) -> str:
    return f"desk-hypothesis-{study_id}-{wanted}"
