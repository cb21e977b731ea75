"""Hypotheses: versions, sources, lineage."""

from __future__ import annotations

import pytest

from bsm_core.domain.hypotheses import Agent
from bsm_core.errors import NotFoundError
from bsm_core.store import DuckStore
from tests.factories import STUDY_ID, make_hypothesis


@pytest.mark.parametrize("agent", list(Agent))
@pytest.mark.parametrize("parent", [None, "h-parent"])
def test_hypothesis_comes_back_as_it_was_made(store: DuckStore, agent: Agent, parent: str | None) -> None:
    made = make_hypothesis("h1", agent, parent=parent, sources=("e1", "p2"))
    store.hypotheses.add(made)
    assert store.hypotheses.get("h1") == made
    assert store.hypotheses.all(STUDY_ID) == [made]


def test_unknown_hypothesis_is_named(store: DuckStore) -> None:
    with pytest.raises(NotFoundError, match="no hypothesis 'nothing'"):
        store.hypotheses.get("nothing")
    assert store.hypotheses.history("nothing") == []


def test_only_the_last_version_is_current_and_its_history_is_newest_first(store: DuckStore) -> None:
    versions = [make_hypothesis("h1", sources=("e1",), at=40)]
    versions += [make_hypothesis(f"h{n}", revises=f"h{n - 1}", sources=("e1",), at=40 + n) for n in (2, 3)]
    other = make_hypothesis("h-other", at=40.5)
    for hypothesis in (*versions, other):
        store.hypotheses.add(hypothesis)
    assert store.hypotheses.all(STUDY_ID) == [other, versions[2]]
    assert store.hypotheses.history("h3") == [versions[1], versions[0]]
    assert store.hypotheses.history("h1") == []
    assert store.hypotheses.for_item(STUDY_ID, "e1") == [versions[2]]


def test_for_item_finds_every_current_hypothesis_resting_on_it(filled: DuckStore) -> None:
    current = filled.hypotheses.all(STUDY_ID)
    item_id = filled.hypotheses.get("h-human").source_item_ids[0]
    wanted = [one for one in current if item_id in one.source_item_ids]
    assert filled.hypotheses.for_item(STUDY_ID, item_id) == wanted
    assert [one.hypothesis_id for one in wanted] == ["h-human"]
    assert filled.hypotheses.for_item("st-other", item_id) == []
