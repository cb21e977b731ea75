"""The controlled check: how often planted texts are UUs before and after each treatment, variant by variant."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from bsm_core.charts import theme
from bsm_core.domain.controlled import Count, Mistakes, Row, SpotKind, Treatment
from bsm_core.metrics.statistics import wilson_interval

_PANELS = ((SpotKind.P, "Planted praise", (0.0, 0.47)), (SpotKind.N, "Planted blame", (0.53, 1.0)))
_SERIES: tuple[tuple[Treatment | None, str, str], ...] = (
    (None, theme.NATURAL, "circle"),
    (Treatment.GOLDEN, theme.RIGHT, "diamond"),
    (Treatment.UNTARGETED, theme.WRONG, "square-open"),
    (Treatment.MORE_TRAINING, theme.NEUTRAL, "circle-open"),
)
_STEP = 0.17


def controlled_figure(rows: Sequence[Row], names: dict[Treatment | None, str]) -> go.Figure:
    """A panel a kind, a line a variant; the share of the kind's test texts that are UUs, each with the interval of a
    share (Wilson) over texts and seeds together. ``names`` of the treatments are our own words; None is before."""
    figure = theme.figure(150 + 62 * len(rows), legend={"y": 1.1})
    for kind, title, domain in _PANELS:
        axis = "x" if kind is SpotKind.P else "x2"
        for place, (treatment, color, symbol) in enumerate(_SERIES):
            _dots(figure, rows, kind, axis, treatment, names[treatment], color, symbol, (place - 1.5) * _STEP)
        figure.add_annotation(
            text=f"<b>{title}</b>",
            x=domain[0],
            y=1.0,
            xref="paper",
            yref="paper",
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
        )
    layout = {"tickformat": ".0%", "rangemode": "tozero", "gridcolor": theme.GRID, "zeroline": False}
    figure.update_layout(
        xaxis={**layout, "domain": _PANELS[0][2], "title": "Texts that are unknown unknowns"},
        xaxis2={**layout, "domain": _PANELS[1][2], "anchor": "y", "title": "Texts that are unknown unknowns"},
        yaxis={
            "tickvals": list(range(len(rows))),
            "ticktext": [row.variant.value for row in rows],
            "range": [len(rows) - 0.5, -0.5],
            "showgrid": False,
        },
    )
    return figure


def _dots(
    figure: go.Figure,
    rows: Sequence[Row],
    kind: SpotKind,
    axis: str,
    treatment: Treatment | None,
    name: str,
    color: str,
    symbol: str,
    shift: float,
) -> None:
    found = [(at, count) for at, row in enumerate(rows) for count in [_count(row, kind, treatment)] if count.size]
    shares = [count.count / count.size for _, count in found]
    ranges = [wilson_interval(count.count, count.size) for _, count in found]
    figure.add_scatter(
        x=shares,
        y=[at + shift for at, _ in found],
        xaxis=axis,
        mode="markers",
        name=name,
        legendgroup=name,
        showlegend=kind is SpotKind.P,
        marker={"size": 10, "color": color, "symbol": symbol, "line": {"width": 2, "color": color}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [one.high - share for one, share in zip(ranges, shares, strict=True)],
            "arrayminus": [share - one.low for one, share in zip(ranges, shares, strict=True)],
            "color": color,
            "thickness": 1.5,
        },
        customdata=[(rows[at].variant.value, count.count, count.size) for at, count in found],
        hovertemplate=f"%{{customdata[0]}}, {name}: "
        "%{x:.1%} (%{customdata[1]} of %{customdata[2]})<extra></extra>",
    )


def _count(row: Row, kind: SpotKind, treatment: Treatment | None) -> Count:
    mistakes: Mistakes | None = row.before if treatment is None else dict(row.after).get(treatment)
    return mistakes.of(kind) if mistakes else Count()
