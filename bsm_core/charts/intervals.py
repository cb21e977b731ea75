"""Shares with their 95% intervals, arm by arm, against ORIGINAL's."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from bsm_core.charts import theme
from bsm_core.metrics.comparison import Measure

_GAP = 0.05


def intervals(names: Sequence[str], panels: Sequence[tuple[str, Sequence[Measure]]]) -> go.Figure:
    """One panel a measure, one row a model in the order of ``names``: a dot for the share, a line for its interval.

    The band is the first row's interval (ORIGINAL's): a line that reaches into it is not resolvable. Filled dots can
    be told from ORIGINAL at this size, hollow ones cannot.
    """
    figure = theme.figure(120 + 34 * len(names), showlegend=False)
    width = (1 - _GAP * (len(panels) - 1)) / len(panels)
    for place, (title, measures) in enumerate(panels):
        axis = "x" if place == 0 else f"x{place + 1}"
        domain = [place * (width + _GAP), place * (width + _GAP) + width]
        figure.add_scatter(
            x=[measure.share for measure in measures],
            y=list(names),
            xaxis=axis,
            mode="markers",
            marker={
                "size": 10,
                "color": theme.NATURAL,
                "symbol": ["circle-open" if measure.resolvable is False else "circle" for measure in measures],
                "line": {"width": 2, "color": theme.NATURAL},
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [measure.interval.high - measure.share for measure in measures],
                "arrayminus": [measure.share - measure.interval.low for measure in measures],
                "color": theme.NATURAL,
                "thickness": 1.5,
            },
            customdata=[
                (measure.count, measure.size, measure.interval.low, measure.interval.high) for measure in measures
            ],
            hovertemplate="%{y}: %{customdata[0]} of %{customdata[1]} = %{x:.1%}, "
            "95% interval %{customdata[2]:.1%} to %{customdata[3]:.1%}<extra></extra>",
        )
        if measures:
            band = measures[0].interval
            figure.add_shape(
                type="rect",
                xref=axis,
                yref="paper",
                x0=band.low,
                x1=band.high,
                y0=0,
                y1=1,
                fillcolor=theme.NEUTRAL,
                opacity=0.18,
                line_width=0,
                layer="below",
            )
        figure.add_annotation(
            text=title,
            xref="paper",
            yref="paper",
            x=domain[0],
            y=1.02,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
        )
        key = "xaxis" if place == 0 else f"xaxis{place + 1}"
        figure.update_layout(
            {key: {"domain": domain, "anchor": "y", "tickformat": ".0%", "gridcolor": theme.GRID, "zeroline": False}}
        )
    figure.update_yaxes(autorange="reversed")
    return figure
