import random
from collections import Counter
from collections.abc import Callable

import pytest

from bsm_core.config import StudyConfig
from bsm_core.domain.tasks import Dataset, Split, Task, example_id
from bsm_core.errors import TaskError
from bsm_core.tasks.sources import SourceRow
from bsm_core.tasks.splitting import build_dataset, normalized, quotas

TASK = Task("toy", "Toy", ("no", "yes"), ("text",), "yes or no", "text")
PAIR = Task("pairs", "Pairs", ("same", "different", "unclear"), ("one", "two"), "same or not", "pair")


def config(train: int = 0, validation: int = 10, test: int = 10, seed: int = 0) -> StudyConfig:
    return StudyConfig("toy", "toy", train, validation, test, seed=seed)


def rows(count: int, yes_share: float = 0.5, part: Split | None = None, prefix: str = "text") -> list[SourceRow]:
    return [SourceRow((f"{prefix} {i}",), int(i < count * yes_share), part) for i in range(count)]


def ids(dataset: Dataset, split: Split) -> list[str]:
    return [example.example_id for example in dataset.of(split)]


def test_build_dataset_gives_the_sizes_asked_for() -> None:
    dataset = build_dataset(TASK, rows(100), config(60, 20, 15))
    assert [len(dataset.of(split)) for split in Split] == [60, 20, 15]


def test_build_dataset_with_size_zero_takes_all_that_is_left() -> None:
    assert len(build_dataset(TASK, rows(100), config(0, 20, 15)).of(Split.TRAIN)) == 65


def test_build_dataset_with_several_zeros_shares_what_is_left() -> None:
    dataset = build_dataset(TASK, rows(101), config(80, 0, 0))
    assert [len(dataset.of(split)) for split in Split] == [80, 11, 10]


def test_build_dataset_never_puts_a_text_into_two_splits() -> None:
    dataset = build_dataset(TASK, rows(100) * 3, config())
    assert len({example.example_id for example in dataset.examples}) == len(dataset.examples) == 100


def test_build_dataset_keeps_the_share_of_labels_in_every_split() -> None:
    dataset = build_dataset(TASK, rows(200, yes_share=0.25), config(0, 40, 20))
    shares = [Counter(example.label for example in dataset.of(split))[1] for split in Split]
    assert shares == [35, 10, 5]


def test_build_dataset_of_shuffled_rows_is_the_same_dataset() -> None:
    source = rows(100) + rows(10)
    shuffled = source[:]
    random.Random(1).shuffle(shuffled)
    assert build_dataset(TASK, source, config()) == build_dataset(TASK, shuffled, config())


def test_build_dataset_with_another_seed_draws_other_splits() -> None:
    one, other = (build_dataset(TASK, rows(100), config(seed=seed)) for seed in (0, 1))
    assert set(ids(one, Split.TEST)) != set(ids(other, Split.TEST))
    assert one.data_hash != other.data_hash


def test_build_dataset_with_another_training_size_keeps_the_held_out_texts() -> None:
    small, large = (build_dataset(TASK, rows(100), config(train)) for train in (20, 80))
    for split in (Split.VALIDATION, Split.TEST):
        assert ids(small, split) == ids(large, split)


def test_build_dataset_orders_by_split_and_mixes_labels_within() -> None:
    dataset = build_dataset(TASK, rows(200), config(0, 40, 40))
    order = [list(Split).index(example.split) for example in dataset.examples]
    labels = [example.label for example in dataset.of(Split.VALIDATION)]
    assert order == sorted(order)
    assert labels not in (sorted(labels), sorted(labels, reverse=True))


def test_build_dataset_drops_and_counts_empty_texts() -> None:
    dataset = build_dataset(TASK, [*rows(100), SourceRow(("",), 0), SourceRow((" \n\t",), 1)], config())
    assert (dataset.dropped_empty, len(dataset.examples)) == (2, 100)


def test_build_dataset_drops_and_counts_copies_that_differ_in_white_space_only() -> None:
    dataset = build_dataset(TASK, [*rows(100), SourceRow(("  text \n 7 ",), 1)], config())
    assert (dataset.dropped_duplicate, len(dataset.examples)) == (1, 100)


def test_build_dataset_drops_all_copies_of_a_text_with_two_labels() -> None:
    disputed = [SourceRow(("both",), 0), SourceRow(("both",), 1), SourceRow(("both",), 0)]
    dataset = build_dataset(TASK, rows(100) + disputed, config())
    assert (dataset.dropped_conflicting, dataset.dropped_duplicate) == (3, 0)
    assert example_id(("both",)) not in {example.example_id for example in dataset.examples}


