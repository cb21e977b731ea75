"""What similarity scores look like: real texts, made-bad ones and samples, with the pass mark between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from bsm_core.charts import theme

BINS = 30
_COLORS = (theme.NATURAL, theme.ADVERSARIAL, theme.ACCENT, theme.NEUTRAL, theme.RIGHT)


@dataclass(frozen=True, slots=True)
class Group:
    """``name`` is our own words. ``filled``: an area, else a line."""

    name: str
    scores: Sequence[float]
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A line over the whole height."""

    name: str
    value: float
    dash: str = "dash"


def similarity_histograms(groups: Sequence[Group], marks: Sequence[Mark], height: int = 300) -> go.Figure:
    """One outline a group: the share of its texts in each bin, so that groups of any size compare."""
    shown = [group for group in groups if group.scores]
    every = [score for group in shown for score in group.scores] + [mark.value for mark in marks]
    low, high = (min(every), max(every)) if every else (0.0, 1.0)
    step = max(high - low, 0.02) / BINS
    figure = theme.figure(
        height,
        hovermode="x unified",
        margin={"l": 8, "r": 8, "t": 58, "b": 8},
        legend={"y": 1.1},
        xaxis={"title": {"text": "Similarity to the closest training text (BERTScore F1)"}, "fixedrange": True},
        yaxis={"title": {"text": "Share of the texts"}, "tickformat": ".0%", "fixedrange": True, "rangemode": "tozero"},
        **_lines(marks),
    )
    figure.add_traces([_outline(group, place, low, step) for place, group in enumerate(shown)])
    return figure


def _outline(group: Group, place: int, low: float, step: float) -> go.Scatter:
    counts = [0] * BINS
    for score in group.scores:
        counts[min(int((score - low) / step), BINS - 1)] += 1
    color = _COLORS[place % len(_COLORS)]
    return go.Scatter(
        x=[low + (index + 0.5) * step for index in range(BINS)],
        y=[count / len(group.scores) for count in counts],
        customdata=counts,
        name=f"{group.name} ({len(group.scores):,})",
        mode="lines",
        line={"color": color, "width": 2, "shape": "hvh", "dash": theme.DASHES[place % len(theme.DASHES)]},
        fill="tozeroy" if group.filled else None,
        hovertemplate="%{customdata:,} = %{y:.0%}",
    )


def _lines(marks: Sequence[Mark]) -> dict[str, Any]:
    place = {"xref": "x", "yref": "y domain"}
    return {
        "shapes": [
            {
                "type": "line",
                "x0": mark.value,
                "x1": mark.value,
                "y0": 0,
                "y1": 1,
                "line": {"color": theme.NEUTRAL, "width": 2, "dash": mark.dash},
                **place,
            }
            for mark in marks
        ],
        "annotations": [
            {
                "x": mark.value,
                "y": 1,
                "text": mark.name,
                "font": {"color": theme.NEUTRAL},
                "showarrow": False,
                "yanchor": "bottom",
                **place,
            }
            for mark in marks
        ],
    }
