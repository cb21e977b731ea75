"""From rows to a Dataset: cleaned, deduplicated, split by seed. A text is never in two splits.

Everything here depends on the seed and on the texts themselves, never on the order in which a source gives them.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bsm_core.config import StudyConfig
from bsm_core.domain.tasks import Dataset, Example, Split, Task, Text, example_id
from bsm_core.errors import TaskError
from bsm_core.tasks.sources import SourceRow

Part = Split | None
Sizes = Mapping[Split, int]

_ORDER = (Split.TRAIN, Split.VALIDATION, Split.TEST)
# Held-out texts are drawn first, so that another training size leaves validation and test as they are.
_DRAWN = (Split.TEST, Split.VALIDATION, Split.TRAIN)
_VALIDATION_FROM_TRAIN = ("mrpc",)
"""As GLUE does it: 408 of the 4,076 pairs of MRPC's train file are its validation part."""


def build_dataset(task: Task, rows: Iterable[SourceRow], config: StudyConfig) -> Dataset:
    """Clean, deduplicate and split ``rows`` into the sizes of ``config`` (0: an equal share of all that is left).

    Rows whose source divides them keep to their part: training comes from its train part; its one held-out part makes
    validation and test (IMDB, table 1; QNLI, whose test labels are secret), unless it has both. MRPC's own train file
    makes training and validation. A held-out text that stands in the train part too is dropped as a duplicate.
    Examples come by split, then in an order drawn by seed.

    Raises TaskError for a row that does not fit the task, for more than there is, and for an empty split.
    """
    census = _take_census(task, rows)
    pools = _pools(task, census)
    wanted = {
        Split.TRAIN: config.train_size,
        Split.VALIDATION: config.validation_size,
        Split.TEST: config.test_size,
    }
    drawn: dict[Split, list[_Clean]] = {}
    for splits, pool in pools:
        sizes = _sizes(task, {split: wanted[split] for split in splits}, len(pool), census)
        drawn.update(_draw(pool, sizes, config.seed))
    examples = tuple(
        Example(item.example_id, split, item.text, item.label)
        for split in _ORDER
        for item in sorted(drawn[split], key=lambda item: _rank(config.seed, "order", item.example_id))
    )
    if len({example.example_id for example in examples}) != len(examples):
        raise TaskError(f"two different texts of {task.name!r} have the same id; this data cannot be told apart")
    return Dataset(
        task=task,
        examples=examples,
        seed=config.seed,
        dropped_empty=census.empty,
        dropped_duplicate=census.duplicate,
        dropped_conflicting=census.conflicting,
    )


@dataclass(frozen=True, slots=True)
class _Clean:
    example_id: str
    text: Text
    label: int


@dataclass(slots=True)
class _Census:
    """The distinct texts of a source, and how many rows were dropped on the way."""

    texts: dict[Text, tuple[int, Part]] = field(default_factory=dict)
    empty: int = 0
    duplicate: int = 0
    conflicting: int = 0

    def __str__(self) -> str:
        return f"{self.empty} empty, {self.duplicate} duplicate and {self.conflicting} conflicting rows are dropped"


def _take_census(task: Task, rows: Iterable[SourceRow]) -> _Census:
    census = _Census()
    conflicts: set[Text] = set()
    copies: Counter[Text] = Counter()
    for number, row in enumerate(rows, start=1):
        _check(task, row, number)
        text = normalized(row.text)
        if not all(text):
            census.empty += 1
            continue
        copies[text] += 1
        label, part = census.texts.setdefault(text, (row.label, row.part))
        if label != row.label:
            conflicts.add(text)
        elif part is not row.part:
            census.texts[text] = (label, _first(part, row.part))
    for text in conflicts:
        del census.texts[text]
        census.conflicting += copies.pop(text)
    census.duplicate = copies.total() - len(copies)
    return census


def normalized(text: Text) -> Text:
    """Runs of white space become one space, none is left at the ends; nothing else changes."""
    return tuple(" ".join(side.split()) for side in text)


