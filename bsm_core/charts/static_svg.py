"""A figure as a still picture: SVG that needs no script, no browser and no network, and takes the page's text color.

The interactive charts and the report are drawn from the same Plotly figures. Only what our own figures consist of is
known here (lines, dots with intervals, bars, straight lines, boxes, notes); anything else is refused and not left out.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from bsm_core.charts.static_axes import Axis, axis_of
from bsm_core.charts.static_marks import Frame, bars, legend_entry, line_style, lines, number, patterns

Drawing = go.Figure
"""A figure, for those who hand it on and draw nothing themselves."""

WIDTH = 760
_SIZE, _LINE = 12, 19
_GRID = 'stroke="currentColor" stroke-opacity="0.16"'


@dataclass(frozen=True, slots=True)
class _Plot:
    """The area inside the margins, in pixels."""

    left: float
    right: float
    top: float
    bottom: float


def svg(figure: go.Figure, key: str, title: str, description: str) -> str:
    """``key`` makes the ids in it unique on a page; ``title`` and ``description`` are its text alternative.

    Raises ValueError for a figure with marks that are not known here.
    """
    legend, legend_height = _legend(figure, key)
    height = (figure.layout.height or 300) + legend_height
    horizontal = any(isinstance(trace, go.Bar) and trace.orientation == "h" for trace in figure.data)
    y_values = [value for trace in figure.data for value in (trace.y if trace.y is not None else ())]
    names = [str(value) for value in y_values if isinstance(value, str)]
    left = 16 + max((wide(name) for name in names), default=44)
    notes_on_top = any((note.y or 0) >= 0.99 and note.yanchor == "bottom" for note in figure.layout.annotations)
    titled = any(axis.title.text for axis in _x_axes(figure).values())
    plot = _Plot(left, WIDTH - 20, legend_height + (24 if notes_on_top else 12), height - (44 if titled else 26))
    y_axis = axis_of(
        figure.layout.yaxis,
        _stacked(figure, y_values, "y"),
        plot.bottom,
        plot.top,
        from_zero=not horizontal and _has_bars(figure),
    )
    x_axes = {name: _x_axis(figure, name, layout, plot, horizontal) for name, layout in _x_axes(figure).items()}
    frames = {name: Frame(axis, y_axis, key) for name, axis in x_axes.items()}
    parts = [
        *patterns([trace for trace in figure.data if isinstance(trace, go.Bar)], key),
        *_grid(x_axes, y_axis, plot),
        *_shapes(figure, frames, plot, below=True),
    ]
    for name, frame in frames.items():
        own = [trace for trace in figure.data if (trace.xaxis or "x") == name]
        parts += bars([trace for trace in own if isinstance(trace, go.Bar)], frame)
        for trace in own:
            if isinstance(trace, go.Scatter):
                parts += lines(trace, frame)
            elif not isinstance(trace, go.Bar):
                raise ValueError(f"a {trace.type} trace cannot be drawn as a still picture")
    parts += [*_shapes(figure, frames, plot, below=False), *_notes(figure, frames, plot), *legend]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {number(height)}" role="img" '
        f'aria-labelledby="{key}-t {key}-d" font-family="system-ui, sans-serif" font-size="{_SIZE}" '
        f'fill="currentColor"><title id="{key}-t">{html.escape(title)}</title>'
        f'<desc id="{key}-d">{html.escape(description)}</desc>{"".join(parts)}</svg>'
    )


def wide(text: str) -> float:
    """About how many pixels a label takes, in any common typeface: nothing here can measure it."""
    return sum(8.8 if letter.isupper() or ord(letter) > 0x2E80 else 6.6 for letter in text)


def text_of(label: object) -> str:
    """A Plotly label, in which untrusted text is escaped already, escaped once for SVG."""
    return html.escape(html.unescape(str(label)))


def _has_bars(figure: go.Figure) -> bool:
    return any(isinstance(trace, go.Bar) for trace in figure.data)


def _x_axes(figure: go.Figure) -> dict[str, Any]:
    names = sorted({trace.xaxis or "x" for trace in figure.data}, key=lambda name: int(name[1:] or 1))
    return {name: figure.layout[f"xaxis{name[1:]}"] for name in names or ["x"]}


def _x_axis(figure: go.Figure, name: str, layout: Any, plot: _Plot, horizontal: bool) -> Axis:
    low, high = layout.domain or (0.0, 1.0)
    width = plot.right - plot.left
    own = [trace for trace in figure.data if (trace.xaxis or "x") == name]
    values = [value for trace in own for value in (trace.x if trace.x is not None else ())]
    for trace in own:
        if isinstance(trace, go.Scatter) and trace.error_x and trace.error_x.array is not None:
            values += [x + more for x, more in zip(trace.x, trace.error_x.array, strict=True)]
            values += [x - less for x, less in zip(trace.x, trace.error_x.arrayminus, strict=True)]
    if horizontal:
        values = _stacked(figure, values, "x")
    start, end = plot.left + low * width, plot.left + high * width
    return axis_of(layout, values, start, end, from_zero=horizontal and _has_bars(figure))


def _stacked(figure: go.Figure, values: list[Any], along: str) -> list[Any]:
    """Of stacked bars the totals: what the axis has to reach."""
    orientation = "h" if along == "x" else None
    stacks: dict[tuple[str, object], float] = {}
    for trace in figure.data:
        if (
            isinstance(trace, go.Bar)
            and (trace.orientation or None) == orientation
            and figure.layout.barmode == "stack"
        ):
            places, sizes = (trace.y, trace.x) if along == "x" else (trace.x, trace.y)
            for place, size in zip(places, sizes, strict=True):
                key = (trace.xaxis or "x", place)
                stacks[key] = stacks.get(key, 0.0) + float(size)
    return [*values, *stacks.values()] if stacks else values


def _grid(x_axes: dict[str, Axis], y_axis: Axis, plot: _Plot) -> Iterator[str]:
    for axis in x_axes.values():
        for x, label in axis.ticks(max(2, int(abs(axis.end - axis.start) / 52))):
            yield f'<path d="M{number(x)} {number(plot.top)}V{number(plot.bottom)}" {_GRID}/>'
            yield f'<text x="{number(x)}" y="{number(plot.bottom + 16)}" text-anchor="middle">{text_of(label)}</text>'
        for y, _ in y_axis.ticks(5) if not y_axis.categories else ():
            yield f'<path d="M{number(axis.start)} {number(y)}H{number(axis.end)}" {_GRID}/>'
        if axis.title:
            middle = (axis.start + axis.end) / 2
            place = f'x="{number(middle)}" y="{number(plot.bottom + 36)}"'
            yield f'<text {place} text-anchor="middle">{text_of(axis.title)}</text>'
    for y, label in y_axis.ticks(5):
        yield f'<text x="{number(plot.left - 8)}" y="{number(y + 4)}" text-anchor="end">{text_of(label)}</text>'
    if y_axis.title:
        middle = (plot.top + plot.bottom) / 2
        yield (
            f'<text transform="translate(13 {number(middle)}) rotate(-90)" text-anchor="middle">'
            f"{text_of(y_axis.title)}</text>"
        )


def _place(value: float, reference: str, frames: dict[str, Frame], plot: _Plot, along: str) -> float:
    """A coordinate of a shape or a note in pixels. Plotly's "paper" is the plot's area, and its y grows upwards."""
    if reference == "paper" or reference.endswith(" domain"):
        low, high = (plot.left, plot.right) if along == "x" else (plot.bottom, plot.top)
        return low + value * (high - low)
    if along == "y":
        return next(iter(frames.values())).y.at(value)
    return frames[reference].x.at(value)


def _shapes(figure: go.Figure, frames: dict[str, Frame], plot: _Plot, *, below: bool) -> Iterator[str]:
    for shape in figure.layout.shapes:
        if (shape.layer == "below") is not below:
            continue
        x0, x1 = (_place(x, shape.xref or "x", frames, plot, "x") for x in (shape.x0, shape.x1))
        y0, y1 = (_place(y, shape.yref or "y", frames, plot, "y") for y in (shape.y0, shape.y1))
        if shape.type == "line":
            style = line_style(shape.line.color, shape.line.width or 1.5, shape.line.dash)
            yield f'<path d="M{number(x0)} {number(y0)}L{number(x1)} {number(y1)}" {style}/>'
        elif shape.type == "rect":
            left, top, wide, high = min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)
            box = f'x="{number(left)}" y="{number(top)}" width="{number(wide)}" height="{number(high)}"'
            yield f'<rect {box} fill="{shape.fillcolor}" fill-opacity="{number(shape.opacity or 1)}"/>'
        else:
            raise ValueError(f"a shape of type {shape.type} cannot be drawn as a still picture")


def _notes(figure: go.Figure, frames: dict[str, Frame], plot: _Plot) -> Iterator[str]:
    anchors = {"left": "start", "right": "end"}
    drops = {"top": 12, "middle": 4, "bottom": -4}
    for note in figure.layout.annotations:
        x = _place(note.x, note.xref or "x", frames, plot, "x")
        y = _place(note.y, note.yref or "y", frames, plot, "y") + drops.get(note.yanchor or "middle", 4)
        anchor = anchors.get(note.xanchor or "center", "middle")
        yield f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}">{text_of(note.text)}</text>'


def _legend(figure: go.Figure, key: str) -> tuple[list[str], float]:
    """The entries in rows over the plot, and the height they take."""
    if figure.layout.showlegend is False:
        return [], 0.0
    named = [trace for trace in figure.data if trace.name and trace.showlegend is not False]
    if len(named) < 2:
        return [], 0.0
    parts: list[str] = []
    x, y = 14.0, 14.0
    for trace in named:
        width = 38 + wide(html.unescape(str(trace.name))) + 18
        if x > 14 and x + width > WIDTH:
            x, y = 14.0, y + _LINE
        parts += legend_entry(trace, x, y, key)
        parts.append(f'<text x="{number(x + 34)}" y="{number(y + 4)}">{text_of(trace.name)}</text>')
        x += width
    return parts, y + 10
