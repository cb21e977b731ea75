"""Arms as lines: told apart by colour and by dash."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from bsm_core.charts import theme
from bsm_core.ports import ReliabilityBin


def tau_lines(percents: Sequence[int], arms: Sequence[tuple[str, Sequence[float]]], tau: float) -> go.Figure:
    """Counts over tau, one line an arm in the order given, the dotted line at ``tau``. ``arms`` has (name in our own
    words, one count for each of ``percents``)."""
    figure = theme.figure(360, hovermode="x unified")
    for place, (name, counts) in enumerate(arms):
        figure.add_scatter(
            x=[percent / 100 for percent in percents],
            y=list(counts),
            name=name,
            mode="lines",
            line=_line(place),
            hovertemplate="%{y:,.4g}",
        )
    figure.add_vline(x=tau, line={"dash": "dot", "width": 1.5, "color": theme.NEUTRAL})
    figure.update_xaxes(title="Tau", range=[percents[0] / 100, percents[-1] / 100], fixedrange=True)
    figure.update_yaxes(title="Unknown unknowns", rangemode="tozero", fixedrange=True)
    return figure


def reliability_lines(models: Sequence[tuple[str, Sequence[ReliabilityBin]]]) -> go.Figure:
    """Accuracy over confidence, one line a model in the order given, against the diagonal of a model that knows its
    limits. Dots grow with the number of answers."""
    filled = [(name, [item for item in bins if item.count]) for name, bins in models]
    start = min((item.low for _, bins in filled for item in bins), default=0.5)
    figure = theme.figure(360)
    figure.add_scatter(
        x=[start, 1],
        y=[start, 1],
        name="Perfectly calibrated",
        mode="lines",
        line={"color": theme.NEUTRAL, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    most = max((item.count for _, bins in filled for item in bins), default=1)
    for place, (name, bins) in enumerate(filled):
        figure.add_scatter(
            x=[item.confidence for item in bins],
            y=[item.accuracy for item in bins],
            name=name,
            mode="lines+markers",
            line=_line(place),
            marker={"size": [5 + 11 * (item.count / most) ** 0.5 for item in bins]},
            customdata=[item.count for item in bins],
            hovertemplate="%{customdata:,} answers, mean confidence %{x:.1%}: %{y:.1%} are right",
        )
    figure.update_xaxes(range=[start, 1.01], title="Confidence", tickformat=".0%", fixedrange=True)
    figure.update_yaxes(range=[0, 1.04], title="Accuracy", tickformat=".0%", fixedrange=True)
    return figure


def _line(place: int) -> dict[str, object]:
    return {
        "color": theme.SERIES[place % len(theme.SERIES)],
        "dash": theme.DASHES[place % len(theme.DASHES)],
        "width": 2.5,
    }


def confidence_lines(
    bins: Sequence[tuple[float, float]], arms: Sequence[tuple[str, Sequence[float]]], tau: float
) -> go.Figure:
    """Wrong answers to perturbed texts by confidence, one stepped line an arm (the paper's figures 4 and 5). ``bins``
    are (low, high), ``arms`` have (name in our own words, one count a bin); what lies right of ``tau`` are UUs."""
    figure = theme.figure(360, hovermode="x unified")
    for place, (name, counts) in enumerate(arms):
        figure.add_scatter(
            x=[low for low, _ in bins] + [bins[-1][1]],
            y=[*counts, counts[-1]],
            name=name,
            mode="lines",
            line={**_line(place), "shape": "hv"},
            hovertemplate="%{y:,.4g}",
        )
    figure.add_vline(x=tau, line={"dash": "dot", "width": 1.5, "color": theme.NEUTRAL})
    figure.update_xaxes(title="Confidence of the wrong answer", range=[bins[0][0], bins[-1][1]], fixedrange=True)
    figure.update_yaxes(title="Successful perturbations", rangemode="tozero", fixedrange=True)
    return figure
