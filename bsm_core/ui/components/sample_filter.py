"""Which samples to look at: the controls over the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.lineage import LineageNode, flatten
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import CheckName, DecisionKind
from bsm_core.ports import SampleFilter
from bsm_core.ui import session
from bsm_core.ui.components.agents import SHORT
from bsm_core.ui.components.lineage import label_of
from bsm_core.ui.components.sample_checks import TITLES
from bsm_core.ui.text import one_line

PAGE = "samples-page"
STATUSES: dict[str, str] = {
    "all": "all",
    DecisionKind.PENDING: "open",
    DecisionKind.APPROVED: "approved",
    DecisionKind.REJECTED: "rejected",
}
TURNS: dict[str, str] = {
    "all": "all",
    "mine": "open for you",
    "second": "wait for another",
    "third": "disagreed",
    DecisionKind.APPROVED: "approved",
    DecisionKind.REJECTED: "rejected",
}
"""Instead of STATUSES where two reviewers are required."""
_ANY = "any"
"""Stands for "no filter": with None among its options a box would offer to be emptied."""
_GATES = {
    _ANY: "checked or not",
    "passed": "passed every gate",
    "failed": "failed a gate",
    "overruled": "overruled",
    **{f"gate:{name.value}": f"failed: {TITLES[name]}" for name in CheckName},
}
_ANSWERS = {_ANY: "any answer", "right": "gets it right", "wrong": "gets it wrong", "uu": "is an unknown unknown now"}
_NAMES = ("status", "turn", "gates", "agent", "kind", "label", "answer", "spot", "search")


def key_of(study_id: str, name: str) -> str:
    return f"samples-{name}-{study_id}"


def show_sample(sample_id: str | None) -> None:
    """For callbacks: show this sample, and the page of the list that it is on."""
    session.put(sample=sample_id)
    st.session_state.pop(PAGE, None)


def changed() -> None:
    """Callback of every filter: to the first open sample that fits."""
    show_sample(None)


def filter_controls(
    study: Study,
    nodes: Sequence[LineageNode],
    agents: Sequence[Agent],
    spots: Mapping[str, tuple[str, Sequence[str]]],
    reviewer: str,
) -> SampleFilter:
    """``spots``: by id, a blind spot's name and its UUs. ``reviewer`` is empty where one is enough."""
    study_id, names = study.study_id, study.task.label_names
    with st.container(horizontal=True, vertical_alignment="bottom"):
        status, turn = _status(study_id, blind=bool(reviewer))
        gates = _choose(study_id, "gates", "Gates", _GATES, 175)
        search = st.text_input(
            "Search", key=key_of(study_id, "search"), type="search", live=True, on_change=changed,
            placeholder="words in the text", persist_state="session", width=170,
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        hypothesis_id = _choose_hypothesis(study_id, nodes)
        agent = _choose(study_id, "agent", "Agent", {_ANY: "any agent"} | {one: SHORT[one] for one in agents}, 140)
        kinds = {_ANY: "any kind"} | {one: one.value for one in HypothesisKind}
        kind = _choose(study_id, "kind", "Kind", kinds, 140)
        labels = {_ANY: "any label"} | {str(place): one_line(name, 40) for place, name in enumerate(names)}
        label = _choose(study_id, "label", "Label", labels, 140)
        answer = _choose(study_id, "answer", "The classifier now", _ANSWERS, 205)
        spot = None
        if spots:
            named = {_ANY: "any blind spot"} | {one: one_line(name, 60) for one, (name, _) in spots.items()}
            spot = _choose(study_id, "spot", "Blind spot", named, 190)
    gate = gates.partition(":")[2] if gates else ""
    return SampleFilter(
        status=status,
        agent=agent,
        hypothesis_id=hypothesis_id,
        passed={"passed": True, "failed": False}.get(gates or _ANY),
        search=(search or "").strip(),
        kind=kind,
        hypothesis_ids=None if spot is None else about(nodes, spots[spot][1]),
        gate=gate or None,
        overruled=gates == "overruled",
        label=None if label is None else int(label),
        answer=answer,
        tau=session.tau(study),
        reviewer=reviewer,
        turn=turn,
    )


def is_narrowed(chosen: SampleFilter) -> bool:
    """Whether it leaves anything out."""
    return chosen != SampleFilter(tau=chosen.tau, reviewer=chosen.reviewer)


def about(nodes: Sequence[LineageNode], item_ids: Sequence[str]) -> tuple[str, ...]:
    """Ids of the hypotheses, all versions, that rest on one of these UUs, and of what was extrapolated from them."""
    wanted = set(item_ids)
    roots = [node for node in flatten(nodes) if wanted.intersection(node.hypothesis.source_item_ids)]
    found = {one.hypothesis_id for node in flatten(roots) for one in (node.hypothesis, *node.history)}
    return tuple(sorted(found))


def clear_filters(study_id: str) -> None:
    """Callback: all samples again."""
    for name in (*_NAMES, "hypothesis"):
        st.session_state.pop(key_of(study_id, name), None)
    session.put(hypothesis=None)
    changed()


def _status(study_id: str, blind: bool) -> tuple[DecisionKind | None, str | None]:
    name, titles = ("turn", TURNS) if blind else ("status", STATUSES)
    chosen = st.segmented_control(
        "Status", list(titles), key=key_of(study_id, name), default="all", required=True, on_change=changed,
        format_func=lambda one: titles[one], persist_state="session",
    )  # fmt: skip
    if chosen in set(DecisionKind):
        return DecisionKind(chosen), None
    return None, chosen if chosen in ("mine", "second", "third") else None


def _choose(study_id: str, name: str, title: str, options: Mapping[str, str], width: int) -> str | None:
    chosen = st.selectbox(
        title, list(options), key=key_of(study_id, name), on_change=changed,
        format_func=lambda one: options.get(one, "?"), persist_state="session", width=width,
    )  # fmt: skip
    return None if chosen in (None, _ANY) else str(chosen)


def _choose_hypothesis(study_id: str, nodes: Sequence[LineageNode]) -> str | None:
    """The address names one when the visitor comes from the Hypotheses page. Earlier versions that samples were
    written for can be chosen as well."""
    names = {_ANY: "any hypothesis"}
    for node in flatten(nodes):
        names[node.hypothesis.hypothesis_id] = label_of(node)
        for old in node.history:
            names[old.hypothesis_id] = f"{node.number} · earlier: {one_line(old.text, 80)}"
    key = key_of(study_id, "hypothesis")
    wanted = session.param("hypothesis") or _ANY
    st.session_state[key] = wanted if wanted in names else _ANY
    chosen = st.selectbox(
        "Hypothesis",
        list(names),
        key=key,
        width=220,
        format_func=lambda one: names.get(one, "?"),
        on_change=_hypothesis_changed,
        args=(key,),
    )
    return None if chosen == _ANY else chosen


def _hypothesis_changed(key: str) -> None:
    chosen = st.session_state[key]
    session.put(hypothesis=None if chosen == _ANY else chosen)
    changed()
