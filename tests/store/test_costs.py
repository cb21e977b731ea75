"""What arms cost, from what the store has on record: every amount worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.costs import Origin, PayRate
from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.survey import QuestionKind
from bsm_core.store import DuckStore
from bsm_core.workbench.survey import Surveys
from bsm_core.workflow.compare import Comparison, comparison
from bsm_core.workflow.costs import EMBEDDED, RATE_EVENT, ArmCost, costs, pay_rate
from tests.agent_records import make_call, make_hypothesis, make_sample
from tests.factories import STUDY_ID, VALIDATION_SET_ID
from tests.surveys import answer_all, make_survey, of_kind

LM, RULE, HUMAN, HYBRID = (
    Origin(agent, HypothesisKind.ABSTRACTION) for agent in (Agent.LM, Agent.RULE, Agent.HUMAN, Agent.HYBRID)
)


@pytest.fixture
def found(filled: DuckStore) -> Comparison:
    return comparison(filled, STUDY_ID, 0.65)


def test_calls_are_told_apart_by_what_became_of_their_answers(filled: DuckStore) -> None:
    """The study has four calls: one gave the hypothesis h-lm, one the sample of it; two failed."""
    calls = {one.origin: one for one in filled.costs.calls(STUDY_ID)}
    assert (calls[LM].calls, calls[LM].tokens, calls[LM].unpriced) == (2, 2 * 244, 0)
    assert calls[LM].dollars == pytest.approx(0.0008)
    assert (calls[None].calls, calls[None].tokens, calls[None].unmetered, calls[None].unpriced) == (2, 0, 2, 2)


def test_draft_that_a_human_edited_is_a_cost_of_the_hybrid(filled: DuckStore) -> None:
    filled.calls.add(make_call("call-draft", at=80))
    drafted = replace(make_hypothesis("h-draft", Agent.LM, at=81), call_id="call-draft")
    filled.hypotheses.add(drafted)
    filled.hypotheses.add(make_hypothesis("h-edited", Agent.HYBRID, revises="h-draft", at=82))
    calls = {one.origin: one for one in filled.costs.calls(STUDY_ID)}
    assert calls[HYBRID].calls == 1
    assert calls[LM].calls == 2


def test_call_that_served_two_origins_is_shared_and_a_reused_answer_costs_nothing(filled: DuckStore) -> None:
    filled.samples.add([replace(make_sample("s-hybrid", "h-human", Agent.HYBRID, at=90), call_id="call-sample")])
    filled.calls.add(replace(make_call("call-again", at=91), reused_from="call-sample"))
    calls = {one.origin: one for one in filled.costs.calls(STUDY_ID)}
    assert (calls[LM].calls, calls[HYBRID].calls) == (1.5, 0.5)
    assert sum(one.calls for one in calls.values()) == 4


def test_acts_are_texts_by_hand_and_decisions_by_people_in_order(filled: DuckStore) -> None:
    acts = filled.costs.acts(STUDY_ID)
    assert [act.at for act in acts] == sorted(act.at for act in acts)
    assert not [act for act in acts if act.origin.agent is Agent.LM]
    # By hand: 3 hypotheses, 6 samples; people decided on s-human-2, s-human-1, twice on s-taken-back, s-short, s-bland.
    own = [act for act in acts if act.origin.agent is Agent.HUMAN]
    assert len(own) == 3 + 6 + 2
    assert len(acts) - len(own) == 4
    assert sum(act.origin.kind is HypothesisKind.EXTRAPOLATION for act in own) == 3


def test_arms_cost_what_is_on_record(filled: DuckStore, found: Comparison) -> None:
    told = costs(filled, found)
    assert told is not None
    arms = {one.arm: one for one in told.arms}
    assert list(arms) == [Arm.MORE_TRAINING, Arm.RELABEL, Arm.HYPOTHESIS_RULE]
    attacked = sum(row.queries for row in filled.perturbations.rows(VALIDATION_SET_ID))
    assert arms[Arm.MORE_TRAINING].queries.value == 0
    assert arms[Arm.RELABEL].queries.value == arms[Arm.HYPOTHESIS_RULE].queries.value == attacked > 0
    fresh = sum(row.queries for row in filled.perturbations.rows("set-test-m-relabel"))
    assert arms[Arm.RELABEL].evaluation_queries == fresh
    # No card of these models tells how long training took: then compute is not known.
    assert arms[Arm.RELABEL].seconds.value is None
    assert arms[Arm.RELABEL].minutes.value == 0
    assert arms[Arm.HYPOTHESIS_RULE].hand_minutes.estimated
    assert arms[Arm.HYPOTHESIS_RULE].hand_minutes.known > 0
    assert arms[Arm.HYPOTHESIS_RULE].effect == next(one for one in found.primary if one.arm is Arm.HYPOTHESIS_RULE)
    assert told.rate is None
    assert arms[Arm.HYPOTHESIS_RULE].pay(told.rate) is None


def test_embedded_teacher_sends_no_bill_and_an_unknown_price_stays_unknown(
    filled: DuckStore, found: Comparison
) -> None:
    for name, endpoint, cost in (("call-here", EMBEDDED, None), ("call-there", "http://x/v1", None)):
        filled.calls.add(replace(make_call(name), endpoint=endpoint, cost=cost, model=name))
    filled.samples.add([replace(make_sample("s-here", "h-rule", Agent.RULE, at=95), call_id="call-here")])
    rule = _of(filled, found, Arm.HYPOTHESIS_RULE)
    assert (rule.tokens.value, rule.dollars.value) == (244, 0)
    assert rule.seconds.known == pytest.approx(
        sum(row.seconds for row in filled.perturbations.rows(VALIDATION_SET_ID)) + 1.25
    )
    filled.samples.add([replace(make_sample("s-there", "h-rule", Agent.RULE, at=96), call_id="call-there")])
    rule = _of(filled, found, Arm.HYPOTHESIS_RULE)
    assert (rule.tokens.value, rule.dollars.value, rule.dollars.unknown) == (488, None, 1)


def _of(store: DuckStore, found: Comparison, arm: Arm) -> ArmCost:
    told = costs(store, found)
    assert told is not None
    return next(one for one in told.arms if one.arm is arm)


def test_pay_is_for_peoples_time_at_the_rate_set_last(filled: DuckStore, found: Comparison) -> None:
    assert pay_rate(filled, STUDY_ID) is None
    for per_hour in (9.0, 12.0):
        filled.record(STUDY_ID, RATE_EVENT, {"per_hour": per_hour, "currency": "EUR"})
    told = costs(filled, found)
    assert told is not None
    assert told.rate == PayRate(12.0, "EUR")
    rule = next(one for one in told.arms if one.arm is Arm.HYPOTHESIS_RULE)
    pay = rule.pay(told.rate)
    assert pay is not None
    assert pay.known == pytest.approx(rule.minutes.known / 5)


def test_comparison_of_the_baseline_alone_has_no_costs(filled: DuckStore, found: Comparison) -> None:
    alone = Comparison(found.results[:1], found.patterns, found.effects, found.rows[:1])
    assert costs(filled, alone) is None


def test_surveys_tell_the_time_by_kind(filled: DuckStore) -> None:
    """A person answers 2 abstractions, 1 extrapolation, 1 text for an own abstraction, and 2 attention checks, 90 s
    each; a second one stops after a draft, whose time counts as well."""
    assert filled.costs.surveys(STUDY_ID) == []
    made = make_survey(filled)
    surveys, first = Surveys(filled), made.participants[0]
    asked = filled.surveys.questions(made.survey.survey_id, first.participant_id)
    answer_all(surveys, first, asked, seconds=90)
    draft = of_kind(filled, made, QuestionKind.ABSTRACTION, 2)
    surveys.seats.consent(draft.participant_id)
    surveys.seats.save(draft.participant_id, draft.question_id, ("a draft",), "", None, 15, submitted=False)
    told = {one.kind: one for one in filled.costs.surveys(STUDY_ID)}
    assert {kind: (one.seconds, one.untimed) for kind, one in told.items()} == {
        HypothesisKind.ABSTRACTION: (2 * 90 + 90 + 15, 0),
        HypothesisKind.EXTRAPOLATION: (90, 0),
        None: (2 * 90, 0),
    }
