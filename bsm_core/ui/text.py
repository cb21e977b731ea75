"""Untrusted text escaped for where it goes.

Rows, model answers and names are hostile until shown otherwise (DESIGN part 6). Use ``plain`` wherever Streamlit reads
markdown (labels, captions, error boxes), ``html`` inside ``st.html``, and ``visible`` or ``one_line`` for ``st.text``,
``st.code`` and ``st.dataframe``.
"""

from __future__ import annotations

import html as html_module
import re

from bsm_core.legible import DISPLAY_LIMIT, cut, one_line, runs, visible

__all__ = ["DISPLAY_LIMIT", "cut", "html", "one_line", "plain", "visible"]

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&^=/@\"'])")


def plain(text: str, limit: int = 2_000) -> str:
    """For places where Streamlit reads markdown: the text as it stands, with nothing of it taken as markup."""
    escaped = _MARKDOWN.sub(r"\\\1", visible(text, limit))
    return escaped.replace("\n", "  \n")


def html(text: str) -> str:
    """Escaped for ``st.html``, invisible characters as labelled tokens. Does not cut."""
    return "".join(
        f'<span class="bsm-hidden" title="invisible character">{piece}</span>' if hidden else html_module.escape(piece)
        for hidden, piece in runs(text)
    )
