"""What became of each text between ORIGINAL and a retrained model, down to the texts themselves."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.transitions import transitions
from bsm_core.domain.arms import EvaluationResult, Transition
from bsm_core.domain.tasks import Task
from bsm_core.domain.unknowns import UUOrigin
from bsm_core.ports import Store, TransitionRow
from bsm_core.ui import session, words
from bsm_core.ui.components.comparison_table import model_names
from bsm_core.ui.components.diff import show_diff
from bsm_core.ui.components.pagination import first_page, paginate
from bsm_core.ui.components.probabilities import show_probabilities

SIZE = 5
_PAGE = "transitions-page"
MEANINGS = {
    Transition.FIXED: "A UU of the original model that the retrained one gets right.",
    Transition.DEMOTED: "Still wrong, but no longer confident: below tau.",
    Transition.PERSISTENT: "A UU of both models.",
    Transition.NEW: "A UU of the retrained model only: the price of the change.",
}
_ORDER = sorted(Transition, key=lambda one: one is not Transition.NEW)
"""New UUs come first: they are what a sceptic asks for."""
_SETS = {True: "Perturbed texts (frozen set)", False: "Clean test texts"}


def choose_set() -> bool:
    """True for the frozen set, False for clean texts; kept in the address."""
    key = "transition-set"
    st.session_state[key] = session.param("set") != "clean"
    frozen = st.segmented_control(
        "On which texts",
        list(_SETS),
        key=key,
        required=True,
        format_func=lambda one: _SETS[one],
        on_change=_set_changed,
        args=(key,),
    )
    return frozen is not False


def _set_changed(key: str) -> None:
    session.put(set=None if st.session_state[key] else "clean")
    first_page(_PAGE)


def transition_chart(
    store: Store, original: EvaluationResult, others: Sequence[EvaluationResult], set_id: str | None, tau: float
) -> None:
    """One bar an arm."""
    bars = [
        (name, store.evaluations.transitions(original.evaluation.model_id, other.evaluation.model_id, set_id, tau))
        for name, other in zip(model_names(others), others, strict=True)
    ]
    st.plotly_chart(
        transitions(bars), key="transitions", config=theme.CONFIG, alt="Fixed, demoted, persistent and new UUs by model"
    )


def transition_list(
    store: Store, task: Task, original: EvaluationResult, after: EvaluationResult, set_id: str | None, tau: float
) -> None:
    """The texts of one transition of one arm, the most confident mistakes first."""
    before_id, after_id = original.evaluation.model_id, after.evaluation.model_id
    st.markdown("##### Its texts")
    counts = store.evaluations.transitions(before_id, after_id, set_id, tau)
    chosen = _choose_transition(counts)
    st.caption(MEANINGS[chosen])
    offset = (int(st.session_state.get(_PAGE, 1)) - 1) * SIZE
    if offset >= counts[chosen]:
        offset = 0
    page = store.evaluations.transition_page(before_id, after_id, set_id, tau, chosen, limit=SIZE, offset=offset)
    if not page.rows:
        st.info(f"No {chosen.value} texts at tau {tau:g}.", icon=":material/search_off:")
        return
    for row in page.rows:
        _text(row, task)
    paginate(page.total, _PAGE, size=SIZE, noun=f"{chosen.value} texts")


def _choose_transition(counts: dict[Transition, int]) -> Transition:
    key, wanted = "transition-kind", session.param("transition")
    st.session_state[key] = Transition(wanted) if wanted in list(Transition) else Transition.NEW
    chosen = st.segmented_control(
        "What became of them",
        _ORDER,
        key=key,
        required=True,
        format_func=lambda one: f"{one.value.capitalize()} ({counts.get(one, 0):,})",
        on_change=_transition_changed,
        args=(key,),
        help=" ".join(f"{kind.value.capitalize()}: {MEANINGS[kind]}" for kind in Transition),
    )
    return chosen or Transition.NEW


def _transition_changed(key: str) -> None:
    session.put(transition=st.session_state[key].value)
    first_page(_PAGE)


def _text(row: TransitionRow, task: Task) -> None:
    with st.container(border=True):
        left, right = st.columns([3, 2], gap="medium")
        with left:
            origin = words.ORIGINS[UUOrigin.ADVERSARIAL if row.perturbed_text else UUOrigin.NATURAL]
            st.caption(f"{origin} · {row.transition.value}")
            show_diff(row.original_text, row.perturbed_text, task.text_fields)
        with right:
            show_probabilities("Original model", row.before, task.label_names, row.label)
            show_probabilities("Retrained model", row.after, task.label_names, row.label)
