"""One blind spot: how large, how wrong the model is around it, the words that set it apart, its texts, its edits."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.blind_spots import MOST_NAME
from bsm_core.domain.studies import Study
from bsm_core.ui import session, shell, words
from bsm_core.ui.components import selection
from bsm_core.ui.components.spot_list import untick
from bsm_core.ui.components.spot_members import show_members
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench
from bsm_core.workflow.spot_overview import SpotFigures, SpotOverview, sources_for

_PAIRS = 3


def spot_detail(workbench: Workbench, study: Study, found: SpotOverview, spot_id: str, editable: bool) -> None:
    figures = found.figures(spot_id)
    if figures is None:
        return
    with st.container(border=True):
        _heading(workbench, study.study_id, figures, editable)
        left, right = st.columns([2, 3], gap="large")
        with left:
            _numbers(study, found, figures)
            _words(figures)
            _write(found, figures)
        with right:
            show_members(workbench, study, found.clustering.model_id, figures.spot.item_ids, key=f"spot-{spot_id}")


def _heading(workbench: Workbench, study_id: str, figures: SpotFigures, editable: bool) -> None:
    spot = figures.spot
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"##### {plain(one_line(spot.name, MOST_NAME))}", width="content")
        st.badge(words.count(spot.size, "text"), color="gray")
        if figures.natural:
            st.badge(f"{figures.natural:,} natural", icon=":material/notes:", color="blue", help=words.NATURAL)
        if figures.adversarial:
            st.badge(
                f"{figures.adversarial:,} perturbed", icon=":material/edit:", color="orange", help=words.ADVERSARIAL
            )
        with st.popover("Rename", icon=":material/edit_note:", disabled=not editable):
            key = f"spot-name-{spot.spot_id}"
            st.text_input("Name", spot.name, max_chars=MOST_NAME, key=key)
            st.button(
                "Keep this name",
                key="spot-rename",
                type="primary",
                on_click=_rename,
                args=(workbench, study_id, spot.spot_id, key),
            )
        st.button(
            "Split in two",
            icon=":material/call_split:",
            key="spot-split",
            disabled=not editable or spot.size < 2,
            help="Its texts are clustered once more, into two groups. Can be undone.",
            on_click=_split,
            args=(workbench, study_id, spot.spot_id),
        )


def _numbers(study: Study, found: SpotOverview, figures: SpotFigures) -> None:
    spot, names = figures.spot, study.task.label_names
    nearby, confidence = st.columns(2)
    nearby.metric("Wrong nearby", f"{spot.wrong_share:.0%}", border=True, help=words.WRONG_NEARBY)
    confidence.metric("Mean confidence", f"{figures.confidence:.0%}", border=True, help=words.CONFIDENCE)
    st.caption(
        f"Of the {spot.neighbors:,} validation texts nearest to its members the classifier gets "
        f"{spot.wrong_share:.0%} wrong ({spot.wrong_low:.0%} to {spot.wrong_high:.0%}), counted by nearness; of all "
        f"validation texts {found.clustering.wrong_share:.0%}. {_verdict(found, figures)}"
    )
    for label, said, count in figures.pairs[:_PAIRS]:
        right, wrong = (plain(one_line(names[place], 40)) for place in (label, said))
        st.markdown(f"{count:,} × labelled **{right}**, called **{wrong}**")
    if len(figures.pairs) > _PAIRS:
        st.caption(f"and {len(figures.pairs) - _PAIRS} more pairs of labels")


def _verdict(found: SpotOverview, figures: SpotFigures) -> str:
    overall = found.clustering.wrong_share
    if figures.spot.wrong_low > overall:
        return "So the whole neighborhood is weak, not these texts alone."
    if figures.spot.wrong_high < overall:
        return "So the neighborhood is better than average: these texts are exceptions in it."
    return "So the neighborhood cannot be told from the average."


def _words(figures: SpotFigures) -> None:
    st.markdown("**Words that set it apart**", help=words.DISTINCTIVE)
    told = figures.spot.words
    if not told:
        st.caption("None: no word is clearly more frequent here than in the other validation texts.")
        return
    shown = [f"**{plain(one_line(one.word, 30))}** {one.inside} here, {one.outside} elsewhere" for one in told]
    st.markdown("  \n".join(shown))


def _write(found: SpotOverview, figures: SpotFigures) -> None:
    ids = sources_for(figures.spot, found.points, selection.LIMIT)
    if st.button(
        "Write a hypothesis about this spot", type="primary", icon=":material/psychology:", key="spot-hypothesize"
    ):
        session.go("hypotheses", items=session.join(ids))
    covered = figures.coverage
    if covered.hypotheses:
        st.caption(
            f"{words.count(covered.hypotheses, 'hypothesis', 'hypotheses')} and "
            f"{words.count(covered.approved, 'approved sample')} so far."
        )
    else:
        st.caption("No hypothesis rests on its texts yet.")
    if figures.spot.size > len(ids):
        st.caption(f"It will rest on the {len(ids)} most typical of its {figures.spot.size:,} texts.")


def _rename(workbench: Workbench, study_id: str, spot_id: str, key: str) -> None:
    shell.attempt(workbench.spots.rename, study_id, spot_id, st.session_state[key] or "")


def _split(workbench: Workbench, study_id: str, spot_id: str) -> None:
    parts = shell.attempt(workbench.spots.split, study_id, spot_id)
    untick(study_id)
    if parts is not None:
        session.put(spot=parts[0].spot_id)
