"""What became of the unknown unknowns of ORIGINAL, arm by arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from bsm_core.charts import theme
from bsm_core.domain.arms import Transition

_STRIPE = "rgba(255, 255, 255, 0.45)"
_LOOKS = {
    Transition.FIXED: (theme.RIGHT, ""),
    Transition.DEMOTED: (theme.NATURAL, "."),
    Transition.PERSISTENT: (theme.WRONG, "/"),
    Transition.NEW: (theme.ACCENT, "x"),
}


def transitions(arms: Sequence[tuple[str, Mapping[Transition, int]]]) -> go.Figure:
    """One bar an arm: fixed, demoted and persistent add up to ORIGINAL's unknown unknowns (the dotted line); new ones
    come after it. ``arms`` has (name in our own words, counts)."""
    names = [name for name, _ in arms]
    figure = theme.figure(110 + 46 * len(arms), barmode="stack", bargap=0.35)
    for kind, (color, pattern) in _LOOKS.items():
        counts = [of.get(kind, 0) for _, of in arms]
        figure.add_bar(
            y=names,
            x=counts,
            orientation="h",
            name=kind.value.capitalize(),
            text=[str(count) if count else "" for count in counts],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": "#ffffff"},
            marker={
                "color": color,
                "pattern": {"shape": pattern, "solidity": 0.2, "fillmode": "overlay", "fgcolor": _STRIPE},
            },
            hovertemplate=f"%{{y}}: %{{x}} {kind.value}<extra></extra>",
        )
    before = max((sum(n for kind, n in of.items() if kind is not Transition.NEW) for _, of in arms), default=0)
    figure.add_vline(x=before, line={"dash": "dot", "width": 1.5, "color": theme.NEUTRAL})
    figure.update_layout(legend_traceorder="normal")
    figure.update_xaxes(title="Texts", rangemode="tozero")
    figure.update_yaxes(autorange="reversed")
    return figure
