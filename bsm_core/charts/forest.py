"""Effects with their intervals, one line each, against a line of no effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from bsm_core.charts import theme


@dataclass(frozen=True, slots=True)
class ForestLine:
    """``name`` is untrusted; ``told`` is what a hover says beside the figures."""

    name: str
    value: float
    low: float
    high: float
    resolved: bool
    told: str = ""


def forest(series: Sequence[tuple[str, Sequence[ForestLine]]], unit: str, *, percent: bool = False) -> go.Figure:
    """One row a name, in the order of the first series; series lie side by side in a row, told apart by color and
    symbol. Filled marks can be told from nothing, hollow ones cannot. ``unit`` is the axis title; shares with
    ``percent``."""
    names = list(dict.fromkeys(theme.label(line.name) for _, lines in series for line in lines))
    place = {name: at for at, name in enumerate(names)}
    figure = theme.figure(90 + (44 if len(series) > 1 else 32) * len(names), showlegend=len(series) > 1)
    step = 0.24
    for number, (title, lines) in enumerate(series):
        offset = (number - (len(series) - 1) / 2) * step
        color = _COLORS[number % len(_COLORS)]
        symbol = _SYMBOLS[number % len(_SYMBOLS)]
        figure.add_scatter(
            x=[line.value for line in lines],
            y=[place[theme.label(line.name)] + offset for line in lines],
            name=title,
            mode="markers",
            marker={
                "size": 10,
                "color": color,
                "symbol": [symbol if line.resolved else f"{symbol}-open" for line in lines],
                "line": {"width": 2, "color": color},
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [line.high - line.value for line in lines],
                "arrayminus": [line.value - line.low for line in lines],
                "color": color,
                "thickness": 1.5,
            },
            customdata=[(theme.label(line.name), line.low, line.high, theme.label(line.told, 60)) for line in lines],
            hovertemplate=f"%{{customdata[0]}}<br>{title}: "
            + (
                "%{x:+.0%}, 95% interval %{customdata[1]:+.0%} to %{customdata[2]:+.0%}"
                if percent
                else "%{x:+.2f}, 95% interval %{customdata[1]:+.2f} to %{customdata[2]:+.2f}"
            )
            + "<br>%{customdata[3]}<extra></extra>",
        )
    figure.add_vline(x=0, line={"color": theme.NEUTRAL, "width": 1.5})
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.4, -0.6]
    )
    figure.update_xaxes(title=unit, tickformat="+.0%" if percent else "+.2~f")
    return figure


_COLORS = (theme.NATURAL, theme.ADVERSARIAL)
_SYMBOLS = ("circle", "diamond")
