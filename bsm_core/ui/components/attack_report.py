"""How attacks went, side by side: the paper's attack statistics, and the unknown unknowns they brought."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.confidence import confidence_bins
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import PerturbationSet
from bsm_core.ports import UnknownFilter
from bsm_core.report.attack_table import AttackColumn, attack_columns, attack_csv, attack_records
from bsm_core.ui import session, words
from bsm_core.ui.components import outcome_bar
from bsm_core.ui.components.attack_columns import STYLE, attack_table_html
from bsm_core.ui.components.attack_names import name_set
from bsm_core.ui.components.corrected import show_corrected
from bsm_core.ui.components.model_choice import name_models
from bsm_core.ui.components.pairs_import import download_pairs
from bsm_core.ui.components.tau_slider import tau_slider
from bsm_core.ui.text import html
from bsm_core.workbench import Workbench

_BESIDE = 2
"""Columns of the table that leave room for the unknown unknowns at its side."""


def attack_report(
    workbench: Workbench, study: Study, sets: Sequence[PerturbationSet], baseline_id: str
) -> list[PerturbationSet]:
    """The sets that are chosen of ``sets`` (newest first); returned as well."""
    models = name_models(workbench.store.models.all(study.study_id))
    left, right = st.columns([3, 1], gap="large")
    with right:
        tau = tau_slider(workbench, study)
    with left:
        chosen = _choose(study, sets, models, baseline_id)
    if not chosen:
        st.info("Choose at least one attack to see how it went.", icon=":material/checklist:")
        return []
    by_label = st.session_state.get(f"discover-by-label-{study.study_id}", False)
    columns = attack_columns(workbench.store, chosen, tau, by_label=by_label)
    if len(columns) <= _BESIDE:
        left, right = st.columns([3, 2], gap="large")
    else:
        left, right = st.container(), st.container()
    with left:
        _table(workbench, study, columns, models, tau)
    with right:
        _unknowns(workbench, study, chosen[0].model_id, models)
    return chosen


def _choose(
    study: Study, sets: Sequence[PerturbationSet], models: dict[str, str], baseline_id: str
) -> list[PerturbationSet]:
    """What is new at first. Attacks on test came from evaluations, and can be chosen as well."""
    by_id = {one.set_id: one for one in sets}
    first = _newest(sets, baseline_id)
    ids = st.multiselect(
        "Attacks, side by side",
        list(by_id),
        default=first,
        format_func=lambda one: name_set(by_id[one], models) if one in by_id else one,
        key="-".join(["discover-sets", study.study_id, *first]),
        placeholder="Choose attacks to compare",
        help="Every stored attack and every file of pairs. Those on test were made by evaluations.",
    )
    return [by_id[one] for one in ids if one in by_id]


def _newest(sets: Sequence[PerturbationSet], baseline_id: str) -> list[str]:
    """The baseline's newest attack on validation, and beside it a newer one on another model."""
    found = [one for one in sets if one.split is Split.VALIDATION] or list(sets)
    own = next((one for one in found if one.model_id == baseline_id), found[0])
    return list(dict.fromkeys([own.set_id, found[0].set_id]))


def _table(
    workbench: Workbench, study: Study, columns: Sequence[AttackColumn], models: dict[str, str], tau: float
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown("##### How the attacks went", help=words.PERTURBATION, width="content")
        st.toggle(
            "By label", key=f"discover-by-label-{study.study_id}", help="Each label's texts on their own as well."
        )
    wholes = [column for column in columns if column.label is None]
    bars = "".join(_bar(column, models, named=len(wholes) > 1) for column in wholes)
    st.html(outcome_bar.STYLE + STYLE + bars + attack_table_html(columns, models))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Unknown unknowns at tau {tau:g}.", width="content")
        _downloads(workbench, study, columns, models, tau)


def _bar(column: AttackColumn, models: dict[str, str], *, named: bool) -> str:
    name = f'<div class="bsm-field">{html(name_set(column.chosen, models))}</div>' if named else ""
    return f'<div style="margin-bottom: .8rem">{name}{outcome_bar.outcome_html(column.statistics)}</div>'


def _downloads(
    workbench: Workbench, study: Study, columns: Sequence[AttackColumn], models: dict[str, str], tau: float
) -> None:
    with st.popover("Download", icon=":material/download:"):
        st.download_button(
            "This table (CSV)",
            attack_csv(attack_records(columns, tau)),
            file_name="attacks.csv",
            mime="text/csv",
            icon=":material/table:",
            key="attacks-download",
            on_click="ignore",
            help="Unrounded, a row a column of the table, with the ids of sets and models.",
        )
        st.caption("Texts, outputs, queries and outcome of every pair, as TextAttack's CSV log:")
        for column in columns:
            if column.label is None:
                download_pairs(workbench, study, column.chosen, name_set(column.chosen, models))


def _unknowns(workbench: Workbench, study: Study, model_id: str, models: dict[str, str]) -> None:
    """At the visit's tau, over all attacks on validation."""
    unknowns = UnknownFilter(model_id, session.tau(study))
    counts = workbench.store.unknowns.counts(unknowns)
    st.markdown("##### Unknown unknowns found", help=words.UU)
    if len(models) > 1:
        st.caption(f"{models[model_id]}, on validation, over all its texts and sets.")
    natural, perturbed = st.columns(2)
    natural.metric("Natural", f"{counts.natural:,}", border=True, help=words.NATURAL)
    perturbed.metric("Perturbed", f"{counts.adversarial:,}", border=True, help=words.ADVERSARIAL)
    show_corrected(workbench, study.study_id, model_id, unknowns.tau)
    bins = workbench.store.unknowns.histogram(unknowns)
    figure = confidence_bins(bins, unknowns.tau, height=230)
    figure.update_layout(dragmode=False)
    st.plotly_chart(
        figure, key="found", config=theme.CONFIG, alt="Wrong predictions by confidence, natural and perturbed"
    )
    if st.button("Look at them", type="primary", icon=":material/visibility:", key="go-browse"):
        baseline = workbench.store.models.baseline(study.study_id)
        other = None if baseline is not None and baseline.model_id == model_id else model_id
        session.go("browse", tau=f"{unknowns.tau:g}", model=other)
