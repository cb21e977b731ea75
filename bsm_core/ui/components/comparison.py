"""Compare as one fragment, since tau is moved live: the answer and table 2, then one section of details."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.arms import EvaluationResult
from bsm_core.domain.comparison import EvaluationScope
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Task
from bsm_core.metrics.comparison import seed_caution
from bsm_core.ports import Store
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.comparison_answer import show_answer, show_verdicts
from bsm_core.ui.components.comparison_charts import confidence_charts, effect_chart, interval_chart
from bsm_core.ui.components.comparison_costs import show_costs
from bsm_core.ui.components.comparison_curves import show_calibration, show_curves
from bsm_core.ui.components.comparison_labels import show_labels
from bsm_core.ui.components.comparison_means import show_means
from bsm_core.ui.components.comparison_spots import show_spots
from bsm_core.ui.components.comparison_table import model_names, show_comparison
from bsm_core.ui.components.comparison_tests import show_tests
from bsm_core.ui.components.sections import choose_section
from bsm_core.ui.components.tau_slider import tau_slider
from bsm_core.ui.components.transition_list import choose_set, transition_chart, transition_list
from bsm_core.workbench import Workbench
from bsm_core.workflow import compare

SECTIONS = {
    "tests": "Every test",
    "texts": "What became of them",
    "tau": "Over tau",
    "calibration": "Calibration",
    "labels": "Labels kept",
    "spots": "Seen and unseen",
    "costs": "What it cost",
}

LOOKS_HELP = (
    "Every evaluation looks at the sealed test split once. The more often one looks and chooses, the less a good "
    "figure on test means."
)


@st.fragment
@shell.guarded
def comparison(workbench: Workbench, study_id: str, experiment_id: str | None = None, set_name: str = "") -> None:
    """Of the study's own arms, or of an experiment's. Needs at least one evaluation. Everything is counted again at
    each move of tau, from stored predictions."""
    store = workbench.store
    study = store.studies.get(study_id)
    scope = EvaluationScope(experiment_id, set_name)
    decisive = store.experiments.get(experiment_id).tau if experiment_id else study.tau
    left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
    with left:
        tau = tau_slider(workbench, study)
    with right:
        looks = store.evaluations.looks(study_id)
        st.caption(f"The test split has been looked at {words.count(looks, 'time')}.", help=LOOKS_HELP)
    found = compare.comparison(store, study_id, tau, scope)
    if found.others:
        show_answer(found, tau, decisive)
    if len(found.rows) == len({row.result.arm for row in found.rows}):
        _table(found, tau)
    else:  # the answer and the means first: models are many
        show_means(found)
        effect_chart(found.primary)
        with st.expander("Every model, seed by seed", icon=":material/table:"):
            _table(found, tau)
    if not found.others:
        return
    st.markdown("##### What may be said")
    control = compare.scaling_control(store, found.original, tau) if found.original else None
    show_verdicts(found, control)
    st.warning(seed_caution(found.results), icon=":material/casino:")
    if experiment_id is None:
        session.link("experiments", "Try every treatment with several seeds, by a plan fixed beforehand")
    _details(workbench, study, found, control, tau)


def _table(found: compare.Comparison, tau: float) -> None:
    show_comparison(found.rows)
    st.caption(
        f"UUs are counted at tau {tau:g}; the range beside a share is its 95% interval; changes are against the "
        "original model. “Not resolvable”: the paired test on the same texts cannot tell it from chance."
    )


def _details(
    workbench: Workbench,
    study: Study,
    found: compare.Comparison,
    control: compare.ScalingControl | None,
    tau: float,
) -> None:
    looked_at = any(session.param(name) for name in ("model", "transition", "set"))
    st.divider()
    match choose_section("compare", SECTIONS, "texts" if looked_at else "tests"):
        case "tests":
            show_tests(found)
            if len(found.rows) == len({row.result.arm for row in found.rows}):
                interval_chart(found.rows)
        case "tau":
            show_curves(workbench.store, study.study_id, found, tau)
        case "calibration":
            show_calibration(workbench.store, found, control)
        case "labels":
            show_labels(workbench, study.study_id, found, tau)
        case "spots":
            show_spots(workbench, study, found, tau)
        case "costs":
            show_costs(workbench, study.study_id, found)
        case _ if found.original is not None:
            _before_and_after(workbench.store, study.task, found.original, found.others, tau)


def _before_and_after(
    store: Store, task: Task, original: EvaluationResult, others: Sequence[EvaluationResult], tau: float
) -> None:
    st.markdown("##### What became of the unknown unknowns?")
    frozen = choose_set()
    set_id = original.evaluation.frozen_set_id if frozen else None
    transition_chart(store, original, others, set_id, tau)
    st.markdown("##### One model, closely")
    after, name = _choose_model(others)
    transition_list(store, task, original, after, set_id, tau)
    confidence_charts(store, original, after, name, tau)


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
