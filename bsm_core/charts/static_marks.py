"""The marks of a static drawing: lines with dots and intervals, bars with their patterns."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import plotly.graph_objects as go

from bsm_core.charts import theme
from bsm_core.charts.static_axes import Axis

_DASHES = {"dash": "7 5", "dot": "2 4", "dashdot": "7 4 2 4", "longdash": "12 5", "longdashdot": "12 4 2 4"}
_STROKE = 'stroke="#ffffff" stroke-opacity="0.75" stroke-width="1.4"'
_TILES = {
    "/": f'<path d="M-1 9L9 -1M-1 1L1 -1M7 9L9 7" {_STROKE}/>',
    "x": f'<path d="M0 0L8 8M8 0L0 8" {_STROKE}/>',
    "-": f'<path d="M0 4H8" {_STROKE}/>',
    ".": '<circle cx="4" cy="4" r="1.5" fill="#ffffff" fill-opacity="0.8"/>',
}


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the marks of one panel go."""

    x: Axis
    y: Axis
    key: str


def number(value: float) -> str:
    """Two decimals at most: files stay small, and the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def line_style(color: str | None, width: float, dash: str | None) -> str:
    dashes = f' stroke-dasharray="{_DASHES[dash]}"' if dash and dash != "solid" else ""
    return f'fill="none" stroke="{color or theme.NEUTRAL}" stroke-width="{number(width)}"{dashes}'


def lines(trace: go.Scatter, frame: Frame) -> Iterator[str]:
    """A line, dots, or both; dots may have an interval along x."""
    points = [
        (frame.x.at(x), frame.y.at(y)) for x, y in zip(trace.x, trace.y, strict=True) if x is not None and y is not None
    ]
    mode = trace.mode or "lines"
    if "lines" in mode and points:
        path = "L".join(f"{number(x)} {number(y)}" for x, y in points)
        style = line_style(trace.line.color, trace.line.width or 2, trace.line.dash)
        yield f'<path d="M{path}" stroke-linejoin="round" {style}/>'
    if trace.error_x and trace.error_x.array is not None:
        yield from _intervals(trace, frame)
    if "markers" in mode:
        color = trace.marker.color or trace.line.color
        for place, (x, y) in enumerate(points):
            yield _dot(x, y, _each(trace.marker.size, place, 8) / 2, color, _each(trace.marker.symbol, place, "circle"))


def _intervals(trace: go.Scatter, frame: Frame) -> Iterator[str]:
    error = trace.error_x
    for x, y, more, less in zip(trace.x, trace.y, error.array, error.arrayminus, strict=True):
        left, right, at = frame.x.at(x - less), frame.x.at(x + more), frame.y.at(y)
        path = f"M{number(left)} {number(at)}H{number(right)}M{number(left)} {number(at - 4)}v8"
        yield f'<path d="{path}M{number(right)} {number(at - 4)}v8" {line_style(error.color, 1.5, None)}/>'


def _dot(x: float, y: float, radius: float, color: str, symbol: str) -> str:
    """Circles, filled or open: an open one keeps the page's ground."""
    if not symbol.startswith("circle"):
        raise ValueError(f"a {symbol} marker cannot be drawn as a still picture")
    circle = f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
    if symbol.endswith("-open"):
        return f'{circle} class="open" fill="#ffffff" fill-opacity="0" stroke="{color}" stroke-width="2"/>'
    return f'{circle} fill="{color}"/>'


def bars(traces: Sequence[go.Bar], frame: Frame) -> Iterator[str]:
    """Stacked bars of one panel, standing or lying, with their patterns and the counts written in them."""
    tops: dict[object, float] = {}
    for trace in traces:
        lying = trace.orientation == "h"
        places, sizes = (trace.y, trace.x) if lying else (trace.x, trace.y)
        fill, _ = _fill(trace, frame.key)
        for at, (place, size) in enumerate(zip(places, sizes, strict=True)):
            start = tops.get(place, 0.0)
            tops[place] = start + float(size)
            if not size:
                continue
            told = str(_each(trace.text, at, "") or "")
            if lying:
                yield from _lying(frame, place, start, float(size), fill, told)
            else:
                yield _standing(frame, place, start, float(size), fill, _each(trace.width, at, None), trace, at)


