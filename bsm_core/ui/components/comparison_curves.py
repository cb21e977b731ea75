"""UU counts over every tau, and how sure each model has a right to be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.arm_lines import reliability_lines, tau_lines
from bsm_core.domain.arms import EvaluationResult
from bsm_core.domain.comparison import PRIMARY, Endpoint
from bsm_core.domain.tasks import Split
from bsm_core.metrics.tau_curve import PERCENTS
from bsm_core.ports import Store
from bsm_core.ui import words
from bsm_core.ui.components.comparison_table import STYLE, model_names
from bsm_core.ui.text import html
from bsm_core.workflow.compare import (
    Calibration,
    Comparison,
    ScalingControl,
    calibration_of,
    tau_curves,
)

_ENDPOINTS = {Endpoint.FRESH: "Fresh attack", Endpoint.FROZEN: "Frozen set", Endpoint.NATURAL: "Natural"}
_HEAD = (
    ("Model", ""),
    ("Accuracy", "higher is better"),
    ("ECE", "0 is best"),
    ("Brier score", "0 is best, 2 worst"),
    ("Log-likelihood", "negative, in nats: 0 is best"),
)


def show_curves(store: Store, study_id: str, found: Comparison, tau: float) -> None:
    """One line an arm: the mean over its seeds."""
    endpoint = st.segmented_control(
        "Unknown unknowns",
        list(_ENDPOINTS),
        default=PRIMARY,
        key="curve-endpoint",
        format_func=lambda one: _ENDPOINTS[one],
    )
    curves = tau_curves(store, study_id, found, endpoint or PRIMARY)
    by_arm: dict[str, list[Sequence[int]]] = {}
    for result, curve in zip(found.results, curves, strict=True):
        by_arm.setdefault(words.ARMS[result.arm], []).append(curve.counts)
    arms = [
        (f"{name} (mean of {len(counts)} seeds)" if len(counts) > 1 else name, np.mean(counts, axis=0).tolist())
        for name, counts in by_arm.items()
    ]
    st.plotly_chart(
        tau_lines(PERCENTS, arms, tau),
        key="tau-lines",
        config=theme.CONFIG,
        alt="Unknown unknowns of each arm over tau from 0.5 to 0.99",
    )
    st.caption(
        "A count at one tau can flatter: an arm whose line lies lower everywhere has fewer confident mistakes; one "
        "that only crosses over has become less sure. Wrong answers by confidence, counted from 0.5 to 0.99."
    )


def show_calibration(store: Store, found: Comparison, control: ScalingControl | None) -> None:
    """All models on clean test texts, with ORIGINAL at another temperature as the control."""
    names = model_names(found.results)
    measured = [
        (name, calibration_of(store, one.evaluation.model_id)) for name, one in zip(names, found.results, strict=True)
    ]
    rows = [_row(name, told) for name, told in measured if told]
    if control:
        rows.append(_row(f"Original, temperature {control.temperature:.2f}", control.calibration))
    head = "".join(f"<th>{html(title)}<small>{html(sub)}</small></th>" for title, sub in _HEAD)
    st.html(
        STYLE
        + f'<div class="bsm-table"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )
    st.caption(
        "ECE: how far confidence is from the share that is right, on average, over ten bins. Brier score: squared "
        "distance of the probabilities to the truth. Negative log-likelihood punishes being sure and wrong most."
    )
    if control:
        _show_control(control, found.results)
    bins = [
        (name, store.predictions.reliability(one.evaluation.model_id, Split.TEST))
        for name, one in zip(names, found.results, strict=True)
    ]
    st.plotly_chart(
        reliability_lines(bins),
        key="reliability-lines",
        config=theme.CONFIG,
        alt="Share of right answers over confidence, one line a model",
    )


def _show_control(control: ScalingControl, results: Sequence[EvaluationResult]) -> None:
    st.markdown("##### What would mere modesty have done?")
    st.markdown(
        f"One number, fitted on the original model's validation answers, scales its confidence: temperature "
        f"**{control.temperature:.2f}**. Every answer stays the same, and so does the accuracy. On test that alone "
        f"takes natural UUs from **{control.natural_before:,}** to **{control.natural:,}**, and those of the fresh "
        f"attack from **{control.fresh_before:,}** to **{control.fresh:,}**. The arms, for comparison:"
    )
    told = [
        f"- {name}: {result.natural:,} natural, {result.fresh:,} fresh"
        for name, result in zip(model_names(results), results, strict=True)
        if result.evaluation.model_id != results[0].evaluation.model_id
    ]
    st.markdown("\n".join(told))
    st.caption(
        "A drop that scaling gives as well is no blind spot gone. The scaled model was not attacked anew: the same "
        "perturbed texts are counted at its lower confidence."
    )


def _row(name: str, told: Calibration) -> str:
    cells = (f"<b>{html(name)}</b>", f"{told.accuracy:.1%}", f"{told.ece:.3f}", f"{told.brier:.3f}", f"{told.nll:.3f}")
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
