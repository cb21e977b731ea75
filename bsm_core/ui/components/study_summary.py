"""A study's facts: what it is made of, how its splits look, what was dropped on the way."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Split
from bsm_core.ui import words
from bsm_core.ui.text import html, one_line, plain
from bsm_core.workbench import Workbench

STYLE = """<style>
.bsm-split { display: grid; grid-template-columns: minmax(4em, max-content) 1fr 3.4em; gap: .3em .6em;
  align-items: center; font-size: .88rem; }
.bsm-split .track { height: .55em; border-radius: .3em; background: light-dark(#e9ecf0, #2a2f38); overflow: hidden; }
.bsm-split .fill { height: 100%; background: #3d84c6; }
.bsm-split .number { text-align: right; font-variant-numeric: tabular-nums; }
</style>"""


def study_line(study: Study) -> None:
    """One quiet line: study, task, preset, seed, tau."""
    config = study.config
    st.caption(
        f"{plain(study.name, 80)} · {plain(study.task.title, 60)} · preset {plain(str(config['preset']), 40)} · "
        f"seed {config['seed']} · tau {study.tau:g}"
    )


def show_splits(workbench: Workbench, study: Study) -> None:
    """A card a split: its size, its labels, what it is for; and the rows that were dropped."""
    counts = workbench.store.examples.counts(study.study_id)
    st.html(STYLE)
    for column, split in zip(st.columns(len(Split)), Split, strict=True):
        of = [(label, number) for found, label, number in counts if found is split]
        with column, st.container(border=True, height="stretch"):
            st.metric(split.value.capitalize(), words.count(sum(n for _, n in of), "text"), help=words.SPLITS[split])
            st.html(_labels(of, study.task.label_names))
    dropped = study.dropped.get
    told = (
        words.count(dropped("duplicate", 0), "duplicate"),
        words.count(dropped("empty", 0), "empty text"),
        words.count(dropped("conflicting", 0), "text with two labels", "texts with two labels"),
    )
    st.caption(f"Dropped at import: {' · '.join(told)}. No text is in two splits. Data hash {study.data_hash[:12]}.")


def _labels(counts: Sequence[tuple[int, int]], label_names: Sequence[str]) -> str:
    total = sum(number for _, number in counts) or 1
    rows = "".join(
        f"<div>{html(one_line(label_names[label], 24))}</div>"
        f'<div class="track"><div class="fill" style="width:{100 * number / total:.1f}%"></div></div>'
        f'<div class="number">{number:,}</div>'
        for label, number in counts
    )
    return f'<div class="bsm-split">{rows}</div>'
