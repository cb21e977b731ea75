"""Loss over optimizer steps and accuracy over epochs, while a model trains."""

from __future__ import annotations

from collections.abc import Iterable

import plotly.graph_objects as go

from bsm_core.charts import theme
from bsm_core.domain.jobs import JobMetric


def training_curve(
    metrics: Iterable[JobMetric], height: int = 240, steps: int | None = None, epochs: int | None = None
) -> go.Figure:
    """``loss`` against steps on the left axis, ``accuracy`` on the right one against its own epochs' last steps.

    ``steps`` and ``epochs`` are those of the whole training, while it runs. Without them training is taken to be
    over, and the points of accuracy are spread over the steps there are.
    """
    points = list(metrics)
    loss = [(point.step, point.value) for point in points if point.name == "loss"]
    accuracy = [(point.step, point.value) for point in points if point.name == "accuracy"]
    figure = theme.figure(height, xaxis={"title": "Training step"}, yaxis={"title": "Loss"}, hovermode="x unified")
    figure.update_yaxes(rangemode="tozero")
    if steps:
        figure.update_xaxes(range=[0, steps])
    if loss:
        line = {"color": theme.NATURAL, "width": 2}
        figure.add_scatter(
            x=[step for step, _ in loss], y=[value for _, value in loss], name="Loss (left)", mode="lines", line=line
        )
    if accuracy:
        figure.add_scatter(
            x=_on_steps([epoch for epoch, _ in accuracy], steps or (loss[-1][0] if loss else 0), epochs),
            y=[value for _, value in accuracy],
            name="Validation accuracy (right)",
            mode="lines+markers",
            line={"color": theme.ADVERSARIAL, "width": 2, "dash": "dash"},
            marker={"symbol": "diamond", "size": 8},
            yaxis="y2",
            hovertemplate="%{y:.1%}",
        )
        axis = {"overlaying": "y", "side": "right", "range": [0, 1.02], "tickformat": ".0%", "showgrid": False}
        axis |= {"tickmode": "array", "tickvals": [0, 0.25, 0.5, 0.75, 1]}
        figure.update_layout(yaxis2=axis)
    return figure


def _on_steps(seen: list[int], last_step: int, epochs: int | None) -> list[float]:
    """Epoch numbers placed on the axis of steps; epochs themselves when no loss is known."""
    if not last_step:
        return [float(epoch) for epoch in seen]
    return [last_step * epoch / (epochs or seen[-1]) for epoch in seen]
