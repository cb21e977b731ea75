"""Wrong predictions by confidence: where the blind spots lie, and what tau counts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

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
    return _drawn(tuple(bins), tau, chosen, height)


@lru_cache(maxsize=32)  # a turned page shows the same chart; nobody changes a figure that was drawn
def _drawn(bins: tuple[ConfidenceBin, ...], tau: float, chosen: tuple[float, float] | None, height: int) -> go.Figure:
    low, high = chosen or (tau, 1.0)
    strength = [1.0 if item.high > low and item.low < high and item.high > tau else _FADED for item in bins]
    start = min((item.low for item in bins), default=0.5)
    # The legend keeps out of the way of tau's name.
    side = {"x": 0, "xanchor": "left"} if tau > (start + 1) / 2 else {"x": 1, "xanchor": "right"}
    figure = theme.figure(
        height,
        barmode="stack",
        bargap=0.08,
        dragmode="select",
        selectdirection="h",
        legend={**side, "traceorder": "normal"},
        xaxis={"range": [start, 1.0], "title": {"text": "Confidence of the wrong answer"}, "fixedrange": True},
        yaxis={"title": {"text": "Texts"}, "fixedrange": True, "rangemode": "tozero"},
        **_tau_line(tau),
    )
    figure.add_traces(
        [
            _bars(bins, "Natural", [item.natural for item in bins], theme.NATURAL, "", strength),
            _bars(bins, "Perturbed", [item.adversarial for item in bins], theme.ADVERSARIAL, "/", strength),
        ]
    )
    return figure


def _bars(
    bins: Sequence[ConfidenceBin], name: str, counts: list[int], color: str, shape: str, strength: list[float]
) -> go.Bar:
    return go.Bar(
        x=[(item.low + item.high) / 2 for item in bins],
        y=counts,
        width=[item.high - item.low for item in bins],
        name=name,
        customdata=[f"{item.low:.3g} to {item.high:.3g}" for item in bins],
        hovertemplate=f"%{{y:,}} {name.lower()}, confidence %{{customdata}}<extra></extra>",
        marker={"color": color, "opacity": strength, "line": {"width": 0}, "pattern": theme.pattern(shape)},
        # Streamlit fades what a box leaves out; the filter's own fading says it already.
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": _FADED}},
    )


def _tau_line(tau: float) -> dict[str, Any]:
    """A dashed line over the whole height, with its name on top."""
    place = {"xref": "x", "yref": "y domain"}
    line = {"color": theme.NEUTRAL, "width": 2, "dash": "dash"}
    name = {"text": f"tau {tau:g}", "font": {"color": theme.NEUTRAL}, "showarrow": False, "yanchor": "bottom"}
    return {
        "shapes": [{"type": "line", "x0": tau, "x1": tau, "y0": 0, "y1": 1, "line": line, **place}],
        "annotations": [{"x": tau, "y": 1, "xanchor": "center", **name, **place}],
    }


def box_range(box: Sequence[float], tau: float, step: float = 0.005) -> tuple[float, float]:
    """A dragged box's two ends as a range of confidence: in order, rounded, within [tau, 1]."""
    low, high = sorted((float(box[0]), float(box[-1])))
    low, high = (round(round(value / step) * step, 4) for value in (low, high))
    low = min(max(low, tau), 1.0)
    return low, min(max(high, low), 1.0)
