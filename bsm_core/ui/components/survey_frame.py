"""What every page of a participant has around it, and the pages without a question on them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from bsm_core.domain.survey import Survey
from bsm_core.errors import WorkbenchError
from bsm_core.ui import session
from bsm_core.ui.text import plain
from bsm_core.workflow.survey_texts import paragraphs

log = logging.getLogger(__name__)

_STYLE = """<style>
.stMainBlockContainer { padding: 2.2rem 1.1rem 4rem; max-width: 46rem; }
.stMainBlockContainer h1 { padding-bottom: .1rem; font-size: 1.7rem; }
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"], [data-testid="stSidebarCollapsedControl"]
  { display: none; }
[data-testid="InputInstructions"] { display: none; } /* "Press Ctrl+Enter to apply": it is done for the writer */
</style>"""

UNAVAILABLE = "These pages are not available right now. What you have written so far is kept; please come back later."
CLOSED = (
    "This link is not open. It may be mistyped, replaced by a newer one, or used up because everything is answered. "
    "Whatever was handed in is kept. If you think that it should be open, ask whoever sent it to you."
)
SAVING_FAILED = "This could not be saved: the link has been closed. What was saved before is kept."


@contextmanager
def frame() -> Iterator[None]:
    """A WorkbenchError tells a participant nothing but that it does not work now; the log has it."""
    st.html(_STYLE)
    try:
        for flash in session.take_flashes():
            (st.error if flash.kind == "error" else st.info)(plain(flash.text))
        yield
    except WorkbenchError as error:
        log.warning("a participant saw an error: %s", error)
        show_unavailable()


def show_unavailable() -> None:
    st.title("Not available", anchor=False)
    st.markdown(UNAVAILABLE)


def show_closed() -> None:
    """The same for a wrong, a replaced, a revoked and a used-up link, so that it tells nothing."""
    st.title("This link is not open", anchor=False)
    st.markdown(CLOSED)


def show_declined(survey: Survey) -> None:
    st.title("Thank you", anchor=False)
    show_prose(survey.texts.declined)


def show_done(survey: Survey, code: str) -> None:
    st.title("All done", anchor=False)
    show_prose(survey.texts.thanks)
    st.markdown("Your completion code:")
    st.code(code, language=None)
    st.caption("Note it down now if you were told that you need one: this page does not come back.")


def show_prose(text: str | Sequence[str]) -> None:
    """A text of the survey's files, paragraph by paragraph; nothing in it is markup."""
    for part in paragraphs(text) if isinstance(text, str) else text:
        st.markdown(plain(part))
