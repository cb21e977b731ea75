"""Axes of a static drawing: where a value lies, which ticks there are, and how they read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps values to pixels between ``start`` and ``end``. ``categories`` is empty for a number axis."""

    low: float
    high: float
    start: float
    end: float
    categories: tuple[str, ...] = ()
    percent: bool = False
    title: str = ""

    def at(self, value: Any) -> float:
        """The pixel of a number, or the middle of a category."""
        number = self.categories.index(str(value)) + 0.5 if self.categories else float(value)
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def band(self) -> float:
        """Pixels of one category."""
        return abs(self.end - self.start) / max(1, len(self.categories))

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """(pixel, label), about ``most`` of them for numbers; one a category."""
        if self.categories:
            return [(self.at(name), name) for name in self.categories]
        step = nice_step((self.high - self.low) / max(1, most))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [(self.at(n * step), told(n * step, step, self.percent)) for n in range(first, last + 1)]


def nice_step(rough: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    if rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step for step in STEPS if step * power >= rough * (1 - 1e-9)) * power


def told(value: float, step: float, percent: bool) -> str:
    """A tick's label: ``30%``, ``1,200``, ``0.65``."""
    if percent:
        return f"{value:.0%}" if step >= 0.0099 else f"{value:.1%}"
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:,.{digits}f}"


def axis_of(layout: Any, values: Iterable[Any], start: float, end: float, *, from_zero: bool) -> Axis:
    """``layout`` is the figure's axis; ``values`` are all that lies on it. ``from_zero``: bars stand on it."""
    known = [value for value in values if value is not None]
    title = (layout.title.text if layout.title else None) or ""
    percent = str(layout.tickformat or "").endswith("%")
    if any(isinstance(value, str) for value in known):
        names = tuple(dict.fromkeys(str(value) for value in known))
        # Plotly puts the first category below, unless the axis is reversed; pixels grow downwards.
        turned = layout.autorange == "reversed"
        low, high = (end, start) if turned else (start, end)
        return Axis(0.0, float(len(names)), low, high, names, title=title)
    low_value, high_value = _bounds(layout, [float(value) for value in known], from_zero)
    return Axis(low_value, high_value, start, end, percent=percent, title=title)


def _bounds(layout: Any, numbers: Sequence[float], from_zero: bool) -> tuple[float, float]:
    if layout.range is not None:
        return float(layout.range[0]), float(layout.range[1])
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    if from_zero or layout.rangemode == "tozero":
        low, high = min(0.0, low), max(0.0, high)
    room = 0.05 * (high - low or 1.0)
    return (low if low == 0 else low - room), high + room
