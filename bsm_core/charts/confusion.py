"""Which label is taken for which."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from bsm_core.charts import theme


def confusion_matrix(
    counts: Sequence[tuple[int, int, int]], label_names: Sequence[str], height: int = 320
) -> go.Figure:
    """``counts`` has (label, predicted, count). Shaded by the share of each row; every cell says its count."""
    size = len(label_names)
    cells = [[0] * size for _ in range(size)]
    for label, predicted, count in counts:
        cells[label][predicted] = count
    totals = [sum(row) or 1 for row in cells]
    shares = [[cell / total for cell in row] for row, total in zip(cells, totals, strict=True)]
    names = [theme.label(name) for name in label_names]
    figure = theme.figure(height)
    figure.add_heatmap(
        z=shares,
        x=names,
        y=names,
        zmin=0,
        zmax=1,
        text=[[f"{cell:,}" for cell in row] for row in cells],
        texttemplate="%{text}",
        textfont={"size": 15},
        # Opaque, so that the numbers' own choice of light or dark is right on any background.
        colorscale=[[0, "#dfeaf5"], [1, "#24609c"]],
        showscale=False,
        xgap=3,
        ygap=3,
        hovertemplate="%{text} of %{y} called %{x} (%{z:.1%})<extra></extra>",
    )
    figure.update_xaxes(title="The model says", side="bottom", showgrid=False, type="category")
    figure.update_yaxes(title="The label is", autorange="reversed", showgrid=False, type="category")
    return figure
