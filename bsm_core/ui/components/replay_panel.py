"""Frozen sets: what each model makes of the texts that fooled another one, and the way to ask it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import PerturbationSet
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.attack_columns import STYLE, replay_table_html
from bsm_core.ui.components.attack_names import name_set
from bsm_core.ui.components.model_choice import name_models
from bsm_core.workbench import Workbench


def replay_panel(
    workbench: Workbench, study: Study, sets: Sequence[PerturbationSet], shown: Sequence[PerturbationSet], *, busy: bool
) -> None:
    """``shown`` are the sets of the table; any of ``sets`` can be replayed, while no job is ``busy``."""
    st.caption(
        "A frozen set is replayed: the very texts that fooled one model are put to another one, which was not attacked "
        "itself. It usually does better on them than under an attack of its own. The model that was attacked was "
        "fooled by all of them."
    )
    models = name_models(workbench.store.models.all(study.study_id))
    tau = session.tau(study)
    if shown:
        replays = workbench.store.perturbations.replays([one.set_id for one in shown], tau)
        st.html(STYLE + replay_table_html(shown, replays, models))
        st.caption(f"Unknown unknowns at tau {tau:g}, of the texts that fooled the attacked model.")
    if busy:
        st.caption("Another job is running; a replay can be started when it is done.")
    elif len(models) < 2:
        st.caption("There is one model so far, and it was attacked itself. Retrained ones can be asked here.")
    else:
        _form(workbench, study, sets, models)


def _form(workbench: Workbench, study: Study, sets: Sequence[PerturbationSet], models: dict[str, str]) -> None:
    by_id = {one.set_id: one for one in sets}
    left, right = st.columns(2, gap="large", vertical_alignment="top")
    with left:
        model_id = st.selectbox(
            "Model",
            list(reversed(models)),
            format_func=lambda one: models.get(one, "?"),
            key=f"replay-model-{study.study_id}",
        )
    with right:
        set_id = st.selectbox(
            "Frozen set",
            list(by_id),
            format_func=lambda one: name_set(by_id[one], models) if one in by_id else "?",
            key=f"replay-set-{study.study_id}",
        )
    look = False
    if by_id[set_id].split is Split.TEST:
        looks = workbench.store.evaluations.looks(study.study_id)
        st.warning(
            f"This set is of the sealed test split, which has been looked at {words.count(looks, 'time')}. "
            "The replay counts as one more look.",
            icon=":material/lock_open:",
        )
        look = st.checkbox("Look at test once more", key=f"replay-look-{set_id}-{looks}")
    st.button(
        "Replay",
        type="primary",
        icon=":material/replay:",
        key="replay-start",
        on_click=_start,
        args=(workbench, study.study_id, model_id, set_id, look),
        disabled=by_id[set_id].split is Split.TEST and not look,
    )


def _start(workbench: Workbench, study_id: str, model_id: str, set_id: str, look: bool) -> None:
    if shell.attempt(workbench.attacks.replay, study_id, model_id, set_id, look=look):
        session.flash("The replay has started in the background. Its answers come into the table of the same texts.")
