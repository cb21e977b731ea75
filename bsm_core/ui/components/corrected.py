"""The count of perturbed UUs as the judged sample corrects it, wherever the raw count is shown."""

from __future__ import annotations

import streamlit as st

from bsm_core.metrics.judging import CorrectedCount
from bsm_core.workbench import Workbench

CORRECTED = (
    "The raw count less the share that was judged to have lost its label, with the exact 95% interval of a sample "
    "drawn at random without replacement. Texts judged unsure stay in the count."
)


def corrected_words(count: CorrectedCount) -> str:
    """``≈ 87 (80 to 93)``; only the possible range while nobody has judged."""
    if count.estimate is None:
        return f"{count.low:,} to {count.high:,}"
    return f"≈ {count.estimate:,.0f} ({count.low:,} to {count.high:,})"


def show_corrected(workbench: Workbench, study_id: str, model_id: str, tau: float) -> None:
    """Of all the model's perturbed UUs on validation. Nothing is drawn before one of the sample is judged."""
    count = workbench.judging.corrected(study_id, model_id, tau)
    if count.estimate is None:
        return
    st.badge(
        f"perturbed, corrected: {corrected_words(count)} of {count.raw:,}",
        icon=":material/gavel:",
        color="gray",
        help=f"{CORRECTED} {count.judged:,} judged, {count.invalid:,} of them invalid; filters do not act on it.",
    )
