"""The settings of a study's gates, to be changed: for every check from then on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from bsm_core.config import PAPER_SIMILARITY, GateConfig
from bsm_core.ui import session, shell
from bsm_core.workbench import Workbench

_CALIBRATED, _PAPER, _OWN = "calibrated", "paper", "own"
_MARKS = {
    _CALIBRATED: "calibrated: 98% of training texts reach it",
    _PAPER: f"the paper's {PAPER_SIMILARITY:g}, as it stands",
    _OWN: "a mark of your own",
}


def gate_form(workbench: Workbench, study_id: str) -> None:
    """Saved as a whole; a refused value is named, and nothing is saved."""
    now = workbench.gating.config(study_id)
    # Each saved state has its own widgets: they show what is saved, also after a change elsewhere.
    key = f"gates-{study_id}-{now.fingerprint}"
    with st.form(key, border=False):
        values = _texts(now, key) | _similarity(now, key)
        _rejected(workbench, study_id)
        values |= _fit(now, key)
        if st.form_submit_button("Save the gates", icon=":material/save:", key="gates-save"):
            saved = shell.attempt(workbench.gating.set_config, study_id, values)
            if saved is not None:
                session.flash("Saved. Checks from now on go by it; the verdicts so far stay on record.")
            st.rerun()


def _texts(now: GateConfig, key: str) -> dict[str, Any]:
    left, middle, right = st.columns(3)
    return {
        "min_characters": left.number_input(
            "Least characters", value=now.min_characters, step=1, key=f"{key}-length", help="40 in the paper."
        ),
        "max_repeat_share": middle.number_input(
            "Most shared with a text", value=now.max_repeat_share, step=0.05, key=f"{key}-repeat",
            help="Share of three-word runs that a training text or another sample may have too, above 0 up to 1.",
        ),
        "max_leak_share": right.number_input(
            "Most shared with a sealed text", value=now.max_leak_share, step=0.05, key=f"{key}-leak",
            help="Share of eight-letter runs that a validation or test text may have too, above 0 up to 1.",
        ),
    }  # fmt: skip


def _similarity(now: GateConfig, key: str) -> dict[str, Any]:
    left, right = st.columns([2, 1])
    mark = left.selectbox(
        "Similarity to pass", list(_MARKS), index=list(_MARKS).index(_kind(now)), format_func=lambda one: _MARKS[one],
        key=f"{key}-mark", help="A raw score means something else for every encoder and layer: see below.",
    )  # fmt: skip
    own = right.number_input(
        "Your own mark", value=PAPER_SIMILARITY if now.min_similarity is None else now.min_similarity, step=0.01,
        key=f"{key}-own", help="Used with “a mark of your own” only.",
    )  # fmt: skip
    one, two, three, four = st.columns(4)
    references = one.number_input(
        "References", value=now.similarity_references, step=100, key=f"{key}-references",
        help="Training texts compared with, drawn by seed; at least 10. More than there are takes them all.",
    )  # fmt: skip
    top = two.number_input(
        "Mean of the best", value=now.similarity_top, step=1, key=f"{key}-top", help="1: the closest text alone counts."
    )
    shortlist = three.number_input(
        "Shortlist", value=now.similarity_shortlist, step=16, key=f"{key}-shortlist",
        help="Texts compared token by token, the nearest by one vector a text. 0: every one, which takes longer.",
    )  # fmt: skip
    layer = four.number_input(
        "Layer", value=now.similarity_layer or 0, step=1, key=f"{key}-layer",
        help="Of the encoder. 0: the one measured best for it, or the last.",
    )  # fmt: skip
    encoder = st.text_input(
        "Encoder", now.similarity_encoder, key=f"{key}-encoder", help="The packaged one by name, or a folder."
    )
    marks = {_CALIBRATED: None, _PAPER: PAPER_SIMILARITY, _OWN: own}
    return {
        "min_similarity": marks[mark],
        "similarity_references": references,
        "similarity_top": top,
        "similarity_shortlist": shortlist,
        "similarity_layer": layer or None,
        "similarity_encoder": encoder,
    }


def _rejected(workbench: Workbench, study_id: str) -> None:
    scale = workbench.gating.scale(study_id)
    if scale is None or not scale.real:
        st.caption(f"What the paper's {PAPER_SIMILARITY:g} would reject is measured with the first check of samples.")
        return
    rejected = sum(score < PAPER_SIMILARITY for score in scale.real) / len(scale.real)
    st.caption(
        f"With the encoder, layer and references of the last check, the paper's {PAPER_SIMILARITY:g} would reject "
        f"{rejected:.0%} of real texts, and the calibrated mark {1 - scale.passes_real:.0%}."
    )


def _fit(now: GateConfig, key: str) -> dict[str, Any]:
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    told = left.checkbox("Say how near a sample is to the texts behind its hypothesis", now.check_fit, key=f"{key}-fit")
    least = right.number_input(
        "Reject below (0: never)", value=now.min_fit or 0.0, step=0.05, key=f"{key}-least",
        help="Share of training texts that must be less near. Extrapolations are meant to be far: think twice.",
    )  # fmt: skip
    return {"check_fit": told, "min_fit": least or None}


def _kind(now: GateConfig) -> str:
    if now.min_similarity is None:
        return _CALIBRATED
    return _PAPER if now.min_similarity == PAPER_SIMILARITY else _OWN
