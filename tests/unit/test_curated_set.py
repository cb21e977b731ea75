"""Hypotheses and samples from a file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bsm_core.config import GateConfig
from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.tasks import Task
from bsm_core.errors import NotFoundError, TaskError
from bsm_core.tasks.cards import load_task
from bsm_core.workflow.curated_set import CuratedSet, read, shipped

TASK = load_task("rotten_tomatoes")
ABSTRACTION = {"key": "a", "kind": "abstraction", "text": "It misses irony.", "sources": ["e1", "e9"]}
EXTRAPOLATION = {"key": "b", "kind": "extrapolation", "parent": "a", "text": "And questions.", "agent": "hybrid"}
SAMPLE = {"hypothesis": "b", "label": "Negative", "text": "who needs it ?"}


def load(hypotheses: list[Any], samples: list[Any], task: Task = TASK, known: CuratedSet | None = None) -> CuratedSet:
    content = json.dumps({"hypotheses": hypotheses, "samples": samples}).encode()
    items = {"e1": ["item1", "item2"]}
    own = known.hypotheses if known else ()
    texts = [sample.text for sample in known.samples] if known else []
    return read("set.json", content, "st1", task, lambda example: items.get(example, ()), own, texts)


def test_a_file_becomes_hypotheses_and_samples_with_their_lineage() -> None:
    found = load([EXTRAPOLATION, ABSTRACTION], [SAMPLE])  # a parent may come after its child
    extrapolation, abstraction = found.hypotheses
    assert abstraction.source_item_ids == ("item1", "item2")
    assert extrapolation.parent_hypothesis_id == abstraction.hypothesis_id
    assert (abstraction.agent, extrapolation.agent) == (Agent.HUMAN, Agent.HYBRID)
    (sample,) = found.samples
    assert (sample.hypothesis_id, sample.label, sample.text) == (extrapolation.hypothesis_id, 0, ("who needs it ?",))
    assert (found.known, found.strays) == (0, 0)


def test_a_second_reading_adds_only_what_is_new() -> None:
    first = load([ABSTRACTION, EXTRAPOLATION], [SAMPLE])
    again = load([ABSTRACTION, EXTRAPOLATION], [SAMPLE], known=first)
    assert (again.hypotheses, again.samples, again.known) == ((), (), 3)
    more = load([ABSTRACTION, EXTRAPOLATION], [SAMPLE, {**SAMPLE, "text": "why ?"}], known=first)
    assert [sample.hypothesis_id for sample in more.samples] == [first.hypotheses[1].hypothesis_id]


def test_sources_that_are_no_mistakes_of_this_classifier_are_counted() -> None:
    found = load([{**ABSTRACTION, "sources": ["e9"]}], [])
    assert (found.strays, found.hypotheses[0].source_item_ids) == (1, ())


def test_pairs_need_a_column_for_each_side() -> None:
    pair = replace(TASK, text_fields=("premise", "hypothesis_text"))
    sample = {"hypothesis": "a", "label": 1, "premise": "one", "hypothesis_text": "two"}
    assert load([ABSTRACTION], [sample], pair).samples[0].text == ("one", "two")
    with pytest.raises(TaskError, match="row 1 of 'samples', column 'premise'"):
        load([ABSTRACTION], [{"hypothesis": "a", "label": 1, "hypothesis_text": "two"}], pair)


@pytest.mark.parametrize(
    ("hypothesis", "said"),
    [
        ({**ABSTRACTION, "text": " "}, "column 'text': there is no value"),
        ({**ABSTRACTION, "kind": "guess"}, "'guess' is no kind; use abstraction or extrapolation"),
        ({**ABSTRACTION, "agent": "rule"}, "'rule' is no agent; use human, lm, hybrid, authors"),
        ({**ABSTRACTION, "parent": "a"}, "an abstraction has no parent"),
        ({**ABSTRACTION, "sources": "e1"}, "no list of example ids"),
        ({**EXTRAPOLATION, "parent": "z"}, "'z' is no abstraction of this file"),
        ({**EXTRAPOLATION, "parent": "b"}, "'b' is no abstraction of this file"),
    ],
)
def test_a_faulty_hypothesis_is_refused_with_its_place(hypothesis: dict[str, Any], said: str) -> None:
    with pytest.raises(TaskError, match=said) as caught:
        load([hypothesis], [])
    assert "set.json, row 1 of 'hypotheses'" in str(caught.value)


def test_a_key_names_one_hypothesis() -> None:
    with pytest.raises(TaskError, match="row 2 of 'hypotheses', column 'key': 'a' names two"):
        load([ABSTRACTION, {**ABSTRACTION, "text": "Another."}], [])


@pytest.mark.parametrize(
    ("change", "said"), [({"hypothesis": "z"}, "has the key 'z'"), ({"label": "so-so"}, "'so-so' is no label")]
)
def test_a_faulty_sample_is_refused_with_its_place(change: dict[str, Any], said: str) -> None:
    with pytest.raises(TaskError, match=said):
        load([ABSTRACTION, EXTRAPOLATION], [{**SAMPLE, **change}])


def test_other_lists_are_refused() -> None:
    with pytest.raises(TaskError, match="the list 'rows' is not expected; use hypotheses and samples"):
        read("set.json", b'{"rows": [{"key": "a"}]}', "st1", TASK, lambda _: (), [], [])


def test_the_shipped_set_is_whole() -> None:
    name, content = shipped(TASK)
    found = read(name, content, "st1", TASK, lambda example: [example], [], [])
    kinds = [hypothesis.kind for hypothesis in found.hypotheses]
    assert min(kinds.count(kind) for kind in HypothesisKind) >= 20
    assert len(found.samples) >= 80
    assert {hypothesis.agent for hypothesis in found.hypotheses} == {Agent.AUTHORS}
    assert {sample.agent for sample in found.samples} == {Agent.AUTHORS}
    assert all(hypothesis.pattern for hypothesis in found.hypotheses)
    used = {sample.hypothesis_id for sample in found.samples}
    assert used == {hypothesis.hypothesis_id for hypothesis in found.hypotheses}
    assert min(len(sample.text[0]) for sample in found.samples) >= GateConfig().min_characters
    for hypothesis in found.hypotheses:
        assert bool(hypothesis.source_item_ids) == (hypothesis.kind is HypothesisKind.ABSTRACTION)


def test_no_set_ships_for_other_tasks() -> None:
    with pytest.raises(NotFoundError, match="bring a file of your own"):
        shipped(load_task("mrpc"))
