"""A model's answer as bars: one a label, the right label and the model's choice marked in words and signs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.ui.text import html, one_line

STYLE = """<style>
.bsm-bars { display: grid; grid-template-columns: minmax(5em, max-content) minmax(4em, 1fr) 3.6em 12.5em;
  gap: .35em .7em; align-items: center; font-size: .92rem; max-width: 46rem; margin: .1em 0 .6em; }
.bsm-bars .track { height: .8em; border-radius: .4em; background: light-dark(#e9ecf0, #2a2f38); overflow: hidden; }
.bsm-bars .fill { height: 100%; border-radius: .4em; }
.bsm-bars .right { background: #2a8a6b; }
.bsm-bars .wrong { background: repeating-linear-gradient(45deg, #d9700f 0 6px, #b95a06 6px 9px); }
.bsm-bars .other { background: light-dark(#a9b1bd, #626b78); }
.bsm-bars .number { text-align: right; font-variant-numeric: tabular-nums; }
.bsm-bars .mark { font-size: .82rem; opacity: .85; }
.bsm-bars-title { font-size: .82rem; font-weight: 600; opacity: .75; margin-top: .3em; }
</style>"""


def show_probabilities(
    title: str, probabilities: Sequence[float], label_names: Sequence[str], right: int | None = None
) -> None:
    """Bars of one answer. ``probabilities[i]`` belongs to ``label_names[i]``; ``right`` is the true label, if known.

    ``title`` is our own words. Striped = the model's choice and wrong; marks say the same in words.
    """
    st.html(STYLE + bars_html(title, probabilities, label_names, right))


def bars_html(title: str, probabilities: Sequence[float], label_names: Sequence[str], right: int | None) -> str:
    """The markup of ``show_probabilities``; label names are escaped."""
    predicted = max(range(len(probabilities)), key=probabilities.__getitem__)
    rows = "".join(_row(label_names[i], p, i == predicted, right, i) for i, p in enumerate(probabilities))
    return f'<div class="bsm-bars-title">{html(title)}</div><div class="bsm-bars">{rows}</div>'


def _row(name: str, probability: float, predicted: bool, right: int | None, label: int) -> str:
    is_right = right == label
    kind = "right" if is_right else "wrong" if predicted and right is not None else "other"
    marks = [word for word, holds in (("✓ right label", is_right), ("◀ model says", predicted)) if holds]
    width = max(0.0, min(100.0, 100 * probability))
    return (
        f"<div>{html(one_line(name, 40))}</div>"
        f'<div class="track"><div class="fill {kind}" style="width:{width:.1f}%"></div></div>'
        f'<div class="number">{probability:.1%}</div><div class="mark">{" · ".join(marks)}</div>'
    )
