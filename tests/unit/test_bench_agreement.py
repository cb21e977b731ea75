"""Whether two attacks came to the same, worked out on traces written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bsm_core.bench.agreement import Trace, agreement
from bsm_core.domain.unknowns import AttackOutcome, Perturbation
from tests.records import make_example, make_perturbation

_EXAMPLES = [make_example(number) for number in range(4)]
_ROWS = [make_perturbation("set", item, AttackOutcome.SUCCESSFUL, (0.9, 0.1), (0.2, 0.8)) for item in _EXAMPLES]


def _trace(*answers: list[tuple[str, float]]) -> Trace:
    """For each example the texts asked about and the margin of the logits."""
    trace = Trace()
    for item, asked in zip(_EXAMPLES, answers, strict=False):
        for text, margin in asked:
            trace.add(item, [(text,)], np.array([[0, margin]], dtype=np.float32))
    return trace


def _by_example(rows: list[Perturbation]) -> dict[str, Perturbation]:
    return {row.example_id: row for row in rows}


def test_equal_attacks_agree_in_all() -> None:
    trace = _trace(*[[("a", 1.0), ("b", 2.0)]] * 4)
    found = agreement(_ROWS, _by_example(_ROWS), trace, trace)
    assert (found.examples, found.outcomes, found.texts, found.queries, found.whole) == (4, 4, 4, 4, 4)
    assert (found.ties, found.unexplained, found.largest) == (0, 0, 0)


def test_searches_that_part_after_equal_answers_part_by_a_tie() -> None:
    others = [
        replace(_ROWS[0], queries=7),
        replace(_ROWS[1], perturbed_text=("another",)),
        replace(_ROWS[2], outcome=AttackOutcome.FAILED),
        _ROWS[3],
    ]
    ours = _trace([("a", 1.0), ("b", 2.0)], [("a", 1.0), ("b", 2.0)], [("a", 1.0)], [("a", 1.0)])
    theirs = _trace([("a", 1.00001), ("c", 5.0)], [("a", 1.5), ("c", 2.0)], [("a", 1.0)], [("a", 1.0)])
    found = agreement(_ROWS, _by_example(others), ours, theirs)
    assert (found.outcomes, found.texts, found.queries, found.whole) == (3, 3, 3, 1)
    assert (found.ties, found.unexplained) == (2, 1)  # the second had another answer to the same text
    assert 0.05 < found.largest < 0.15


def test_only_examples_of_both_are_compared() -> None:
    trace = _trace(*[[("a", 1.0)]] * 4)
    assert agreement(_ROWS, _by_example(_ROWS[:3]), trace, trace).examples == 3


def test_unique_texts_are_counted_once() -> None:
    trace = _trace([("a", 1.0), ("b", 1.0)], [("a", 1.0)])
    assert trace.asked == 3
    assert trace.unique(_EXAMPLES[:2]) == [("a",), ("b",)]
    assert trace.unique(_EXAMPLES[1:]) == [("a",)]
