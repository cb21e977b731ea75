"""What became of the attacked texts."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from bsm_core.charts import theme

_LOOK = (
    (theme.WRONG, "/"),
    (theme.RIGHT, ""),
    (theme.NEUTRAL, "."),
    (theme.ACCENT, "x"),
)


def outcome_bar(parts: Sequence[tuple[str, int]], height: int = 120) -> go.Figure:
    """One bar, divided into at most four (name, number of texts), with the numbers on it. Names are our own words."""
    figure = theme.figure(height, barmode="stack", showlegend=True)
    for (name, number), (color, pattern) in zip(parts, _LOOK, strict=False):
        if not number:
            continue
        figure.add_bar(
            x=[number],
            y=[""],
            name=name,
            orientation="h",
            text=[f"{number:,}"],
            textposition="inside",
            textangle=0,
            insidetextanchor="middle",
            textfont={"color": "#ffffff", "size": 15},
            marker={"color": color, "pattern": theme.pattern(pattern), "line": {"width": 0}},
            hovertemplate=f"%{{x:,}} {name}<extra></extra>",
        )
    figure.update_xaxes(visible=False, range=[0, max(1, sum(number for _, number in parts))], fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True)
    figure.update_layout(legend={"traceorder": "normal"}, bargap=0.1)
    return figure
