"""One unknown unknown: its diff, the model's answers, and whether its label is still right."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import UnknownUnknown, Verdict
from bsm_core.ports import Position
from bsm_core.ui import session, shell, words
from bsm_core.ui.components import selection
from bsm_core.ui.components.diff import show_diff
from bsm_core.ui.components.item_ledger import item_ledger, latest_words
from bsm_core.ui.components.judge_name import current_judge, judge_field, judge_title
from bsm_core.ui.components.probabilities import show_probabilities
from bsm_core.ui.components.uu_filter import PAGE
from bsm_core.ui.components.uu_list import SIZE, redraw
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench

_ANSWERS = ((Verdict.YES, "Yes", "Y"), (Verdict.NO, "No", "N"), (Verdict.UNSURE, "Unsure", "U"))


def uu_detail(
    workbench: Workbench,
    study: Study,
    uu: UnknownUnknown,
    position: Position | None,
    *,
    leaves: bool,
    selectable: bool = True,
) -> None:
    """``leaves``: a verdict takes the text out of the filtered list, so the next one is opened with it.
    ``selectable``: hypotheses can be written about it."""
    _steps(study, uu, position, selectable)
    names = study.task.label_names
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            if uu.perturbed_text is None:
                st.badge("natural", icon=":material/notes:", color="blue", help=words.NATURAL)
            else:
                st.badge(words.perturbed_by(uu.recipe), icon=":material/edit:", color="orange", help=words.ADVERSARIAL)
            label, said = (plain(one_line(names[place], 40)) for place in (uu.label, uu.predicted))
            st.markdown(f"labelled **{label}**, called **{said}** with **{uu.confidence:.1%}** confidence")
        show_diff(uu.original_text, uu.perturbed_text, study.task.text_fields)
        _verdict(workbench, study, uu, position if leaves else None)
        if uu.original_probabilities is not None:
            show_probabilities("On the original", uu.original_probabilities, names, uu.label)
            show_probabilities("On the perturbed text", uu.probabilities, names, uu.label)
        else:
            show_probabilities("On this text", uu.probabilities, names, uu.label)
        if selectable and st.button(
            "Write a hypothesis about this text", icon=":material/psychology:", key="uu-hypothesize"
        ):
            session.go("hypotheses", items=uu.item_id)


def _steps(study: Study, uu: UnknownUnknown, position: Position | None, selectable: bool) -> None:
    ticked = uu.item_id in selection.chosen(study.study_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        before, after = (position.previous_id, position.next_id) if position else (None, None)
        number = position.number if position else 1
        st.button(
            "Previous",
            icon=":material/arrow_back:",
            shortcut="K",
            key="uu-previous",
            disabled=before is None,
            on_click=open_item,
            args=(before, number - 1),
        )
        st.button(
            "Next",
            icon=":material/arrow_forward:",
            shortcut="J",
            key="uu-next",
            disabled=after is None,
            on_click=open_item,
            args=(after, number + 1),
        )
        told = f"{position.number:,} of {position.total:,}" if position else "not in this list"
        st.caption(told, width="content")
        if not selectable:
            return
        st.button(
            "Selected" if ticked else "Select",
            key="uu-select",
            shortcut="S",
            type="primary" if ticked else "secondary",
            icon=":material/check_box:" if ticked else ":material/check_box_outline_blank:",
            on_click=_toggle,
            args=(study.study_id, uu.item_id),
        )


def _verdict(workbench: Workbench, study: Study, uu: UnknownUnknown, position: Position | None) -> None:
    """Buttons for the word of whoever judges now, and what all have said."""
    said = workbench.judging.words_on(study.study_id, uu.item_id)
    judge = current_judge()
    own = latest_words(said).get(judge)
    with st.container(horizontal=True, vertical_alignment="center"):
        name = plain(one_line(study.task.label_names[uu.label], 40))
        st.markdown(f"Label **{name}** still right?", help=words.VERDICT, width="content")
        for verdict, title, key in _ANSWERS:
            st.button(
                title,
                key=f"uu-{verdict}",
                shortcut=key,
                type="primary" if own is verdict else "secondary",
                on_click=_judge,
                args=(workbench, study.study_id, uu.item_id, verdict, judge, position),
            )
        with st.popover(f"as {plain(judge_title(judge))}", icon=":material/person:", type="tertiary"):
            judge_field()
    item_ledger(said)


def _judge(
    workbench: Workbench, study_id: str, item_id: str, verdict: Verdict, judge: str, position: Position | None
) -> None:
    shell.attempt(workbench.judge, study_id, item_id, verdict, judge)
    if position is not None:
        open_item(position.next_id or position.previous_id, position.number)


def open_item(item_id: str | None, number: int) -> None:
    """Callback: show another text, and the page of the list it is on."""
    session.put(item=item_id)
    st.session_state[PAGE] = max(0, number - 1) // SIZE + 1
    redraw()


def _toggle(study_id: str, item_id: str) -> None:
    selection.toggle(study_id, item_id)
    redraw()
