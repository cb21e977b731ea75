"""Page turning over a counted list."""

from __future__ import annotations

import math

import streamlit as st

PAGE_SIZE = 25


def paginate(total: int, key: str, *, size: int = PAGE_SIZE, noun: str = "rows") -> int:
    """Draw "26-50 of 1,204 rows" with page buttons; return the offset of the current page's first row.

    The page is kept under ``st.session_state[key]``; a list that shrank moves it back to its last page.
    """
    pages = max(1, math.ceil(total / size))
    if st.session_state.get(key, 1) > pages:
        st.session_state[key] = pages
    offset = (st.session_state.get(key, 1) - 1) * size
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        first = offset + 1 if total else 0
        st.caption(f"{first:,}–{min(offset + size, total):,} of {total:,} {noun}", width="content")
        if pages > 1:
            st.pagination(pages, key=key)
    return int(offset)


def first_page(key: str) -> None:
    """Back to the first page, for callbacks of filters."""
    st.session_state[key] = 1
