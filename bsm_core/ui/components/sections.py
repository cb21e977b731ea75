"""A page in a few plain sections, of which the address names one."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from bsm_core.ui import session

PARAMETER = "section"


def choose_section(page: str, titles: Mapping[str, str], default: str) -> str:
    """Draw the choice; return the section in the address, or the default."""
    wanted = session.param(PARAMETER)
    current = wanted if wanted is not None and wanted in titles else default
    key = f"{page}-section"
    st.session_state[key] = current  # it follows the address, but for a choice made in it
    st.segmented_control(
        "Section",
        list(titles),
        key=key,
        required=True,
        format_func=lambda one: titles[one],
        label_visibility="collapsed",
        on_change=lambda: open_section(st.session_state[key]),
    )
    return current


def open_section(name: str) -> None:
    """For callbacks."""
    session.put(section=name)
