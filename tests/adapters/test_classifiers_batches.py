"""Every row is in one batch, and little is padded."""

from __future__ import annotations

import numpy as np
import pytest

from bsm_core.classifiers.batches import by_length, grouped

LENGTHS = np.random.default_rng(0).integers(3, 60, 500).tolist()


@pytest.mark.parametrize(("rows", "tokens"), [(64, 4096), (8, 100), (1, 10_000), (500, 1)])
def test_by_length_keeps_every_row_once_and_both_limits(rows: int, tokens: int) -> None:
    batches = list(by_length(LENGTHS, rows, tokens))
    assert sorted(np.concatenate(batches).tolist()) == list(range(500))
    for batch in batches:
        assert len(batch) <= rows
        assert len(batch) == 1 or len(batch) * max(LENGTHS[i] for i in batch) <= tokens


def test_by_length_runs_from_short_to_long_and_keeps_the_order_of_equals() -> None:
    assert [batch.tolist() for batch in by_length([5, 2, 5, 2, 1], 2, 100)] == [[4, 1], [3, 0], [2]]


def test_by_length_of_nothing() -> None:
    assert list(by_length([], 8, 100)) == []


@pytest.mark.parametrize("count", [1, 7, 64, 500])
def test_grouped_keeps_every_row_once(count: int) -> None:
    batches = grouped(LENGTHS[:count], 16, np.random.default_rng(1))
    assert sorted(np.concatenate(batches).tolist()) == list(range(count))
    assert len(batches) == -(-count // 16)


def test_grouped_pads_less_than_a_random_order() -> None:
    def padded(batches: list[np.ndarray]) -> int:
        return sum(len(batch) * max(LENGTHS[i] for i in batch) for batch in batches)

    order = np.random.default_rng(1).permutation(500)
    random_batches = [order[start : start + 16] for start in range(0, 500, 16)]
    assert padded(grouped(LENGTHS, 16, np.random.default_rng(1))) < 1.2 * sum(LENGTHS) < padded(random_batches)


def test_grouped_is_drawn_by_the_generator() -> None:
    def draw(seed: int) -> list[list[int]]:
        return [batch.tolist() for batch in grouped(LENGTHS, 16, np.random.default_rng(seed))]

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_grouped_does_not_run_from_short_to_long() -> None:
    longest = [max(LENGTHS[i] for i in batch) for batch in grouped(LENGTHS, 16, np.random.default_rng(1))]
    assert abs(np.corrcoef(longest, range(len(longest)))[0, 1]) < 0.5
