"""Hypotheses: say why the model fails on some texts; alone, with the teacher, or both."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.arms import Model
from bsm_core.domain.hypotheses import HypothesisKind
from bsm_core.domain.lineage import LineageNode, flatten
from bsm_core.domain.studies import Study
from bsm_core.ui import shell, words
from bsm_core.ui.components.curated_import import curated_import
from bsm_core.ui.components.hypothesis_editor import chosen_parent, show_editor
from bsm_core.ui.components.hypothesis_effects import hypothesis_effects
from bsm_core.ui.components.hypothesis_ledger import hypothesis_ledger
from bsm_core.ui.components.lineage import load_lineage, show_hypotheses
from bsm_core.ui.components.no_baseline import no_baseline
from bsm_core.ui.components.rejected_drafts import rejected_drafts
from bsm_core.ui.components.sections import choose_section
from bsm_core.ui.components.sources import chosen_items, load_sources, no_sources, show_sources
from bsm_core.ui.components.write_form import write_panel
from bsm_core.workbench import Workbench

_SECTIONS = {"write": "Write", "ledger": "Ledger", "weigh": "What each one does"}


def draw(workbench: Workbench, study: Study) -> None:
    model = workbench.store.models.baseline(study.study_id)
    if model is None:
        no_baseline(
            workbench, study.study_id, "Hypotheses are about a classifier's mistakes: train the baseline first."
        )
        return
    match choose_section("hypotheses", _SECTIONS, "write"):
        case "ledger":
            hypothesis_ledger(workbench, study)
            return
        case "weigh":
            hypothesis_effects(workbench, study)
            return
    nodes = load_lineage(workbench.store, study.study_id)
    write(workbench, study, model, nodes)
    write_panel(workbench, study)
    with st.expander("Import hypotheses and samples", icon=":material/library_add:"):
        curated_import(workbench, study)
    count = len(flatten(nodes))
    st.markdown(f"##### {words.count(count, 'hypothesis', 'hypotheses')}" if count else "##### Hypotheses")
    show_hypotheses(workbench, study.study_id, nodes)
    rejected_drafts(workbench, study.study_id, nodes)


def write(workbench: Workbench, study: Study, model: Model, nodes: list[LineageNode]) -> None:
    item_ids = chosen_items(study.study_id)
    sources, missing = load_sources(workbench.store, model.model_id, item_ids)
    if missing:
        st.warning(f"{words.count(missing, 'chosen text')} cannot be found among this model's mistakes.")
    abstractions = [node for node in flatten(nodes) if node.hypothesis.kind is HypothesisKind.ABSTRACTION]
    parent = chosen_parent(study.study_id, abstractions)
    shown = sources
    if not sources and parent is not None:
        shown, _ = load_sources(workbench.store, model.model_id, parent.hypothesis.source_item_ids)
    if not sources and parent is None:
        no_sources(workbench.store, study, model.model_id)
        return
    left, right = st.columns(2, gap="large")
    with left:
        if shown:
            show_sources(shown, study.task, key=f"hypothesis-source-{study.study_id}")
        else:
            st.info("The abstraction rests on no texts that can be shown.", icon=":material/info:")
    with right:
        show_editor(workbench, study.study_id, [uu.item_id for uu in sources], abstractions)


shell.show_page(
    "hypotheses",
    "Say why the model fails: first an abstraction from texts it gets wrong, then what else that suggests. "
    "Write it yourself, ask the teacher, or edit what the teacher wrote.",
    draw,
)
