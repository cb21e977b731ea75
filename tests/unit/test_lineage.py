from datetime import UTC, datetime, timedelta

from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.lineage import SampleTally, flatten, lineage
from bsm_core.domain.synthesis import DecisionKind

START = datetime(2026, 1, 1, tzinfo=UTC)


def hypothesis(name: str, minute: int, parent: str | None = None, revises: str | None = None) -> Hypothesis:
    kind = HypothesisKind.EXTRAPOLATION if parent else HypothesisKind.ABSTRACTION
    return Hypothesis(
        name, "st", kind, Agent.HUMAN, f"text {name}", "", (), parent, revises, None, None, START + timedelta(0, minute)
    )


def test_lineage_numbers_abstractions_and_nests_their_extrapolations():
    tree = lineage([hypothesis("h1", 1), hypothesis("h2", 2), hypothesis("h3", 3, parent="h1")], {}, [])
    assert [(node.number, node.hypothesis.hypothesis_id) for node in flatten(tree)] == [
        ("A1", "h1"),
        ("A1.1", "h3"),
        ("A2", "h2"),
    ]


def test_lineage_keeps_number_children_and_samples_after_a_revision():
    old, new = hypothesis("h1", 1), hypothesis("h9", 9, revises="h1")
    child = hypothesis("h3", 3, parent="h1")
    decided = [("h1", DecisionKind.APPROVED), ("h9", DecisionKind.PENDING), ("h3", DecisionKind.REJECTED)]
    tree = lineage([hypothesis("h2", 2), child, new], {"h9": [old]}, decided)
    assert [(node.number, node.hypothesis.hypothesis_id) for node in flatten(tree)] == [
        ("A1", "h9"),
        ("A1.1", "h3"),
        ("A2", "h2"),
    ]
    assert tree[0].samples == SampleTally(approved=1, pending=1)
    assert tree[0].samples.total == 2
    assert tree[0].children[0].samples == SampleTally(rejected=1)
    assert tree[0].history == (old,)
    assert tree[1].samples.total == 0


def test_lineage_of_an_extrapolation_without_its_abstraction_stands_alone():
    (node,) = lineage([hypothesis("h3", 3, parent="gone")], {}, [])
    assert node.number == "E1"
