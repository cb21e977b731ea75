"""Original and perturbed text as one readable diff. Untrusted text: everything is escaped, colour is never alone."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.tasks import Text
from bsm_core.ui.text import DISPLAY_LIMIT, cut, html
from bsm_core.workflow.diffing import Fold, Piece, Span, diff, fold

# light-dark() follows the app's theme. Struck and minus = original; underlined and plus = perturbed.
STYLE = """<style>
.bsm-text { font-size: 1.02rem; line-height: 1.75; overflow-wrap: anywhere; white-space: pre-wrap; max-width: 46rem;
  unicode-bidi: isolate; max-height: 28rem; overflow-y: auto; }
.bsm-text del, .bsm-text ins { padding: .08em .3em; border-radius: .3em; -webkit-box-decoration-break: clone;
  box-decoration-break: clone; }
.bsm-text del { color: light-dark(#7a3b00, #ffcf9e); background: light-dark(#fdebd8, #3d2a16);
  text-decoration: line-through; text-decoration-thickness: 1px; }
.bsm-text ins { color: light-dark(#00407a, #b9dcff); background: light-dark(#dcecfb, #14304d);
  text-decoration: underline; text-underline-offset: .18em; }
.bsm-text del b { background: light-dark(#f6c48d, #7d4a11); border-radius: .15em; }
.bsm-text ins b { background: light-dark(#a5d0f7, #1f5f9c); border-radius: .15em; }
.bsm-text del::before { content: "−\\00a0"; font-weight: 600; opacity: .75; }
.bsm-text ins::before { content: "+\\00a0"; font-weight: 600; opacity: .75; }
.bsm-text details { display: inline; }
.bsm-text summary { display: inline; cursor: pointer; list-style: none; padding: .08em .5em; border-radius: 1em;
  font-size: .85em; color: light-dark(#555b66, #b4bac4); background: light-dark(#eef0f3, #2a2f38); }
.bsm-text summary::-webkit-details-marker { display: none; }
.bsm-text summary:focus-visible { outline: 2px solid light-dark(#0b63b5, #7db9f5); }
.bsm-text details[open] summary { margin-right: .4em; }
.bsm-hidden { font-family: monospace; font-size: .8em; padding: 0 .2em; border: 1px dashed currentColor;
  border-radius: .2em; }
.bsm-field { font-size: .8rem; opacity: .7; margin: .6em 0 .1em; }
.bsm-note { font-size: .85rem; opacity: .75; }
</style>"""


def show_diff(original: Text, perturbed: Text | None, field_names: tuple[str, ...] = ("text",)) -> None:
    """Both versions in one running text; or the original alone when there is no perturbation.

    ``original`` and ``perturbed`` have one string a field. Long unchanged stretches fold; texts beyond the display
    limit are cut with a note.
    """
    st.html(STYLE + diff_html(original, perturbed, field_names))


def show_text(text: Text, field_names: tuple[str, ...] = ("text",)) -> None:
    """One untrusted text, for reading: its whole length up to the display limit."""
    st.html(STYLE + diff_html(text, None, field_names))


def diff_html(original: Text, perturbed: Text | None, field_names: tuple[str, ...]) -> str:
    """The markup of ``show_diff``; every character of the texts in it is escaped."""
    parts = []
    for place, before in enumerate(original):
        if len(original) > 1:
            parts.append(f'<div class="bsm-field">{html(field_names[place])}</div>')
        parts.append(_field_html(before, perturbed[place] if perturbed is not None else None))
    return "".join(parts)


def _field_html(before: str, after: str | None) -> str:
    shown, missing = cut(before)
    if after is None:
        body = html(shown)
    else:
        other, missing_after = cut(after)
        missing = max(missing, missing_after)
        body = "".join(_span_html(span) for span in diff(shown, other))
    text = f'<div class="bsm-text" dir="auto">{body}</div>'
    if missing:
        note = f"Only the first {DISPLAY_LIMIT:,} characters are shown; {missing:,} more are left out."
        text += f'<div class="bsm-note">{note}</div>'
    return text


def _span_html(span: Span) -> str:
    if span.changed:
        return _side("del", span.before, span.before_pieces) + _side("ins", span.after, span.after_pieces)
    folded = fold(span)
    if isinstance(folded, Fold):
        summary = f"… {folded.words} unchanged words …"
        middle = f"<details><summary>{summary}</summary>{html(folded.middle)}</details>"
        return f"{html(folded.head)}{middle} {html(folded.tail)}"
    return html(folded.before)


def _side(tag: str, text: str, pieces: tuple[Piece, ...]) -> str:
    words = text.rstrip()
    if not words:
        return ""
    inner = "".join(f"<b>{html(p.text)}</b>" if p.changed else html(p.text) for p in pieces) or html(words)
    spoken = "original: " if tag == "del" else "perturbed: "
    return f'<{tag} title="{spoken}{_count(words)}">{inner}</{tag}> '


def _count(text: str) -> str:
    number = len(text.split())
    return f"{number} word" + ("" if number == 1 else "s")
