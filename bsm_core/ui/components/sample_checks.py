"""The gates (3.3) in words: what each one asks, what it found, and whether the sample passed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.synthesis import Check, CheckName
from bsm_core.ui.text import html, one_line

TITLES = {
    CheckName.LENGTH: "Long enough",
    CheckName.REPETITION: "Not a repeat",
    CheckName.NONSENSE: "Not nonsense",
    CheckName.SIMILARITY: "On topic",
}
MEANINGS = {
    CheckName.LENGTH: "At least so many characters.",
    CheckName.REPETITION: "Shares few of its three-word runs with an earlier sample or a training text.",
    CheckName.NONSENSE: "Reads as language, not as noise or a word repeated over and over.",
    CheckName.SIMILARITY: "As similar (BERTScore) to a training text as training texts are to one another.",
}
_STYLE = """<style>
.bsm-checks { display: grid; grid-template-columns: 1.3em max-content 1fr; gap: .1em .8em;
  align-items: baseline; font-size: .9rem; max-width: 46rem; }
.bsm-checks .ok { color: light-dark(#1d6b51, #5cc7a0); font-weight: 700; }
.bsm-checks .no { color: light-dark(#a8480a, #f3a15b); font-weight: 700; }
.bsm-checks .value { font-variant-numeric: tabular-nums; }
.bsm-checks .why { grid-column: 2 / -1; opacity: .75; font-size: .85rem; overflow-wrap: anywhere; margin-bottom: .3em; }
</style>"""


def show_checks(checks: Sequence[Check]) -> None:
    """One line a gate; nothing when the sample has not been checked."""
    if checks:
        st.html(_STYLE + checks_html(checks))


def checks_html(checks: Sequence[Check]) -> str:
    """The markup of ``show_checks``; reasons are escaped."""
    return f'<div class="bsm-checks">{"".join(_row(check) for check in checks)}</div>'


def failed_gates(checks: Sequence[Check]) -> str:
    """``✓`` when all passed, the failed ones by name, a dash when there are no checks. For grids."""
    if not checks:
        return "–"
    failed = [check.name.value for check in checks if not check.passed]
    return "✗ " + ", ".join(failed) if failed else "✓"


def _row(check: Check) -> str:
    sign = '<span class="ok">✓</span>' if check.passed else '<span class="no">✗</span>'
    title = f'<span title="{html(MEANINGS[check.name])}">{html(TITLES[check.name])}</span>'
    reason = f'<span class="why">{html(one_line(check.reason, 300))}</span>' if check.reason else ""
    return f'{sign}{title}<span class="value">{_value(check)}</span>{reason}'


def _value(check: Check) -> str:
    if check.value is None or not math.isfinite(check.value):
        return ""
    unit = " characters" if check.name is CheckName.LENGTH else ""
    told = f"{_number(check.name, check.value)}{unit}"
    if check.threshold is None:
        return told
    # A gate may have a floor or a ceiling (a text can be too short or too long): the verdict tells which.
    at_least = (check.value >= check.threshold) == check.passed and check.name is not CheckName.REPETITION
    return f"{told} ({'at least' if at_least else 'at most'} {_number(check.name, check.threshold)})"


def _number(name: CheckName, value: float) -> str:
    if name is CheckName.LENGTH:
        return f"{value:,.0f}"
    return f"{value:.0%}" if name is CheckName.REPETITION else f"{value:.2f}"
