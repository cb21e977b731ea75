"""The states a page can be in besides full: empty, working, failed."""

from __future__ import annotations

import streamlit as st

from bsm_core.ui import session
from bsm_core.ui.server import Server
from bsm_core.ui.text import plain


def empty(title: str, text: str, *, page: str | None = None, label: str = "", icon: str = ":material/inbox:") -> None:
    """Nothing here yet: why, and where to go. ``title``, ``text`` and ``label`` are our own words."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f"#### {icon} {title}")
        st.markdown(text)
        if page is not None:
            session.link(page, label or "Go there")


def failed(text: str) -> None:
    """Something went wrong; ``text`` is shown as it stands, with nothing of it taken as markup."""
    st.error(plain(text), icon=":material/error:")


def note(text: str) -> None:
    """A quiet remark under a figure. Our own words."""
    st.caption(text)


def no_study(server: Server) -> None:
    """An empty workspace, or one whose demo study is being made right now."""
    if server.preparing:
        _wait_for_demo(server)
    else:
        empty(
            "No study yet",
            "A study is one classification task with its data and its classifier. Make one on the Data page.",
            page="data",
            label="Make a study",
        )


@st.fragment(run_every=1)
def _wait_for_demo(server: Server) -> None:
    if not server.preparing:
        st.rerun()
    st.info("The demo study is being made: reading and splitting the movie reviews …", icon="spinner")
