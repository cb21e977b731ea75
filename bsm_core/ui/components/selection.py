"""The UUs a visitor has chosen to write a hypothesis about, in the order they were chosen."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

LIMIT = 20
"""More would not fit an address, nor a prompt."""


def _key(study_id: str) -> str:
    return f"chosen-{study_id}"


def chosen(study_id: str) -> tuple[str, ...]:
    return tuple(st.session_state.get(_key(study_id), ()))


def choose(study_id: str, shown: Iterable[str], marked: Iterable[str]) -> None:
    """Of the items ``shown``, exactly those ``marked`` are chosen; what is chosen elsewhere stays."""
    on_page, wanted = set(shown), list(marked)
    kept = [item for item in chosen(study_id) if item not in on_page or item in wanted]
    st.session_state[_key(study_id)] = (kept + [item for item in wanted if item not in kept])[:LIMIT]


def toggle(study_id: str, item_id: str) -> None:
    """For callbacks."""
    choose(study_id, (item_id,), () if item_id in chosen(study_id) else (item_id,))


def clear(study_id: str) -> None:
    st.session_state.pop(_key(study_id), None)
