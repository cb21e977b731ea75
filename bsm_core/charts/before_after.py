"""Successful perturbations by confidence, before and after: figures 4 and 5 of the paper."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from bsm_core.charts import theme

Bin = tuple[float, float, int, int]
"""(low, high, right, wrong): predictions with confidence in [low, high)."""

_PANELS = (("x", (0.0, 0.47)), ("x2", (0.53, 1.0)))


def before_after(
    before: Sequence[Bin], after: Sequence[Bin], tau: float, titles: tuple[str, str], height: int = 280
) -> go.Figure:
    """Two panels with one scale: how many perturbed texts the model gets right (plain) and wrong (striped), by its
    confidence. Wrong ones right of tau are unknown unknowns. ``titles`` name the panels, in our own words."""
    figure = theme.figure(height, barmode="stack", bargap=0.08)
    for (axis, domain), bins, title in zip(_PANELS, (before, after), titles, strict=True):
        _panel(figure, axis, bins, legend=axis == "x")
        figure.add_annotation(
            text=title, x=domain[0], y=1, xref="paper", yref="paper", xanchor="left", yanchor="top", showarrow=False
        )
        figure.add_shape(
            type="line", xref=axis, yref="paper", x0=tau, x1=tau, y0=0, y1=0.86, line={"dash": "dot", "width": 1.5}
        )
        figure.add_annotation(
            text=f"tau {tau:g}",
            x=tau,
            y=0.87,
            xref=axis,
            yref="paper",
            xanchor="left",
            yanchor="middle",
            showarrow=False,
            font={"size": 11},
        )
    first = min((low for low, *_ in (*before, *after)), default=0.5)
    figure.update_layout(
        xaxis={"domain": _PANELS[0][1], "range": [first, 1.0], "title": "Confidence", "tickformat": ".0%"},
        xaxis2={
            "domain": _PANELS[1][1],
            "anchor": "y",
            "range": [first, 1.0],
            "title": "Confidence",
            "tickformat": ".0%",
            "gridcolor": theme.GRID,
        },
        yaxis={"title": "Texts", "range": [0, _tallest(before, after)], "gridcolor": theme.GRID},
    )
    figure.update_shapes(line_color=theme.NEUTRAL)
    return figure


def _panel(figure: go.Figure, axis: str, bins: Sequence[Bin], legend: bool) -> None:
    centers = [(low + high) / 2 for low, high, *_ in bins]
    widths = [(high - low) * 0.92 for low, high, *_ in bins]
    ranges = [f"{low:.0%} to {high:.0%}" for low, high, *_ in bins]
    for place, name, color, pattern in ((2, "Right", theme.RIGHT, ""), (3, "Wrong", theme.WRONG, "/")):
        figure.add_bar(
            x=centers,
            y=[one[place] for one in bins],
            width=widths,
            name=name,
            legendgroup=name,
            showlegend=legend,
            xaxis=axis,
            yaxis="y",
            marker={"color": color, "pattern": {"shape": pattern, "solidity": 0.35}},
            customdata=ranges,
            hovertemplate=f"{name.lower()}, confidence %{{customdata}}: %{{y}}<extra></extra>",
        )


def _tallest(before: Sequence[Bin], after: Sequence[Bin]) -> float:
    """The top of the shared scale, with room for the panel titles."""
    return 1.3 * max([1, *(right + wrong for *_, right, wrong in (*before, *after))])
