"""Samples: versions, checks, decisions, and the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.synthesis import BudgetUse, CheckName, DecisionKind, SyntheticSample
from bsm_core.errors import NotFoundError
from bsm_core.ports import SampleFilter, SampleMark
from bsm_core.store import DuckStore
from tests.factories import (
    STUDY_ID,
    answer,
    make_checks,
    make_decision,
    make_hypothesis,
    make_sample,
)
from tests.store.worlds import add_model, predict, start

ANY = SampleFilter()


def add(store: DuckStore, *samples: SyntheticSample) -> None:
    store.samples.add(samples)


def listed(store: DuckStore, samples: SampleFilter = ANY) -> list[str]:
    return [state.sample.sample_id for state in store.samples.page(STUDY_ID, samples, limit=100).rows]


@pytest.fixture
def hypothesized(store: DuckStore) -> DuckStore:
    start(store, train=1000)
    store.hypotheses.add(make_hypothesis("h-human"))
    store.hypotheses.add(make_hypothesis("h-ext", parent="h-human"))
    return store


def test_sample_comes_back_with_all_that_is_known_about_it(hypothesized: DuckStore) -> None:
    store, sample = hypothesized, make_sample("s-1", "h-ext", Agent.LM, text=("one side", "and the other"))
    add(store, sample)
    bare = store.samples.get("s-1")
    assert (bare.sample, bare.checks, bare.decision, bare.probabilities) == (sample, (), None, None)
    assert (bare.status, bare.passed) == (DecisionKind.PENDING, None)
    checks = make_checks("s-1", CheckName.NONSENSE)
    store.samples.add_checks(reversed(checks))
    store.samples.decide([make_decision("s-1", policy="gated")])
    predict(store, add_model(store), {"s-1": answer(0, 0.75)}, "sample")
    state = store.samples.get("s-1")
    assert state.checks == tuple(checks)
    assert state.decision == make_decision("s-1", policy="gated")
    assert (state.passed, state.status, state.probabilities) == (False, DecisionKind.APPROVED, (0.75, 0.25))
    hypothesis = store.hypotheses.get("h-ext")
    assert (state.hypothesis_text, state.hypothesis_kind) == (hypothesis.text, hypothesis.kind)
    assert store.samples.page(STUDY_ID, ANY).rows == [state]


def test_answer_on_a_sample_is_the_present_baselines(hypothesized: DuckStore) -> None:
    add(hypothesized, make_sample("s-1"))
    predict(hypothesized, add_model(hypothesized), {"s-1": answer(0, 0.75)}, "sample")
    add_model(hypothesized, Arm.RELABEL, at=20)
    assert hypothesized.samples.get("s-1").probabilities == (0.75, 0.25)
    second = add_model(hypothesized, Arm.ORIGINAL, "m-second", at=30)
    assert hypothesized.samples.get("s-1").probabilities is None
    predict(hypothesized, second, {"s-1": answer(1, 0.875)}, "sample")
    assert hypothesized.samples.page(STUDY_ID, ANY).rows[0].probabilities == (0.125, 0.875)


def test_unknown_sample_is_named(store: DuckStore) -> None:
    with pytest.raises(NotFoundError, match="no sample 'nothing'"):
        store.samples.get("nothing")


def test_revised_samples_are_not_current(hypothesized: DuckStore) -> None:
    store = hypothesized
    add(store, make_sample("s-1", at=1), make_sample("s-2", at=2))
    store.samples.add_checks(make_checks("s-1"))
    store.samples.decide([make_decision("s-1")])
    add(store, make_sample("s-1b", text=("better",), revises="s-1", at=3))
    assert listed(store) == ["s-2", "s-1b"]
    assert [sample.sample_id for sample in store.samples.unchecked(STUDY_ID)] == ["s-2", "s-1b"]
    assert store.samples.texts(STUDY_ID) == [make_sample("s-2").text, ("better",)]
    assert store.samples.approved(STUDY_ID) == []
    assert store.samples.budget(STUDY_ID).approved_abstraction == 0
    assert store.samples.get("s-1").status is DecisionKind.APPROVED
    assert store.samples.get("s-1b").status is DecisionKind.PENDING


def test_latest_decision_counts_even_within_one_call(hypothesized: DuckStore) -> None:
    store = hypothesized
    add(store, make_sample("s-1"))
    kinds = (DecisionKind.APPROVED, DecisionKind.REJECTED, DecisionKind.PENDING, DecisionKind.REJECTED)
    store.samples.decide([make_decision("s-1", kind) for kind in kinds])
    assert store.samples.get("s-1").status is DecisionKind.REJECTED
    store.samples.decide([make_decision("s-1", DecisionKind.APPROVED)])
    assert [state.sample.sample_id for state in store.samples.approved(STUDY_ID)] == ["s-1"]
    store.samples.decide([make_decision("s-1", DecisionKind.PENDING)])
    assert store.samples.approved(STUDY_ID) == []
    assert listed(store, SampleFilter(status=DecisionKind.PENDING)) == ["s-1"]


def test_latest_check_of_each_gate_counts(hypothesized: DuckStore) -> None:
    add(hypothesized, make_sample("s-1"))
    hypothesized.samples.add_checks(make_checks("s-1", CheckName.LENGTH, at=60))
    hypothesized.samples.add_checks(make_checks("s-1", at=61))
    state = hypothesized.samples.get("s-1")
    assert (state.passed, state.checks) == (True, tuple(make_checks("s-1", at=61)))
    assert listed(hypothesized, SampleFilter(passed=True)) == ["s-1"]


def test_approved_are_in_order_of_approval(hypothesized: DuckStore) -> None:
    add(hypothesized, *(make_sample(name) for name in ("s-a", "s-b", "s-c", "s-d")))
    decisions = [make_decision("s-c", at=70), make_decision("s-b", at=71), make_decision("s-d", at=71)]
    hypothesized.samples.decide([*decisions, make_decision("s-a", at=69)])
    assert [one.sample.sample_id for one in hypothesized.samples.approved(STUDY_ID)] == ["s-a", "s-c", "s-b", "s-d"]
    hypothesized.samples.decide([make_decision("s-c", at=80)])
    assert [one.sample.sample_id for one in hypothesized.samples.approved(STUDY_ID)] == ["s-a", "s-b", "s-d", "s-c"]


@pytest.mark.parametrize(
    ("samples", "wanted"),
    [
        (SampleFilter(status=DecisionKind.REJECTED), ["s-short", "s-bland"]),
        (
            SampleFilter(status=DecisionKind.PENDING),
            ["s-human-ext", "s-taken-back", "s-lm-far", "s-unchecked-1", "s-unchecked-2"],
        ),
        (SampleFilter(agent="human", status=DecisionKind.APPROVED), ["s-human-1", "s-human-2"]),
        (SampleFilter(agent="lm"), ["s-lm-far"]),
        (SampleFilter(hypothesis_id="h-rule-ext"), ["s-rule-ext-1", "s-rule-ext-2"]),
        (SampleFilter(passed=False), ["s-short", "s-lm-far"]),
        (SampleFilter(search="INVOICE"), ["s-lm-far"]),
        (SampleFilter(search="%"), []),
        (SampleFilter(passed=True, agent="human"), ["s-human-1", "s-human-2", "s-human-ext"]),
    ],
)
def test_each_filter_keeps_what_it_says(filled: DuckStore, samples: SampleFilter, wanted: Sequence[str]) -> None:
    assert listed(filled, samples) == wanted
    assert filled.samples.page(STUDY_ID, samples, limit=1).total == len(wanted)
    assert [mark.sample_id for mark in filled.samples.marks(STUDY_ID, samples)] == wanted


def test_marks_say_of_each_sample_what_its_page_says(filled: DuckStore) -> None:
    states = filled.samples.page(STUDY_ID, ANY, limit=100).rows
    assert {state.status for state in states} == set(DecisionKind)
    assert {state.passed for state in states} == {True, False, None}
    assert filled.samples.marks(STUDY_ID, ANY) == [
        SampleMark(s.sample.sample_id, s.sample.hypothesis_id, s.sample.agent, s.status, s.passed) for s in states
    ]


def test_pages_are_oldest_first_and_do_not_overlap(filled: DuckStore) -> None:
    every = listed(filled)
    assert len(every) == 15
    cut = [
        state.sample.sample_id
        for offset in range(0, 15, 4)
        for state in filled.samples.page(STUDY_ID, ANY, limit=4, offset=offset).rows
    ]
    assert cut == every
    moments = [state.sample.created_at for state in filled.samples.page(STUDY_ID, ANY).rows]
    assert moments == sorted(moments)


def test_budget_counts_each_agent_and_all(filled: DuckStore) -> None:
    assert filled.samples.budget(STUDY_ID) == BudgetUse(4, 4, 6, 2)
    assert filled.samples.budget(STUDY_ID, Agent.HUMAN) == BudgetUse(4, 4, 2, 0)
    assert filled.samples.budget(STUDY_ID, Agent.RULE) == BudgetUse(4, 4, 4, 2)
    assert filled.samples.budget(STUDY_ID, Agent.LM) == BudgetUse(4, 4, 0, 0)


def test_budget_counts_the_samples_agent_not_the_hypothesis_or_the_approver(hypothesized: DuckStore) -> None:
    add(hypothesized, make_sample("s-1", "h-human", Agent.HYBRID), make_sample("s-2", "h-ext", Agent.HYBRID))
    hypothesized.samples.decide([make_decision("s-1"), make_decision("s-2", policy="gated")])
    assert hypothesized.samples.budget(STUDY_ID, Agent.HYBRID) == BudgetUse(10, 10, 1, 1)
    for agent in (Agent.HUMAN, Agent.RULE):
        assert hypothesized.samples.budget(STUDY_ID, agent) == BudgetUse(10, 10, 0, 0)


def test_policy_approvals_say_so(filled: DuckStore) -> None:
    by_policy = {one.sample.sample_id: one.decision.policy for one in filled.samples.approved(STUDY_ID) if one.decision}
    assert by_policy == {
        **dict.fromkeys([f"s-rule-{n}" for n in range(1, 5)] + ["s-rule-ext-1", "s-rule-ext-2"], "gated"),
        "s-human-1": None,
        "s-human-2": None,
    }


def test_sample_on_a_revised_hypothesis_is_still_shown(hypothesized: DuckStore) -> None:
    add(hypothesized, make_sample("s-1", "h-human"))
    hypothesized.hypotheses.add(replace(make_hypothesis("h-new", revises="h-human"), text="Better said."))
    assert listed(hypothesized) == ["s-1"]
