"""Loss over optimizer steps and accuracy over epochs, while a model trains."""

from __future__ import annotations

from collections.abc import Iterable

import plotly.graph_objects as go

from bsm_core.charts import theme
from bsm_core.domain.jobs import JobMetric


def training_curve(metrics: Iterable[JobMetric], height: int = 240) -> go.Figure:
    """``loss`` against steps on the left axis, ``accuracy`` on the right one against its own epochs' last steps.

    Accuracy comes once an epoch; its points are spread over the steps seen so far.
    """
    points = list(metrics)
    loss = [(point.step, point.value) for point in points if point.name == "loss"]
    accuracy = [(point.step, point.value) for point in points if point.name == "accuracy"]
    figure = theme.figure(height, xaxis_title="Training step", yaxis_title="Loss", hovermode="x unified")
    figure.update_yaxes(rangemode="tozero")
    if loss:
        steps, values = zip(*loss, strict=True)
        line = {"color": theme.NATURAL, "width": 2}
        figure.add_scatter(x=steps, y=values, name="Loss (left)", mode="lines", line=line)
    if accuracy:
        figure.add_scatter(
            x=_on_steps([epoch for epoch, _ in accuracy], loss[-1][0] if loss else 0),
            y=[value for _, value in accuracy],
            name="Validation accuracy (right)",
            mode="lines+markers",
            line={"color": theme.ADVERSARIAL, "width": 2, "dash": "dash"},
            marker={"symbol": "diamond", "size": 8},
            yaxis="y2",
            hovertemplate="%{y:.1%}",
        )
        axis = {"overlaying": "y", "side": "right", "range": [0, 1], "tickformat": ".0%", "showgrid": False}
        figure.update_layout(yaxis2=axis)
    return figure


def _on_steps(epochs: list[int], last_step: int) -> list[float]:
    """Epoch numbers placed on the axis of steps; epochs themselves when no loss is known."""
    if not last_step:
        return [float(epoch) for epoch in epochs]
    return [last_step * (place + 1) / len(epochs) for place in range(len(epochs))]
