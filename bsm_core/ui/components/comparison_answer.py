"""Did it help? The answer in words, before any figure."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.arms import Arm
from bsm_core.domain.comparison import PRIMARY
from bsm_core.metrics.verdicts import answer, verdict
from bsm_core.ui import words
from bsm_core.workflow.compare import Comparison, ScalingControl

FRESH = "unknown unknowns after a fresh attack"
RULE = (
    "One comparison decides: unknown unknowns after a fresh attack, at the study's tau, against the original model. "
    "The same texts are paired (McNemar's exact test; over several seeds a sign-flip test), the p values are adjusted "
    "for the number of arms (Holm), and the 95% interval must leave out zero. All else on this page is exploration."
)


def show_answer(found: Comparison, tau: float, study_tau: float) -> None:
    """The headline against ORIGINAL, and in one sentence against RELABEL."""
    told = answer(found.primary, words.ARMS.__getitem__, FRESH, "the original model")
    st.markdown(f"#### Did it help? {told.short}.", help=RULE)
    said = [told.long]
    relabel = found.against(Arm.RELABEL, PRIMARY)
    if relabel:
        beyond = answer(relabel, words.ARMS.__getitem__, FRESH, "relabelling")
        said.append(f"**Against relabelling:** {beyond.long}")
    if abs(tau - study_tau) > 1e-9:
        said.append(f"This is tau {tau:g}; the study's is {study_tau:g}, and only that one decides.")
    st.markdown("  \n".join(said))


def show_verdicts(found: Comparison, control: ScalingControl | None) -> None:
    """What may be said about each arm, in whole sentences, and what mere scaling would have done."""
    said = [f"- **{words.ARMS[effect.arm]}**: {verdict(effect, FRESH)}" for effect in found.primary]
    if control:
        said.append(
            f"- **No training at all**: dividing the original model's logits by {control.temperature:.2f} alone would "
            f"leave {control.fresh:,} of its {control.fresh_before:,} {FRESH}, with every answer the same."
        )
    st.markdown(
        "\n".join(said),
        help="Against the original model. Where an arm has several seeds, its figures are means over them. The last "
        "line is a control, explained under Calibration: an arm that removes no more may only have become less sure.",
    )