def _check(task: Task, row: SourceRow, number: int) -> None:
    if len(row.text) != len(task.text_fields):
        raise TaskError(
            f"row {number} of {task.name!r} has {len(row.text)} texts; the task takes {', '.join(task.text_fields)}"
        )
    if not 0 <= row.label < len(task.label_names):
        raise TaskError(
            f"row {number} of {task.name!r} has label {row.label}; "
            f"use 0 to {len(task.label_names) - 1} ({', '.join(task.label_names)})"
        )


def _first(one: Part, other: Part) -> Part:
    """Of two parts with the same text the one that keeps it: train before validation before test."""
    return min((part for part in (one, other) if part is not None), key=_ORDER.index)


def _pools(task: Task, census: _Census) -> list[tuple[tuple[Split, ...], list[_Clean]]]:
    """Which texts each split may be drawn from."""
    by_part: dict[Part, list[_Clean]] = defaultdict(list)
    for text, (label, part) in census.texts.items():
        by_part[part].append(_Clean(example_id(text), text, label))
    if not any(by_part):
        return [(_ORDER, by_part[None])]
    if None in by_part:
        raise TaskError(f"{len(by_part[None])} rows of {task.name!r} have no split while others do; give all or none")
    if by_part[Split.VALIDATION] and by_part[Split.TEST]:
        return [((split,), by_part[split]) for split in _ORDER]
    if task.name in _VALIDATION_FROM_TRAIN:
        return [((Split.TRAIN, Split.VALIDATION), by_part[Split.TRAIN]), ((Split.TEST,), by_part[Split.TEST])]
    held_out = by_part[Split.VALIDATION] or by_part[Split.TEST]
    return [((Split.TRAIN,), by_part[Split.TRAIN]), ((Split.VALIDATION, Split.TEST), held_out)]


def _sizes(task: Task, wanted: Sizes, available: int, census: _Census) -> Sizes:
    asked = sum(wanted.values())
    names = " + ".join(f"{size or 'the rest'} for {split.value}" for split, size in wanted.items())
    if asked > available:
        raise TaskError(
            f"{asked} texts of {task.name!r} are asked for ({names}), but there are {available} ({census}); "
            f"ask for fewer, or 0 for all that is left"
        )
    open_splits = [split for split, size in wanted.items() if size == 0]
    sizes = dict(wanted)
    for position, split in enumerate(open_splits):
        share, extra = divmod(available - asked, len(open_splits))
        sizes[split] = share + (position < extra)
    if empty := [split.value for split, size in sizes.items() if size == 0]:
        raise TaskError(
            f"nothing is left of the {available} texts of {task.name!r} for {' and '.join(empty)} ({names}; {census}); "
            f"every split needs at least one text"
        )
    return sizes


def _draw(pool: Sequence[_Clean], sizes: Sizes, seed: int) -> dict[Split, list[_Clean]]:
    """Draw each split from what is left, with the labels in the proportions of what is left."""
    left: dict[int, list[_Clean]] = defaultdict(list)
    for item in sorted(pool, key=lambda item: _rank(seed, "draw", item.example_id)):
        left[item.label].append(item)
    drawn: dict[Split, list[_Clean]] = {}
    for split in _DRAWN:
        if split not in sizes:
            continue
        taken: list[_Clean] = []
        for label, count in quotas({label: len(items) for label, items in left.items()}, sizes[split]).items():
            taken += left[label][:count]
            left[label] = left[label][count:]
        drawn[split] = taken
    return drawn


def quotas(counts: Mapping[int, int], size: int) -> dict[int, int]:
    """Divide ``size`` over labels in proportion to ``counts`` by largest remainder; never more than a label has."""
    total = sum(counts.values())
    if total == 0:
        return {}
    shares = {label: divmod(size * count, total) for label, count in sorted(counts.items())}
    result = {label: whole for label, (whole, _) in shares.items()}
    by_remainder = sorted(shares, key=lambda label: -shares[label][1])
    for label in by_remainder[: size - sum(result.values())]:
        result[label] += 1
    return result


def _rank(seed: int, purpose: str, identity: str) -> bytes:
    """A seeded order of ids that needs no state: the same for the same id, whatever stands around it."""
    return hashlib.sha256(f"{seed}\t{purpose}\t{identity}".encode()).digest()
