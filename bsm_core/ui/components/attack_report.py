"""How an attack went: the paper's attack statistics, and the unknown unknowns it brought."""

from __future__ import annotations

import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.confidence import confidence_bins
from bsm_core.charts.outcomes import outcome_bar
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import PerturbationSet
from bsm_core.metrics.attack import AttackStatistics, attack_statistics
from bsm_core.ports import UnknownFilter
from bsm_core.ui import session, words
from bsm_core.ui.components.discovery_form import SET_NAMES
from bsm_core.ui.components.pairs_import import download_pairs
from bsm_core.workbench import Workbench

_HELP = {
    "Accuracy before": "Share of the attacked split's texts that the model gets right as they stand.",
    "Under attack": "Share that it still gets right after the attack.",
    "Fooled": "Texts that were right before and wrong after, of those that were right before.",
    "Words changed": "In a successful attack, the share of a text's words that differ, on average.",
    "Questions asked": "How often the model was asked per attacked text, on average.",
    "Words per text": "On average.",
}


def validation_sets(workbench: Workbench, study: Study, model_id: str) -> list[PerturbationSet]:
    """The attacks on this model's validation texts, newest first."""
    sets = workbench.store.perturbations.sets(study.study_id)
    return [one for one in reversed(sets) if one.split is Split.VALIDATION and one.model_id == model_id]


def attack_report(workbench: Workbench, study: Study, sets: list[PerturbationSet]) -> None:
    """The newest attack, or the one chosen among several."""
    chosen = sets[0]
    if len(sets) > 1:
        chosen = st.selectbox("Attack", sets, format_func=_name, key="discover-set")
    statistics = attack_statistics(workbench.store.perturbations.rows(chosen.set_id))
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown("##### How the attack went", help=f"{SET_NAMES[chosen.recipe][1]} {words.PERTURBATION}")
        _figures(statistics)
        st.plotly_chart(
            outcome_bar(_parts(statistics)), key="outcomes", config=theme.CONFIG, alt="Texts by outcome of the attack"
        )
        st.caption(f"{_name(chosen)}, seed {chosen.seed}, {words.duration(statistics.seconds)} of attacking.")
        download_pairs(workbench, study, chosen)
    with right:
        _unknowns(workbench, study, chosen.model_id)


def _figures(statistics: AttackStatistics) -> None:
    told = {
        "Accuracy before": _share(statistics.original_accuracy),
        "Under attack": _share(statistics.accuracy_under_attack),
        "Fooled": _share(statistics.success_rate),
        "Words changed": _share(statistics.perturbed_words),
        "Questions asked": _mean(statistics.queries),
        "Words per text": _mean(statistics.words_per_input),
    }
    items = list(told.items())
    for start in (0, 3):
        for column, (title, value) in zip(st.columns(3), items[start : start + 3], strict=True):
            column.metric(title, value, border=True, help=_HELP[title])


def _parts(statistics: AttackStatistics) -> list[tuple[str, int]]:
    return [
        ("fooled", statistics.successful),
        ("held", statistics.failed),
        ("wrong before the attack", statistics.skipped),
        ("attack broke", statistics.errors),
    ]


def _unknowns(workbench: Workbench, study: Study, model_id: str) -> None:
    """At the visit's tau, over all attacks on validation."""
    unknowns = UnknownFilter(model_id, session.tau(study))
    counts = workbench.store.unknowns.counts(unknowns)
    st.markdown("##### Unknown unknowns found", help=words.UU)
    natural, perturbed = st.columns(2)
    natural.metric("Natural", f"{counts.natural:,}", border=True, help=words.NATURAL)
    perturbed.metric("Perturbed", f"{counts.adversarial:,}", border=True, help=words.ADVERSARIAL)
    bins = workbench.store.unknowns.histogram(unknowns)
    figure = confidence_bins(bins, unknowns.tau, height=230)
    figure.update_layout(dragmode=False)
    st.plotly_chart(
        figure, key="found", config=theme.CONFIG, alt="Wrong predictions by confidence, natural and perturbed"
    )
    if st.button("Look at them", type="primary", icon=":material/visibility:", key="go-browse"):
        session.go("browse", tau=f"{unknowns.tau:g}")


def _name(one: PerturbationSet) -> str:
    return f"{SET_NAMES[one.recipe][0]} on {one.size:,} texts ({one.goal}), {one.created_at:%d %b %Y %H:%M}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _mean(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
