"""Colours and layout shared by all charts: told apart with any colour vision, readable on light and dark."""

from __future__ import annotations

import html
from typing import Any

import plotly.graph_objects as go

from bsm_core.legible import one_line

# After Okabe and Ito's palette, with lightness chosen for at least 3:1 against both backgrounds.
NATURAL = "#3d84c6"
ADVERSARIAL = "#d9700f"
RIGHT = "#2a8a6b"
WRONG = "#d9700f"
NEUTRAL = "#8a919c"
ACCENT = "#b0568f"
GRID = "rgba(138, 145, 156, 0.22)"

SERIES = (NATURAL, ADVERSARIAL, RIGHT, ACCENT, NEUTRAL, "#7a68c0", "#9c7a1c")
"""For arms and other series, in order."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
"""Lines differ by dash as well as by colour."""

PATTERNS = ("", "/", "x", "-", ".")
"""Bars differ by pattern as well as by colour."""


def pattern(shape: str) -> dict[str, Any]:
    """A bar's pattern: pale strokes over its full colour. ``shape`` is one of PATTERNS."""
    return {"shape": shape, "fillmode": "overlay", "fgcolor": "rgba(255, 255, 255, 0.6)", "size": 6, "solidity": 0.22}


CONFIG: dict[str, Any] = {"displayModeBar": False, "responsive": True}
"""For ``st.plotly_chart(config=...)``: no tool bar over the figure."""


def figure(height: int = 260, **layout: Any) -> go.Figure:
    """An empty figure on a transparent background; Streamlit's theme sets the font."""
    # In one go: each later update of a figure costs milliseconds, which a moving slider feels.
    axis = {"gridcolor": GRID, "zeroline": False, "automargin": True}
    legend = layout.get("legend", {})
    return go.Figure(
        layout={
            "height": height,
            "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "hoverlabel": {"namelength": -1},
            **layout,
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": None, **legend},
            "xaxis": axis | layout.get("xaxis", {}),
            "yaxis": axis | layout.get("yaxis", {}),
        }
    )


def label(name: str, limit: int = 32) -> str:
    """An untrusted name for an axis, legend or hover: Plotly reads a little HTML there, so it is escaped."""
    return html.escape(one_line(name, limit), quote=False)
