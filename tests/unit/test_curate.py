"""Whoever writes, edits or approves is recorded honestly."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisDraft, HypothesisKind
from bsm_core.domain.synthesis import BudgetUse
from bsm_core.domain.tasks import Task
from bsm_core.errors import ConfigError
from bsm_core.workflow.curate import (
    new_hypothesis,
    new_sample,
    requests_for_budget,
    revised_hypothesis,
    revised_sample,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TASK = Task("t", "Reviews", ("negative", "positive"), ("text",), "polarity", "review")
PAIR = Task("p", "Pairs", ("no", "yes"), ("question", "sentence"), "entailment", "pair")
DRAFT = HypothesisDraft(HypothesisKind.ABSTRACTION, Agent.LM, "It misreads negation.", "Because.", None, "c1")


def kept(text: str, draft: HypothesisDraft | None, reasoning: str = "Because.") -> Hypothesis:
    return new_hypothesis("st", HypothesisKind.ABSTRACTION, text, reasoning, ["e1"], None, draft)


def test_new_hypothesis_without_a_draft_is_a_humans() -> None:
    assert kept("Mine.", None).agent is Agent.HUMAN


def test_new_hypothesis_with_the_draft_unchanged_keeps_the_drafts_agent_and_call() -> None:
    hypothesis = kept(DRAFT.text + " ", DRAFT)
    assert (hypothesis.agent, hypothesis.call_id) == (Agent.LM, "c1")


@pytest.mark.parametrize(("text", "reasoning"), [("Other.", "Because."), (DRAFT.text, "Other.")])
def test_new_hypothesis_with_an_edited_draft_is_hybrid(text: str, reasoning: str) -> None:
    assert kept(text, DRAFT, reasoning).agent is Agent.HYBRID


def test_new_hypothesis_from_a_rule_keeps_the_pattern_only_while_the_text_is_the_rules() -> None:
    rule = replace(DRAFT, agent=Agent.RULE, pattern="negation", call_id=None)
    assert kept(rule.text, rule).pattern == "negation"
    assert kept("Something else.", rule).pattern is None


def test_new_hypothesis_that_is_empty_is_refused() -> None:
    with pytest.raises(ConfigError, match="empty"):
        kept("  ", None)


def test_new_extrapolation_without_its_abstraction_is_refused() -> None:
    with pytest.raises(ConfigError, match="choose one"):
        new_hypothesis("st", HypothesisKind.EXTRAPOLATION, "Text.", "", [], None, None)


def test_revised_hypothesis_names_what_it_revises_and_turns_lm_into_hybrid() -> None:
    old = kept(DRAFT.text, DRAFT)
    new = revised_hypothesis(old, "Better.", "")
    assert (new.revises_id, new.agent, new.source_item_ids) == (old.hypothesis_id, Agent.HYBRID, ("e1",))


@pytest.mark.parametrize(("agent", "expected"), [(None, Agent.HUMAN), (Agent.LM, Agent.HYBRID)])
def test_new_sample_by_hand_is_a_humans_only_when_the_hypothesis_is(agent: Agent | None, expected: Agent) -> None:
    hypothesis = kept(DRAFT.text, replace(DRAFT, agent=agent) if agent else None)
    assert new_sample(hypothesis, TASK, ("A fine film.",), 1).agent is expected


def test_new_sample_with_an_unknown_label_names_it() -> None:
    with pytest.raises(ConfigError, match="label 2"):
        new_sample(kept("Mine.", None), TASK, ("A fine film.",), 2)


def test_new_sample_with_an_empty_side_names_the_side() -> None:
    with pytest.raises(ConfigError, match="sentence is empty"):
        new_sample(kept("Mine.", None), PAIR, ("What?", " "), 1)


def test_revised_sample_keeps_its_hypothesis_and_names_the_old_one() -> None:
    old = new_sample(kept("Mine.", None), TASK, ("A fine film.",), 1)
    new = revised_sample(old, TASK, ("A bad film.",), 0)
    assert (new.revises_id, new.hypothesis_id, new.label) == (old.sample_id, old.hypothesis_id, 0)


def test_requests_for_budget_spread_the_oversampled_budget_evenly_within_each_kind() -> None:
    abstractions = [replace(kept("Mine.", None), hypothesis_id=f"h{i}") for i in range(3)]
    extrapolation = replace(
        abstractions[0], hypothesis_id="x", kind=HypothesisKind.EXTRAPOLATION, parent_hypothesis_id="h0"
    )
    requests = dict(requests_for_budget([*abstractions, extrapolation], BudgetUse(5, 3, 0, 0), 1.5))
    assert requests == {"h0": 3, "h1": 3, "h2": 2, "x": 5}