def test_build_dataset_asked_for_too_much_says_both_numbers() -> None:
    with pytest.raises(TaskError, match=r"120 texts of 'toy' are asked for .* there are 100"):
        build_dataset(TASK, rows(100), config(100, 10, 10))


@pytest.mark.parametrize("source", [lambda: [], lambda: rows(20), lambda: [SourceRow((" ",), 0)]])
def test_build_dataset_that_leaves_a_split_empty_is_refused(source: Callable[[], list[SourceRow]]) -> None:
    with pytest.raises(TaskError, match=r"at least one text|asked for"):
        build_dataset(TASK, source(), config())


def test_build_dataset_of_a_divided_source_halves_its_test_part() -> None:
    source = rows(50, part=Split.TRAIN) + rows(40, part=Split.TEST, prefix="held out")
    dataset = build_dataset(TASK, source, config(0, 0, 0))
    assert [len(dataset.of(split)) for split in Split] == [50, 20, 20]
    assert {example.text[0][:4] for example in dataset.of(Split.TRAIN)} == {"text"}


def test_build_dataset_of_a_source_divided_in_three_keeps_its_parts() -> None:
    source = [row for part in Split for row in rows(10, part=part, prefix=part.value)]
    dataset = build_dataset(TASK, source, config(0, 0, 5))
    assert [len(dataset.of(split)) for split in Split] == [10, 10, 5]
    assert all(example.text[0].startswith(example.split.value) for example in dataset.examples)


@pytest.mark.parametrize("train_first", [True, False])
def test_build_dataset_drops_from_test_what_stands_in_train(train_first: bool) -> None:
    train, test = rows(50, part=Split.TRAIN), rows(40, part=Split.TEST, prefix="held out")
    leaked = SourceRow(train[0].text, train[0].label, Split.TEST)
    source = [*train, *test, leaked] if train_first else [leaked, *test, *train]
    dataset = build_dataset(TASK, source, config(0, 0, 0))
    assert (dataset.dropped_duplicate, len(dataset.of(Split.TRAIN))) == (1, 50)
    assert example_id(leaked.text) in ids(dataset, Split.TRAIN)


def test_build_dataset_of_a_source_divided_in_part_is_refused() -> None:
    with pytest.raises(TaskError, match="10 rows of 'toy' have no split"):
        build_dataset(TASK, rows(20, part=Split.TRAIN) + rows(10, prefix="loose"), config())


def test_build_dataset_of_pairs_keeps_both_sides_and_tells_them_apart() -> None:
    source = [SourceRow((f" a {i}", f"b  {i}"), i % 3) for i in range(60)] + [SourceRow(("b 1", "a 1"), 0)]
    dataset = build_dataset(PAIR, source, config())
    assert len(dataset.examples) == 61
    assert {("a 1", "b 1"), ("b 1", "a 1")} < {example.text for example in dataset.examples}
    assert {example.label for example in dataset.of(Split.TEST)} == {0, 1, 2}


def test_build_dataset_drops_a_pair_with_one_empty_side() -> None:
    source = [SourceRow((f"a {i}", f"b {i}"), i % 3) for i in range(60)] + [SourceRow(("alone", " "), 0)]
    assert build_dataset(PAIR, source, config()).dropped_empty == 1


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (SourceRow(("one", "two"), 0), "row 31 of 'toy' has 2 texts"),
        (SourceRow(("one",), 2), "row 31 of 'toy' has label 2; use 0 to 1"),
        (SourceRow(("one",), -1), "has label -1"),
    ],
)
def test_build_dataset_with_a_row_that_does_not_fit_names_the_row(row: SourceRow, complaint: str) -> None:
    with pytest.raises(TaskError, match=complaint):
        build_dataset(TASK, [*rows(30), row], config())


def test_normalized_changes_white_space_only() -> None:
    assert normalized(("  A\u00a0 b\n\n<i>ç</i> ",)) == ("A b <i>ç</i>",)


@pytest.mark.parametrize("size", range(14))
def test_quotas_add_up_and_never_exceed_a_label(size: int) -> None:
    counts = {0: 9, 1: 3, 2: 1}
    shares = quotas(counts, size)
    assert sum(shares.values()) == size
    assert all(shares[label] <= counts[label] for label in counts)


def test_quotas_of_nothing_are_empty() -> None:
    assert quotas({}, 0) == {}
