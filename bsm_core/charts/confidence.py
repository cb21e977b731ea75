"""Wrong predictions by confidence: where the blind spots lie, and what tau counts."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from bsm_core.charts import theme
from bsm_core.ports import ConfidenceBin

_FADED = 0.35


def confidence_bins(
    bins: Sequence[ConfidenceBin], tau: float, chosen: tuple[float, float] | None = None, height: int = 210
) -> go.Figure:
    """Stacked bars of natural and perturbed wrong predictions; a line at tau, bars below it faded.

    ``chosen`` is the range of confidence that is filtered for: bars outside it are faded as well. Drag a box over
    the bars to choose a range.
    """
    low, high = chosen or (tau, 1.0)
    figure = theme.figure(height, barmode="stack", bargap=0.08, dragmode="select", selectdirection="h")
    strength = [1.0 if item.high > low and item.low < high and item.high > tau else _FADED for item in bins]
    centers = [(item.low + item.high) / 2 for item in bins]
    widths = [item.high - item.low for item in bins]
    ranges = [f"{item.low:.3g} to {item.high:.3g}" for item in bins]
    kinds = (
        ("Natural", [item.natural for item in bins], theme.NATURAL, ""),
        ("Perturbed", [item.adversarial for item in bins], theme.ADVERSARIAL, "/"),
    )
    for name, counts, color, shape in kinds:
        figure.add_bar(
            x=centers,
            y=counts,
            width=widths,
            name=name,
            customdata=ranges,
            hovertemplate=f"%{{y:,}} {name.lower()}, confidence %{{customdata}}<extra></extra>",
            marker={"color": color, "opacity": strength, "line": {"width": 0}, "pattern": theme.pattern(shape)},
            # Streamlit fades what a box leaves out; the filter's own fading says it already.
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": _FADED}},
        )
    start = min((item.low for item in bins), default=0.5)
    figure.add_vline(
        x=tau,
        line={"color": theme.NEUTRAL, "width": 2, "dash": "dash"},
        annotation={"text": f"tau {tau:g}", "font": {"color": theme.NEUTRAL}, "yanchor": "bottom"},
        annotation_position="top",
    )
    # The legend keeps out of the way of tau's name.
    side = {"x": 0, "xanchor": "left"} if tau > (start + 1) / 2 else {"x": 1, "xanchor": "right"}
    figure.update_layout(legend={**side, "traceorder": "normal"})
    figure.update_xaxes(range=[start, 1.0], title="Confidence of the wrong answer", fixedrange=True)
    figure.update_yaxes(title="Texts", fixedrange=True, rangemode="tozero")
    return figure


def box_range(box: Sequence[float], tau: float, step: float = 0.005) -> tuple[float, float]:
    """A dragged box's two ends as a range of confidence: in order, rounded, within [tau, 1]."""
    low, high = sorted((float(box[0]), float(box[-1])))
    low, high = (round(round(value / step) * step, 4) for value in (low, high))
    low = min(max(low, tau), 1.0)
    return low, min(max(high, low), 1.0)
