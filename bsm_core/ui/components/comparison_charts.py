"""Intervals of all models side by side, and confidence before and after (figures 4 and 5)."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.before_after import before_after
from bsm_core.charts.forest import ForestLine, forest
from bsm_core.charts.intervals import intervals
from bsm_core.domain.arms import EvaluationResult
from bsm_core.metrics.comparison import ComparisonRow
from bsm_core.metrics.effects import Effect
from bsm_core.metrics.verdicts import p_words
from bsm_core.ports import Store
from bsm_core.ui import words
from bsm_core.ui.components.comparison_table import model_names


def interval_chart(rows: Sequence[ComparisonRow]) -> None:
    """Each measure with its interval; the band is ORIGINAL's."""
    names = model_names([row.result for row in rows])
    panels = (
        ("Right on clean texts", [row.correct for row in rows]),
        ("Natural UUs", [row.natural for row in rows]),
        ("Frozen UUs", [row.frozen for row in rows]),
        ("Fresh UUs", [row.fresh for row in rows]),
    )
    st.plotly_chart(
        intervals(names, panels), key="intervals", config=theme.CONFIG, alt="Each model's shares with 95% intervals"
    )
    st.caption(
        "Lines are 95% intervals of each share on its own (Wilson), the grey band is the original model's. A filled "
        "dot differs from it by the paired test; a hollow one cannot be told from it at this size. Since the models "
        "answer the same texts, intervals may overlap where the paired test sees a difference."
    )


def effect_chart(found: Sequence[Effect]) -> None:
    """Each arm's change with its interval: for arms of several seeds, whose models would fill a page."""
    lines = [
        ForestLine(
            words.ARMS[one.arm],
            one.change,
            one.intervals.change.low,
            one.intervals.change.high,
            one.resolved,
            f"p {p_words(one.adjusted)} after Holm",
        )
        for one in found
        if one.change is not None and one.intervals.change is not None
    ]
    if not lines:
        return
    title = "Change of unknown unknowns after a fresh attack"
    st.plotly_chart(
        forest([("change", lines)], title, percent=True),
        key="effects",
        config=theme.CONFIG,
        alt="Each treatment's change of unknown unknowns against the original, with its 95% interval",
    )
    st.caption(
        "Against the original model, means over seeds; lines are 95% intervals over texts and seeds. A filled dot is "
        "more than chance after Holm; a hollow one cannot be told from no change at this size."
    )


def confidence_charts(store: Store, original: EvaluationResult, after: EvaluationResult, name: str, tau: float) -> None:
    """Perturbed texts by confidence, right and wrong: ORIGINAL against the chosen model, on both sets."""
    frozen = original.evaluation.frozen_set_id
    first, second = original.evaluation.model_id, after.evaluation.model_id
    before = store.evaluations.confidence_bins(first, frozen)
    for title, key, bins, text in (
        (
            "The same perturbed texts, replayed",
            "frozen",
            store.evaluations.confidence_bins(second, frozen),
            "The frozen set fooled the original model by construction: every arm looks better on it.",
        ),
        (
            "Each model under its own fresh attack",
            "fresh",
            store.evaluations.confidence_bins(second, after.evaluation.fresh_set_id),
            "Successful perturbations only, found anew for the retrained model: the harder test.",
        ),
    ):
        st.markdown(f"**{title}**")
        st.plotly_chart(
            before_after(before, bins, tau, ("Original model", name)),
            key=f"before-after-{key}",
            config=theme.CONFIG,
            alt=f"{title}: right and wrong answers by confidence, before and after",
        )
        st.caption(text)
