"""Compare as one fragment, since tau is moved live: table, charts, transitions, texts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.arms import EvaluationResult
from bsm_core.metrics.comparison import comparison_rows, seed_caution
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.comparison_charts import confidence_charts, interval_chart
from bsm_core.ui.components.comparison_table import model_names, show_comparison, show_verdicts
from bsm_core.ui.components.tau_slider import tau_slider
from bsm_core.ui.components.transition_list import choose_set, transition_chart, transition_list
from bsm_core.workbench import Workbench

LOOKS_HELP = (
    "Every evaluation looks at the sealed test split once. The more often one looks and chooses, the less a good "
    "figure on test means."
)


@st.fragment
@shell.guarded
def comparison(workbench: Workbench, study_id: str) -> None:
    """Needs at least one evaluation. Everything is counted again at each move of tau, from stored predictions."""
    store = workbench.store
    study = store.studies.get(study_id)
    left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
    with left:
        tau = tau_slider(workbench, study)
    results = store.evaluations.results(study_id, tau)
    rows = comparison_rows(results)
    with right:
        looks = store.evaluations.looks(study_id)
        st.caption(f"The test split has been looked at {words.count(looks, 'time')}.", help=LOOKS_HELP)
    show_comparison(rows)
    st.caption(
        f"UUs are counted at tau {tau:g}; the range beside a share is its 95% interval; changes are against the "
        "original model. “Not resolvable”: the intervals overlap, so chance could give the difference."
    )
    others = [result for result, row in zip(results, rows, strict=True) if not row.is_original]
    if not others:
        return
    st.markdown("##### What may be said")
    show_verdicts(rows)
    st.warning(seed_caution(results), icon=":material/casino:")
    st.markdown("##### Is it more than chance?")
    interval_chart(rows)
    original = next((result for result, row in zip(results, rows, strict=True) if row.is_original), None)
    if original is not None:
        _before_and_after(workbench, study_id, original, others, tau)


def _before_and_after(
    workbench: Workbench, study_id: str, original: EvaluationResult, others: Sequence[EvaluationResult], tau: float
) -> None:
    store, task = workbench.store, workbench.store.studies.get(study_id).task
    st.markdown("##### What became of the unknown unknowns?")
    frozen = choose_set()
    set_id = original.evaluation.frozen_set_id if frozen else None
    transition_chart(store, original, others, set_id, tau)
    st.markdown("##### One model, closely")
    after, name = _choose_model(others)
    confidence_charts(store, original, after, name, tau)
    transition_list(store, task, original, after, set_id, tau)


def _choose_model(others: Sequence[EvaluationResult]) -> tuple[EvaluationResult, str]:
    """The retrained model looked at closely; kept in the address."""
    names = dict(zip([one.evaluation.model_id for one in others], model_names(others), strict=True))
    key, wanted = "compare-model", session.param("model")
    st.session_state[key] = wanted if wanted in names else next(reversed(names))
    chosen = st.selectbox(
        "Model",
        list(names),
        key=key,
        format_func=lambda one: names.get(one, "?"),
        on_change=lambda: session.put(model=st.session_state[key]),
    )
    return next(one for one in others if one.evaluation.model_id == chosen), names[chosen]
