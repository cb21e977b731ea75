"""The frame around every page: title, one explaining sentence, the study picker, and the error edge."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.errors import WorkbenchError
from bsm_core.ui import navigation, resources, session
from bsm_core.ui.components import states
from bsm_core.ui.server import Server
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

UNEXPECTED = (
    "Something went wrong that the workbench did not foresee. Nothing stored was changed by showing this page. "
    "Reload it; if it comes back, the server's log has the details."
)


def show_page(
    name: str,
    sentence: str,
    draw: Callable[[Workbench, Study], None],
    *,
    before_study: Callable[[], None] | None = None,
) -> None:
    """Draw a page that needs a study. Without one it says where to get it, after ``before_study``."""
    with _frame(name, sentence) as server:
        workbench = _opened(server)
        if workbench is None:
            return
        study = session.current_study(workbench)
        if study is None:
            if before_study is not None:
                before_study()
            states.no_study(server)
        else:
            draw(workbench, study)


def show_page_without_study(name: str, sentence: str, draw: Callable[[Workbench, Study | None], None]) -> None:
    """Draw a page that also makes sense in an empty workspace (Data, Jobs, Settings)."""
    with _frame(name, sentence) as server:
        workbench = _opened(server)
        if workbench is not None:
            draw(workbench, session.current_study(workbench))


_STYLE = """<style>
.stMainBlockContainer { padding: 2.4rem 3rem 3rem; max-width: 100rem; }
.stMainBlockContainer h1 { padding-bottom: .1rem; }
</style>"""
"""Streamlit leaves six lines free above the title."""


@contextmanager
def _frame(name: str, sentence: str) -> Iterator[Server]:
    st.html(_STYLE)
    st.title(navigation.entry(name).title, anchor=False)
    st.markdown(sentence)
    with edge():
        server = resources.server()
        show_flashes()
        for what, problem in (("Background work", server.tick_problem), ("Making the demo study", server.demo_problem)):
            if problem and server.workbench is not None:
                st.warning(f"{what} reports: {plain(problem)}", icon=":material/warning:")
        yield server


def _opened(server: Server) -> Workbench | None:
    """The workbench; or the reason why there is none, with a way to try again."""
    if server.workbench is None:
        st.error(plain(server.problem or "The workspace is not open."), icon=":material/lock:")
        st.button("Try again", icon=":material/refresh:", on_click=server.open, type="primary")
    return server.workbench


@contextmanager
def edge() -> Iterator[None]:
    """Show a WorkbenchError as it stands. The only place, with ``attempt``, that catches them in the browser."""
    try:
        yield
    except WorkbenchError as error:
        log.info("shown to the user: %s", error)
        st.error(plain(str(error)), icon=":material/error:")


def guarded(draw: Callable[P, R]) -> Callable[P, R | None]:
    """The error edge for fragments, which rerun outside the page's frame. Put it under ``@st.fragment``."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R | None:
        with edge():
            show_flashes()
            return draw(*args, **kwargs)
        return None

    return drawn


def attempt(action: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
    """Run a verb of the workbench in a callback; a WorkbenchError becomes a message at the next drawing."""
    try:
        return action(*args, **kwargs)
    except WorkbenchError as error:
        log.info("shown to the user: %s", error)
        session.flash(str(error), "error")
        return None


def show_flashes() -> None:
    """Messages left by callbacks."""
    boxes = {"success": st.success, "info": st.info, "warning": st.warning, "error": st.error}
    for flash in session.take_flashes():
        boxes[flash.kind](plain(flash.text))


def on_script_error(error: Exception) -> bool:
    """The last edge, for ``st.App``: no traceback ever reaches the browser."""
    if isinstance(error, WorkbenchError):
        st.error(plain(str(error)), icon=":material/error:")
    else:
        log.error("a page failed", exc_info=error)
        st.error(UNEXPECTED, icon=":material/error:")
    return True


def study_picker() -> None:
    """In the sidebar: which study the pages are about."""
    server = resources.server()
    if server.workbench is None:
        return
    studies = {study.study_id: study.name for study in server.workbench.store.studies.all()}
    if not studies:
        return
    current = session.current_study(server.workbench)
    # The widget follows the URL, never the other way round, but for a choice made in it.
    st.session_state["study_picker"] = current.study_id if current else None
    st.selectbox(
        "Study",
        list(studies),
        format_func=lambda study_id: one_line(studies.get(study_id, "?"), 60),
        key="study_picker",
        on_change=lambda: session.open_study(st.session_state["study_picker"]),
        help="One task, its data, its classifier, and everything learned about it. Make another on the Data page.",
    )