def patterns(traces: Sequence[go.Bar], key: str) -> list[str]:
    """What the bars' fills refer to, each once a picture."""
    return list(dict.fromkeys(_fill(trace, key)[1] for trace in traces))


def _lying(frame: Frame, place: object, start: float, size: float, fill: str, told: str) -> Iterator[str]:
    left, right = frame.x.at(start), frame.x.at(start + size)
    high = frame.y.band * 0.66
    top = frame.y.at(place) - high / 2
    box = f'x="{number(left)}" y="{number(top)}" width="{number(right - left)}" height="{number(high)}"'
    yield f"<rect {box} {fill}/>"
    if told and right - left > 8 * len(told) + 6:
        # Dark strokes behind white figures: they are read on any of the colors and patterns.
        middle, base = number((left + right) / 2), number(top + high / 2 + 4)
        yield (
            f'<text x="{middle}" y="{base}" text-anchor="middle" fill="#ffffff" stroke="#20262e" stroke-width="3" '
            f'paint-order="stroke" font-weight="600">{html.escape(told)}</text>'
        )


def _standing(
    frame: Frame, place: Any, start: float, size: float, fill: str, width: float | None, trace: go.Bar, at: int
) -> str:
    low, high = frame.y.at(start), frame.y.at(start + size)
    if width is None:
        wide, left = frame.x.band * 0.7, frame.x.at(place) - frame.x.band * 0.35
    else:
        left = frame.x.at(place - width / 2)
        wide = frame.x.at(place + width / 2) - left
    faded = _each(trace.marker.opacity, at, 1.0)
    shade = "" if faded in (None, 1.0) else f' opacity="{number(faded)}"'
    box = f'x="{number(left)}" y="{number(high)}" width="{number(wide)}" height="{number(low - high)}"'
    return f"<rect {box} {fill}{shade}/>"


def legend_entry(trace: Any, x: float, y: float, key: str) -> Iterator[str]:
    """The sign before a name: a piece of the line, or a box with the bar's pattern."""
    if isinstance(trace, go.Bar):
        fill, _ = _fill(trace, key)
        yield f'<rect x="{number(x + 8)}" y="{number(y - 6)}" width="20" height="12" {fill}/>'
        return
    style = line_style(trace.line.color, trace.line.width or 2, trace.line.dash)
    yield f'<path d="M{number(x)} {number(y)}h28" {style}/>'
    if "markers" in (trace.mode or ""):
        yield f'<circle cx="{number(x + 14)}" cy="{number(y)}" r="4" fill="{trace.marker.color or trace.line.color}"/>'


def _fill(trace: go.Bar, key: str) -> tuple[str, str]:
    """The attributes that fill a bar, and the pattern they name: one a color and shape."""
    color, shape = trace.marker.color, trace.marker.pattern.shape or ""
    if not shape:
        return f'fill="{color}"', ""
    if shape not in _TILES:
        raise ValueError(f"the pattern {shape!r} cannot be drawn as a still picture")
    name = f"{key}-{sha256(f'{color}{shape}'.encode()).hexdigest()[:8]}"
    tile = f'<rect width="8" height="8" fill="{color}"/>{_TILES[shape]}'
    size = 'width="8" height="8" patternUnits="userSpaceOnUse"'
    return f'fill="url(#{name})"', f'<defs><pattern id="{name}" {size}>{tile}</pattern></defs>'


def _each(value: Any, place: int, usual: Any) -> Any:
    """Plotly's "one for all, or one each"."""
    if value is None:
        return usual
    return value[place] if isinstance(value, (list, tuple)) or hasattr(value, "__array__") else value
