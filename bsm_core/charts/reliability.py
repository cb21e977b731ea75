"""Is 80% confidence right 80% of the time?"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from bsm_core.charts import theme
from bsm_core.ports import ReliabilityBin


def reliability_diagram(bins: Sequence[ReliabilityBin], height: int = 320) -> go.Figure:
    """Accuracy of the answers in each range of confidence against the diagonal of a model that knows its limits."""
    filled = [item for item in bins if item.count]
    start = min((item.low for item in filled), default=0.5)
    figure = theme.figure(height, bargap=0.1)
    figure.add_bar(
        x=[(item.low + item.high) / 2 for item in filled],
        y=[item.accuracy for item in filled],
        width=[(item.high - item.low) * 0.92 for item in filled],
        name="Share that is right",
        marker={"color": theme.NATURAL, "opacity": 0.85},
        customdata=[[item.count, item.confidence] for item in filled],
        hovertemplate=(
            "%{customdata[0]:,} answers, mean confidence %{customdata[1]:.1%}: %{y:.1%} are right<extra></extra>"
        ),
    )
    figure.add_scatter(
        x=[start, 1],
        y=[start, 1],
        name="Perfectly calibrated",
        mode="lines",
        line={"color": theme.ADVERSARIAL, "dash": "dash", "width": 2.5},
        hoverinfo="skip",
    )
    figure.update_xaxes(range=[start, 1.0], title="Confidence", tickformat=".0%", fixedrange=True)
    figure.update_yaxes(range=[0, 1.02], title="Accuracy", tickformat=".0%", fixedrange=True)
    return figure
