"""When a browser belongs to a participant of a survey: then it is served one page, and no way to another."""

from __future__ import annotations

import os
import secrets
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from bsm_core.ui.navigation import PAGES_FOLDER

PATH = "contribute"
ONLY = "BSM_CONTRIBUTE_ONLY"
"""Environment variable: with ``1`` the whole server serves nothing else."""
KEY = "BSM_RESEARCHER_KEY"
"""Environment variable: who opens such a server with ``?key=`` and this value sees the whole app, for that visit."""
LEAST_KEY = 20
_MARK, _RESEARCHER = "_contributing", "_researcher"


def only() -> bool:
    return os.environ.get(ONLY, "") not in ("", "0")


def is_on() -> bool:
    """For this run of the script: by the server's mode, the address, or since a link was opened in this visit."""
    if (only() and not _is_researcher()) or "t" in st.query_params:
        st.session_state[_MARK] = True
    path = urlsplit(st.context.url or "").path.rstrip("/")
    return bool(st.session_state.get(_MARK)) or path.endswith(f"/{PATH}")


def _is_researcher() -> bool:
    """A key that is too short to be safe opens nothing."""
    key, said = os.environ.get(KEY, ""), st.query_params.get("key")
    if said is not None and len(key) >= LEAST_KEY and secrets.compare_digest(_bytes(said), _bytes(key)):
        st.session_state[_RESEARCHER] = True
        st.session_state.pop(_MARK, None)
        del st.query_params["key"]  # not to be sent on with an address
    return bool(st.session_state.get(_RESEARCHER))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def page() -> Any:
    return st.Page(PAGES_FOLDER / f"{PATH}.py", title="Questions", url_path=PATH, visibility="hidden")


def run() -> None:
    """Without navigation, sidebar, logo and study names. Any other address shows the page of a closed link."""
    from bsm_core.ui.components.survey_frame import frame, show_closed

    def closed() -> None:
        with frame():
            show_closed()

    other = st.Page(closed, title="Questions", url_path="closed", default=True, visibility="hidden")
    st.navigation([other, page()], position="hidden").run()
