"""The gates (3.3) in words: what each one asks, what it found, and whether the sample passed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.synthesis import Check, CheckName
from bsm_core.ui.components.judge_name import judge_title
from bsm_core.ui.text import html, one_line

TITLES = {
    CheckName.LENGTH: "Long enough",
    CheckName.NONSENSE: "Not nonsense",
    CheckName.REPETITION: "Not a repeat",
    CheckName.LEAKAGE: "Not a leak",
    CheckName.FORMAT: "In form",
    CheckName.SIMILARITY: "On topic",
    CheckName.LABEL: "Label, asked blind",
    CheckName.FIT: "Near its hypothesis",
}
MEANINGS = {
    CheckName.LENGTH: "At least so many characters.",
    CheckName.NONSENSE: "Reads as language: letters, words and word order like the training texts', and no loops.",
    CheckName.REPETITION: "Shares few of its three-word runs with another sample or a training text.",
    CheckName.LEAKAGE: "Is no copy of a validation or test text, even with typing errors. Those texts stay sealed.",
    CheckName.FORMAT: "Has the texts that the task wants: both sides of a pair, not empty, and different.",
    CheckName.SIMILARITY: "As similar (BERTScore) to a training text as training texts are to one another.",
    CheckName.LABEL: "A language model that was not told the label gives the same one. A warning: it rejects nothing.",
    CheckName.FIT: "Nearer to the texts behind its hypothesis than most training texts; an extrapolation need not be.",
}
_SHARES = {CheckName.REPETITION, CheckName.LEAKAGE, CheckName.FIT}
_CEILINGS = {CheckName.REPETITION, CheckName.LEAKAGE}
_STYLE = """<style>
.bsm-checks { display: grid; grid-template-columns: 1.3em max-content 1fr; gap: .1em .8em;
  align-items: baseline; font-size: .9rem; max-width: 46rem; }
.bsm-checks .ok { color: light-dark(#1d6b51, #5cc7a0); font-weight: 700; }
.bsm-checks .no { color: light-dark(#a8480a, #f3a15b); font-weight: 700; }
.bsm-checks .info { color: light-dark(#4d5663, #aab2bf); font-weight: 700; }
.bsm-checks .value { font-variant-numeric: tabular-nums; }
.bsm-checks .why { grid-column: 2 / -1; opacity: .75; font-size: .85rem; overflow-wrap: anywhere; margin-bottom: .3em; }
.bsm-checks .word { grid-column: 2 / -1; font-size: .85rem; overflow-wrap: anywhere; margin-bottom: .3em;
  border-left: 3px solid light-dark(#2f6fad, #6aa9e0); padding-left: .6em; }
</style>"""


def show_checks(checks: Sequence[Check]) -> None:
    """One line a gate; nothing when the sample has not been checked."""
    if checks:
        st.html(_STYLE + checks_html(checks))


def checks_html(checks: Sequence[Check]) -> str:
    """The markup of ``show_checks``; reasons are escaped."""
    return f'<div class="bsm-checks">{"".join(_row(check) for check in checks)}</div>'


def failed_gates(checks: Sequence[Check]) -> str:
    """``✓`` when all passed, the failed ones by name, ``⚠`` for a disputed label, a dash when there are no checks. For
    grids."""
    if not checks:
        return "–"
    failed = [check.name.value for check in checks if not check.stands and not check.advisory]
    disputed = any(check.name is CheckName.LABEL and not check.stands for check in checks)
    told = "✗ " + ", ".join(failed) if failed else "✓"
    return f"{told} ⚠ label" if disputed else told


def verdict(check: Check) -> str:
    """The gate's own, in a word, whatever a human said since."""
    if check.advisory:
        return "noted" if check.passed else "warning"
    return "passed" if check.passed else "failed"


def measured(check: Check) -> str:
    """``41 characters (at least 40)``; empty where the gate's answer is yes or no."""
    if check.value is None or not math.isfinite(check.value) or check.name is CheckName.LABEL:
        return ""
    unit = " characters" if check.name is CheckName.LENGTH else ""
    told = f"{_number(check.name, check.value)}{unit}"
    if check.threshold is None:
        return told
    # A gate may have a floor or a ceiling (a text can be too short or too long): the verdict tells which.
    at_least = (check.value >= check.threshold) == check.passed and check.name not in _CEILINGS
    return f"{told} ({'at least' if at_least else 'at most'} {_number(check.name, check.threshold)})"


def _row(check: Check) -> str:
    title = f'<span title="{html(MEANINGS[check.name])}">{html(TITLES[check.name])}</span>'
    reason = f'<span class="why">{html(one_line(check.reason, 300))}</span>' if check.reason else ""
    return f'{_sign(check)}{title}<span class="value">{measured(check)}</span>{reason}{_overruled(check)}'


def _sign(check: Check) -> str:
    if check.advisory:
        kind, sign = ("info", "i") if check.stands else ("no", "⚠")
    else:
        kind, sign = ("ok", "✓") if check.stands else ("no", "✗")
    return f'<span class="{kind}">{sign}</span>'


def _overruled(check: Check) -> str:
    word = check.overrule
    if word is None or not check.is_overruled:
        return ""
    by = f"Overruled by {judge_title(word.reviewer)}, {word.created_at:%d %b %H:%M}"
    told = one_line(f"{by}: {word.reason} (The gate said: {verdict(check)}.)", 400)
    return f'<span class="word">{html(told)}</span>'


def _number(name: CheckName, value: float) -> str:
    if name is CheckName.LENGTH:
        return f"{value:,.0f}"
    if name in _SHARES:
        return f"{value:.0%}"
    return f"{value:.3f}" if name is CheckName.SIMILARITY else f"{value:.2f}"
