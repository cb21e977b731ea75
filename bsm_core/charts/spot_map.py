"""Unknown unknowns on a map: near each other where they are alike, coloured by blind spot, labels or confidence.

Drawn as SVG: Plotly's WebGL points compile their shaders' glue at run time, which the content security policy refuses
(``unsafe-eval``).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go

from bsm_core.charts import theme
from bsm_core.domain.blind_spots import MapPoint
from bsm_core.domain.unknowns import UUOrigin


class MapColor(StrEnum):
    SPOT = "spot"
    LABELS = "labels"
    CONFIDENCE = "confidence"


# Six colours and seven signs have no common factor: 42 spots look different, and neighbors in size differ in both.
_COLORS = tuple(color for color in theme.SERIES if color != theme.NEUTRAL)
_GLYPHS = {
    "circle": "●",
    "square": "■",
    "diamond": "◆",
    "cross": "✚",
    "triangle-up": "▲",
    "star": "★",
    "hexagon": "⬢",
}
_SIGNS = tuple(_GLYPHS)
MOST_DRAWN = 3_000
"""Points: more make a browser slow. Of more, every second, third ... one is drawn."""

_FAINT = 0.12
_HOVER = 60
NO_SPOT = "in no spot"

CONFIG: dict[str, Any] = {
    **theme.CONFIG,
    "displayModeBar": True,
    "displaylogo": False,
    "scrollZoom": True,
    "modeBarButtons": [["select2d", "lasso2d", "pan2d", "resetScale2d"]],
}
"""Unlike other charts the map has a tool bar: a box and a lasso to choose with, and a hand to move it by."""


def spot_map(
    points: Sequence[MapPoint],
    spots: Sequence[tuple[str, str]],
    spot_of: Mapping[str, str],
    label_names: Sequence[str],
    color: MapColor = MapColor.SPOT,
    opened: str | None = None,
    height: int = 460,
) -> go.Figure:
    """``spots`` are (id, name), the largest first; all but the ``opened`` one are faint. ``customdata`` of a point is
    its item id. Of more than ``MOST_DRAWN`` points a part is drawn, evenly from all."""
    every = -(-len(points) // MOST_DRAWN) or 1
    return _drawn(
        tuple(points[::every]), tuple(spots), tuple(spot_of.items()), tuple(label_names), color, opened, height
    )


@lru_cache(maxsize=8)  # a turned page shows the same map; nobody changes a figure that was drawn
def _drawn(
    points: tuple[MapPoint, ...],
    spots: tuple[tuple[str, str], ...],
    members: tuple[tuple[str, str], ...],
    label_names: tuple[str, ...],
    color: MapColor,
    opened: str | None,
    height: int,
) -> go.Figure:
    spot_of = dict(members)
    figure = theme.figure(
        height,
        dragmode="lasso",
        hovermode="closest",
        uirevision=f"{color}",  # zoom and place outlive a redrawing
        legend={"itemsizing": "constant"},
        showlegend=color is MapColor.LABELS,  # spots are named beside the map, with their signs
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": theme.NEUTRAL, "activecolor": theme.NATURAL},
        xaxis={"visible": False},
        yaxis={"visible": False},
    )
    if color is MapColor.SPOT:
        figure.add_traces(_by_spot(points, spots, spot_of, opened))
    elif color is MapColor.LABELS:
        figure.add_traces(_by_labels(points, spot_of, label_names, opened))
    else:
        figure.add_trace(_by_confidence(points, spot_of, opened))
    return figure


def sign_of(place: int) -> str:
    """The look of the spot that is ``place``-th in size, as an image's address."""
    color, sign = looks(place)
    glyph = f"<text x='8' y='14' text-anchor='middle' font-size='16' fill='{color}'>{_GLYPHS[sign]}</text>"
    drawn = f"<svg xmlns='http://www.w3.org/2000/svg' width='16' height='18'>{glyph}</svg>"
    return f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}"


def looks(place: int) -> tuple[str, str]:
    """Colour and sign of the spot that is ``place``-th in size."""
    return _COLORS[place % len(_COLORS)], _SIGNS[place % len(_SIGNS)]


def _by_spot(
    points: Sequence[MapPoint], spots: Sequence[tuple[str, str]], spot_of: Mapping[str, str], opened: str | None
) -> list[go.Scatter]:
    members: dict[str | None, list[MapPoint]] = {}
    for point in points:
        members.setdefault(spot_of.get(point.item_id), []).append(point)
    traces = []
    if None in members:
        strength = _FAINT if opened else 0.7
        marker = {"color": theme.NEUTRAL, "symbol": "x", "size": 5, "opacity": strength}
        traces.append(_trace(members[None], marker, NO_SPOT))
    for place, (spot_id, name) in enumerate(spots):
        color, sign = looks(place)
        strength = 0.85 if opened in (None, spot_id) else _FAINT
        marker = {"color": color, "symbol": sign, "size": 8, "opacity": strength}
        traces.append(_trace(members.get(spot_id, []), marker, theme.label(name, 40)))
    return traces


def _by_labels(
    points: Sequence[MapPoint], spot_of: Mapping[str, str], label_names: Sequence[str], opened: str | None
) -> list[go.Scatter]:
    pairs = sorted({(point.label, point.predicted) for point in points})
    traces = []
    for place, (label, predicted) in enumerate(pairs):
        shown = [point for point in points if (point.label, point.predicted) == (label, predicted)]
        color, sign = looks(place)
        marker = {"color": color, "symbol": sign, "size": 8, "opacity": _strengths(shown, spot_of, opened)}
        name = f"{theme.label(label_names[label], 20)}, called {theme.label(label_names[predicted], 20)}"
        traces.append(_trace(shown, marker, name))
    return traces


def _by_confidence(points: Sequence[MapPoint], spot_of: Mapping[str, str], opened: str | None) -> go.Scatter:
    marker = {
        "color": [point.confidence for point in points],
        "colorscale": "Cividis",  # made for every colour vision
        "reversescale": True,
        "colorbar": {"title": {"text": "Confidence"}, "tickformat": ".0%", "thickness": 12, "outlinewidth": 0},
        "size": 8,
        "opacity": _strengths(points, spot_of, opened),
        "line": {"width": 0.5, "color": theme.NEUTRAL},
    }
    return _trace(points, marker)


def _strengths(points: Sequence[MapPoint], spot_of: Mapping[str, str], opened: str | None) -> list[float] | float:
    if opened is None:
        return 0.85
    return [0.85 if spot_of.get(point.item_id) == opened else _FAINT for point in points]


def _trace(points: Sequence[MapPoint], marker: dict[str, Any], name: str = "") -> go.Scatter:
    return go.Scatter(
        x=[point.x for point in points],
        y=[point.y for point in points],
        mode="markers",
        name=name,
        customdata=[point.item_id for point in points],
        text=[_hover(point) for point in points],
        hovertemplate=f"%{{text}}{name and f'<br><b>{name}</b>'}<extra></extra>",
        marker=marker,
        # What a lasso leaves out fades; what it holds stays as it is.
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": _FAINT}},
    )


def _hover(point: MapPoint) -> str:
    sign = "✎ " if point.origin is UUOrigin.ADVERSARIAL else ""
    return f"{sign}{theme.label(point.text, _HOVER)}<br>{point.confidence:.0%} sure"
