"""Files of our own that a page may load: scripts come from this server or not at all."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

_SCRIPTS = {"/survey-autosave.js": "survey_autosave.js", "/desk-typing.js": "desk_typing.js"}


async def _script(request: Request) -> FileResponse:
    return FileResponse(Path(__file__).resolve().parent / _SCRIPTS[request.url.path], media_type="text/javascript")


def load_script(name: str) -> None:
    """Have the page run one of our own scripts. The only place that lets a script in: nothing but the name of a file
    of ours goes into the markup."""
    if f"/{name}" not in _SCRIPTS:
        raise KeyError(f"{name!r} is none of our scripts: {', '.join(_SCRIPTS)}")
    st.html(f'<script src="{name}"></script>', unsafe_allow_javascript=True)


ROUTES = [Route(path, _script) for path in _SCRIPTS]
