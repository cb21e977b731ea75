"""Arms add equally many texts, each from its own source."""

from datetime import UTC, datetime

import pytest

from bsm_core.domain.arms import Arm, ArmPlan
from bsm_core.domain.experiments import AddedText, Source
from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.synthesis import SampleState, SyntheticSample
from bsm_core.errors import NothingToDoError
from bsm_core.workflow.retrain import Pools, additions, arm_plans, common_budget, sample_counts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TRAIN = [AddedText((f"train {i}",), i % 2, Source.TRAIN, f"e{i}") for i in range(100)]
UNKNOWNS = [AddedText((f"p {i}",), 1, Source.UNKNOWN, f"p{i}") for i in range(8)]


def sample(number: int, kind: HypothesisKind, agent: Agent = Agent.RULE) -> SampleState:
    text = SyntheticSample(f"s{number}", "st", "h", (f"{kind} {number}",), 1, agent, "", None, None, NOW)
    return SampleState(text, "why", kind, agent, (), None, None)


APPROVED = [sample(i, HypothesisKind.ABSTRACTION) for i in range(4)] + [
    sample(i, HypothesisKind.EXTRAPOLATION) for i in range(2)
]

POOLS = Pools(TRAIN, UNKNOWNS, APPROVED)


def test_additions_of_every_arm_have_the_budgets_size() -> None:
    for arm in (Arm.MORE_TRAINING, Arm.RELABEL, Arm.HYPOTHESIS_RULE):
        assert len(additions(arm, 5, POOLS, 0)) == 5
    assert additions(Arm.ORIGINAL, 5, POOLS, 0) == []


def test_additions_of_relabel_are_perturbed_texts_with_the_right_label() -> None:
    for row in additions(Arm.RELABEL, 8, POOLS, 0):
        assert row.text[0].startswith("p ")
        assert row.label == 1


def test_additions_of_samples_take_both_kinds_in_turn() -> None:
    rows = additions(Arm.HYPOTHESIS_RULE, 4, POOLS, 0)
    assert [row.text[0] for row in rows] == ["abstraction 0", "extrapolation 0", "abstraction 1", "extrapolation 1"]


def test_additions_are_drawn_by_seed_and_arm() -> None:
    first = additions(Arm.MORE_TRAINING, 5, POOLS, 0)
    assert additions(Arm.MORE_TRAINING, 5, POOLS, 0) == first
    assert additions(Arm.MORE_TRAINING, 5, POOLS, 1) != first


def test_additions_with_too_few_samples_names_both_numbers() -> None:
    with pytest.raises(NothingToDoError, match="6 texts for a budget of 7"):
        additions(Arm.HYPOTHESIS_RULE, 7, POOLS, 0)


def test_additions_never_take_another_agents_samples() -> None:
    mixed = [*APPROVED, sample(9, HypothesisKind.ABSTRACTION, Agent.HUMAN)]
    assert [row.text[0] for row in additions(Arm.HYPOTHESIS_HUMAN, 1, Pools(approved=mixed), 0)] == ["abstraction 9"]


def test_arm_plans_say_why_an_arm_cannot_run() -> None:
    plans = {plan.arm: plan for plan in arm_plans(Pools(TRAIN, (), APPROVED).available(), 2)}
    assert "Discover" in plans[Arm.RELABEL].problem
    assert "human" in plans[Arm.HYPOTHESIS_HUMAN].problem
    assert plans[Arm.HYPOTHESIS_RULE] == ArmPlan(Arm.HYPOTHESIS_RULE, 6, 2, "")


def test_common_budget_is_the_fewest_any_chosen_arm_has() -> None:
    plans = arm_plans(Pools(TRAIN, UNKNOWNS[:3], APPROVED).available(), 50)
    assert common_budget(plans, [Arm.ORIGINAL, Arm.MORE_TRAINING, Arm.RELABEL, Arm.HYPOTHESIS_RULE]) == 3
    assert common_budget(plans, [Arm.MORE_TRAINING]) == 50


def test_common_budget_with_no_approved_samples_is_refused() -> None:
    with pytest.raises(NothingToDoError, match="approve some on the Samples page"):
        common_budget(arm_plans(Pools(TRAIN, UNKNOWNS[:3]).available(), 50), [Arm.HYPOTHESIS_RULE])


def test_common_budget_of_original_alone_is_refused() -> None:
    with pytest.raises(NothingToDoError, match="beside ORIGINAL"):
        common_budget(arm_plans(Pools(TRAIN, UNKNOWNS[:3]).available(), 50), [Arm.ORIGINAL])


def test_additions_of_abstractions_alone_take_every_agents() -> None:
    mixed = [*APPROVED, sample(9, HypothesisKind.ABSTRACTION, Agent.HUMAN)]
    rows = additions(Arm.ABSTRACTION, 5, Pools(approved=mixed), 0)
    assert [row.source_id for row in rows] == ["s0", "s1", "s2", "s3", "s9"]
    assert {row.text[0].split()[0] for row in additions(Arm.EXTRAPOLATION, 2, POOLS, 0)} == {"extrapolation"}


def test_additions_say_what_each_text_is_a_copy_of() -> None:
    assert {row.source for row in additions(Arm.RELABEL, 3, POOLS, 0)} == {Source.UNKNOWN}
    assert additions(Arm.HYPOTHESIS_RULE, 1, POOLS, 0)[0].source_id == "s0"


def test_sample_counts_are_those_of_the_pools() -> None:
    counted = sample_counts(APPROVED)
    assert {arm: count for arm, count in POOLS.available().items() if arm.has_samples} == counted
    assert counted[Arm.ABSTRACTION] == 4


def test_leaks_are_dropped_and_counted_by_arm() -> None:
    leak = "the same long sentence about a film that nobody has ever seen in a cinema"
    text = SyntheticSample("s9", "st", "h", (leak.upper() + "!",), 1, Agent.RULE, "", None, None, NOW)
    state = SampleState(text, "why", HypothesisKind.ABSTRACTION, Agent.RULE, (), None, None)
    leaking = Pools(TRAIN, [AddedText((leak,), 1, Source.UNKNOWN, "p9"), *UNKNOWNS], [*APPROVED, state])
    kept, dropped = leaking.without_leaks([("something else",), (leak,)], 0.6)
    assert dropped == {Arm.RELABEL: 1, Arm.ABSTRACTION: 1, Arm.HYPOTHESIS_RULE: 1}
    assert kept.available() == POOLS.available()
    assert leaking.without_leaks([("something else",)], 0.6)[1] == {}
