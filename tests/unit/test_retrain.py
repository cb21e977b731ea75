"""Arms add equally many texts, each from its own source."""

from datetime import UTC, datetime

import pytest

from bsm_core.domain.arms import Arm, ArmPlan
from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.synthesis import SampleState, SyntheticSample
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import UnknownUnknown, UUOrigin
from bsm_core.errors import NothingToDoError
from bsm_core.ports import LabelledText
from bsm_core.workflow.retrain import additions, arm_plans, common_budget

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TRAIN = [LabelledText((f"train {i}",), i % 2) for i in range(100)]
UNKNOWNS = [
    UnknownUnknown(
        f"p{i}", "m", f"e{i}", UUOrigin.ADVERSARIAL, Split.VALIDATION, (f"o {i}",), (f"p {i}",), "deepwordbug",
        1, 0, 0.9, (0.9, 0.1), (0.1, 0.9), None,
    )
    for i in range(8)
]  # fmt: skip


def sample(number: int, kind: HypothesisKind, agent: Agent = Agent.RULE) -> SampleState:
    text = SyntheticSample(f"s{number}", "st", "h", (f"{kind} {number}",), 1, agent, "", None, None, NOW)
    return SampleState(text, "why", kind, agent, (), None, None)


APPROVED = [sample(i, HypothesisKind.ABSTRACTION) for i in range(4)] + [
    sample(i, HypothesisKind.EXTRAPOLATION) for i in range(2)
]


def test_additions_of_every_arm_have_the_budgets_size() -> None:
    for arm in (Arm.MORE_TRAINING, Arm.RELABEL, Arm.HYPOTHESIS_RULE):
        assert len(additions(arm, 5, TRAIN, UNKNOWNS, APPROVED, 0)) == 5
    assert additions(Arm.ORIGINAL, 5, TRAIN, UNKNOWNS, APPROVED, 0) == []


def test_additions_of_relabel_are_perturbed_texts_with_the_right_label() -> None:
    for row in additions(Arm.RELABEL, 8, TRAIN, UNKNOWNS, APPROVED, 0):
        assert row.text[0].startswith("p ")
        assert row.label == 1


def test_additions_of_samples_take_both_kinds_in_turn() -> None:
    rows = additions(Arm.HYPOTHESIS_RULE, 4, TRAIN, UNKNOWNS, APPROVED, 0)
    assert [row.text[0] for row in rows] == ["abstraction 0", "extrapolation 0", "abstraction 1", "extrapolation 1"]


def test_additions_are_drawn_by_seed_and_arm() -> None:
    first = additions(Arm.MORE_TRAINING, 5, TRAIN, UNKNOWNS, APPROVED, 0)
    assert additions(Arm.MORE_TRAINING, 5, TRAIN, UNKNOWNS, APPROVED, 0) == first
    assert additions(Arm.MORE_TRAINING, 5, TRAIN, UNKNOWNS, APPROVED, 1) != first


def test_additions_with_too_few_samples_names_both_numbers() -> None:
    with pytest.raises(NothingToDoError, match="6 texts for a budget of 7"):
        additions(Arm.HYPOTHESIS_RULE, 7, TRAIN, UNKNOWNS, APPROVED, 0)


def test_additions_never_take_another_agents_samples() -> None:
    mixed = [*APPROVED, sample(9, HypothesisKind.ABSTRACTION, Agent.HUMAN)]
    assert [row.text[0] for row in additions(Arm.HYPOTHESIS_HUMAN, 1, TRAIN, [], mixed, 0)] == ["abstraction 9"]


def test_arm_plans_say_why_an_arm_cannot_run() -> None:
    plans = {plan.arm: plan for plan in arm_plans(0, APPROVED, 100, 2)}
    assert "Discover" in plans[Arm.RELABEL].problem
    assert "human" in plans[Arm.HYPOTHESIS_HUMAN].problem
    assert plans[Arm.HYPOTHESIS_RULE] == ArmPlan(Arm.HYPOTHESIS_RULE, 6, 2, "")


def test_common_budget_is_the_fewest_any_chosen_arm_has() -> None:
    plans = arm_plans(3, APPROVED, 100, 50)
    assert common_budget(plans, [Arm.ORIGINAL, Arm.MORE_TRAINING, Arm.RELABEL, Arm.HYPOTHESIS_RULE]) == 3
    assert common_budget(plans, [Arm.MORE_TRAINING]) == 50


def test_common_budget_with_no_approved_samples_is_refused() -> None:
    with pytest.raises(NothingToDoError, match="approve some on the Samples page"):
        common_budget(arm_plans(3, [], 100, 50), [Arm.HYPOTHESIS_RULE])


def test_common_budget_of_original_alone_is_refused() -> None:
    with pytest.raises(NothingToDoError, match="beside ORIGINAL"):
        common_budget(arm_plans(3, [], 100, 50), [Arm.ORIGINAL])
