"""Which unknown unknowns to look at: the controls over the list on Browse."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.confidence import box_range, confidence_bins
from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import UUOrigin, Verdict
from bsm_core.errors import NotFoundError
from bsm_core.ports import UnknownFilter
from bsm_core.ui import session, words
from bsm_core.ui.components.model_choice import choose_model
from bsm_core.ui.components.pagination import first_page
from bsm_core.ui.components.tau_slider import tau_slider
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench

PAGE = "browse-page"
UNJUDGED = "unjudged"
_ALL, _ANY = "all", "any"

_VERDICTS = {
    _ANY: "any verdict",
    UNJUDGED: "not judged yet",
    **{verdict.value: words.VERDICTS[verdict] for verdict in Verdict},
}


def _key(study_id: str, name: str) -> str:
    return f"browse-{name}-{study_id}"


def changed() -> None:
    """Callback of every filter: back to the first page, and to its first text."""
    first_page(PAGE)
    session.put(item=None)


def filter_bar(workbench: Workbench, study: Study) -> UnknownFilter:
    """Model, where there are several; tau, origin, labels, verdict and search in one row; the brushed range of
    confidence on top."""
    study_id = study.study_id
    model_id = _choose_model(workbench, study_id)
    tau, kind, labels, judged, words_in = st.columns([1.1, 1.45, 1.05, 1, 1], gap="small")
    with tau:
        found = UnknownFilter(model_id, tau_slider(workbench, study))
    with kind:
        found = replace(found, origin=_choose_origin(study_id))
    with labels:
        label, predicted = _choose_pair(workbench, study, found) or (None, None)
    with judged:
        verdict = st.selectbox(
            "Label still right?",
            list(_VERDICTS),
            key=_key(study_id, "verdict"),
            on_change=changed,
            format_func=lambda one: _VERDICTS[one],
            help=words.VERDICT,
            persist_state="session",
        )
    with words_in:
        search = st.text_input(
            "Search",
            key=_key(study_id, "search"),
            type="search",
            live=True,
            on_change=changed,
            placeholder="words in the text",
            persist_state="session",
        )
    low, high = chosen_range(study_id, found.tau) or (None, None)
    return replace(
        found,
        label=label,
        predicted=predicted,
        verdict=None if verdict == _ANY else verdict,
        search=(search or "").strip(),
        confidence_low=low,
        confidence_high=high,
    )


def _choose_model(workbench: Workbench, study_id: str) -> str:
    """Kept in the address. The baseline, unless another one is chosen there."""
    baseline = workbench.store.models.baseline(study_id)
    if baseline is None:
        raise NotFoundError("this study has no baseline yet; train it on the Baseline page")
    models, key = workbench.store.models.all(study_id), _key(study_id, "model")
    wanted = session.param("model")
    # The widget follows the address, never the other way round, but for a choice made in it.
    st.session_state[key] = wanted if wanted in [one.model_id for one in models] else baseline.model_id
    return choose_model(
        models,
        baseline.model_id,
        key,
        "Whose mistakes: on validation texts, on the sets that attacked it, and on those replayed on it.",
        on_change=lambda: _model_changed(key, baseline.model_id),
        width=340,
    )


def _model_changed(key: str, baseline_id: str) -> None:
    chosen = st.session_state[key]
    session.put(model=None if chosen == baseline_id else chosen)
    changed()


def _choose_origin(study_id: str) -> UUOrigin | None:
    chosen = st.segmented_control(
        "Origin",
        [_ALL, *UUOrigin],
        key=_key(study_id, "origin"),
        default=_ALL,
        required=True,
        on_change=changed,
        format_func=lambda one: words.ORIGINS.get(one, one),
        help=f"Natural: {words.NATURAL} Perturbed: {words.ADVERSARIAL}",
        persist_state="session",
    )
    return None if chosen in (None, _ALL) else UUOrigin(chosen)


def _choose_pair(workbench: Workbench, study: Study, base: UnknownFilter) -> tuple[int, int] | None:
    key, names = _key(study.study_id, "pair"), study.task.label_names
    found = {(label, said): number for label, said, number in workbench.store.unknowns.label_pairs(base)}
    current = st.session_state.get(key, _ANY)
    if current != _ANY:
        found.setdefault(current, 0)

    def told(pair: str | tuple[int, int]) -> str:
        if isinstance(pair, str):
            return "any labels"
        label, said = (one_line(names[place], 24) for place in pair)
        return f"{label}, called {said} ({found[pair]:,})"

    options: list[str | tuple[int, int]] = [_ANY, *sorted(found)]
    chosen = st.selectbox("Labels", options, key=key, on_change=changed, format_func=told, persist_state="session")
    return chosen if isinstance(chosen, tuple) else None


# ---------------------------------------------------------------- confidence: a brush over the chart


def chosen_range(study_id: str, tau: float) -> tuple[float, float] | None:
    """The brushed range of confidence, within [tau, 1]; None when there is none or tau has passed it."""
    brushed = st.session_state.get(_key(study_id, "range"))
    if brushed is None or brushed[1] <= tau:
        return None
    return max(brushed[0], tau), brushed[1]


def confidence_chart(workbench: Workbench, study: Study, unknowns: UnknownFilter) -> None:
    """Wrong predictions by confidence; drag over the bars to keep a range."""
    study_id = study.study_id
    bins = workbench.store.unknowns.histogram(unknowns)
    # A new key forgets the drawn box, after the range was cleared.
    key = f"{_key(study_id, 'brush')}-{st.session_state.get(_key(study_id, 'brushes'), 0)}"
    brushed = chosen_range(study_id, unknowns.tau)
    st.plotly_chart(
        confidence_bins(bins, unknowns.tau, brushed, height=190),
        key=key,
        config=theme.CONFIG,
        selection_mode="box",
        on_select=lambda: _brush(study_id, key, unknowns.tau),
        alt="Wrong predictions by confidence, natural and perturbed",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if brushed is None:
            st.caption("Drag over the bars to keep a range of confidence. Tick texts to select them.", width="content")
        else:
            st.caption(f"Only confidence {brushed[0]:.1%} to {brushed[1]:.1%}.", width="content")
            st.button(
                "Show all",
                type="tertiary",
                icon=":material/close:",
                key="brush-clear",
                on_click=_unbrush,
                args=(study_id,),
            )


def _brush(study_id: str, key: str, tau: float) -> None:
    boxes = st.session_state[key]["selection"]["box"]
    if boxes:
        st.session_state[_key(study_id, "range")] = box_range(boxes[-1]["x"], tau)
    else:
        st.session_state.pop(_key(study_id, "range"), None)
    changed()


def _unbrush(study_id: str) -> None:
    counter = _key(study_id, "brushes")
    st.session_state[counter] = st.session_state.get(counter, 0) + 1
    st.session_state.pop(_key(study_id, "range"), None)
    changed()
