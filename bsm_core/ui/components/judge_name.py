"""Under which name somebody judges: one name a visit, on every page."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from bsm_core.ui.text import one_line
from bsm_core.workbench.judging import HUMAN

_KEY = "judge-name"
_MOST = 40


def judge_field(label: str = "Who judges?", width: int | Literal["stretch"] = "stretch") -> str:
    """A field for the name; returns the judge that it makes. ``label`` is our own words."""
    name = st.text_input(
        label,
        width=width,
        key=_KEY,
        max_chars=_MOST,
        placeholder="your name, if several judge",
        persist_state="session",
        help="Each name is a judge of its own. Judges do not see each other's answers here.",
    )
    return judge_name(name or "")


def current_judge() -> str:
    """Who judges now, for a page that is drawn before its field."""
    return judge_name(str(st.session_state.get(_KEY) or ""))


def judge_name(name: str) -> str:
    """``human``, or ``human:<name>``: the agent of the judgements of whoever gives this name."""
    said = one_line(name, _MOST).strip()
    return f"{HUMAN}:{said}" if said else HUMAN


def judge_title(agent: str) -> str:
    """``Ada``, ``human``, ``rule``, ``big (language model)``. Not escaped."""
    kind, _, name = one_line(agent, 60).partition(":")
    if kind == "lm":
        return f"{name} (language model)"
    return name or kind
