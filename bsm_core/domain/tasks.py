"""A task: what is classified, into which labels; and the examples it consists of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Split(StrEnum):
    TRAIN = "train"
    VALIDATION = "validation"
    """UUs are discovered here, and only here."""
    TEST = "test"
    """Sealed: looked at by evaluations only, and every look is counted."""


Text = tuple[str, ...]
"""One input of a classifier: one string for a single text, two for a text pair."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the classifier decides.

    ``label_names[i]`` names label ``i``; ``text_fields`` names the one or two sides of an input;
    ``phrase`` completes "The model decides ..." in prompts; ``sample_noun`` names one input in a prompt
    ("movie review sentence"). ``entailment``: the second side is judged in the light of the first, as a hypothesis is
    by its premise, or a sentence by the question that it may answer.
    """

    name: str
    title: str
    label_names: tuple[str, ...]
    text_fields: tuple[str, ...]
    phrase: str
    sample_noun: str
    source: str = ""
    entailment: bool = False

    def __post_init__(self) -> None:
        if len(self.label_names) < 2:
            raise ValueError(f"task {self.name!r} has {len(self.label_names)} labels; it needs at least 2")
        if len(self.text_fields) not in (1, 2):
            raise ValueError(f"task {self.name!r} has {len(self.text_fields)} text fields; use 1 or 2")
        if self.entailment and not self.is_pair:
            raise ValueError(f"task {self.name!r} has one text field, and entailment is of pairs; leave out entailment")

    @property
    def is_pair(self) -> bool:
        return len(self.text_fields) == 2


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled row of the data set. ``label`` is an index into ``Task.label_names``."""

    example_id: str
    split: Split
    text: Text
    label: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """A task's examples after import: deduplicated, split, hashed.

    A text is in one split only. ``data_hash`` is over ids, labels and splits in order.
    """

    task: Task
    examples: tuple[Example, ...]
    seed: int
    dropped_empty: int = 0
    dropped_duplicate: int = 0
    dropped_conflicting: int = 0
    """Texts that stand in the source with two different labels: all their copies are dropped."""

    @property
    def data_hash(self) -> str:
        digest = hashlib.sha256()
        for example in self.examples:
            digest.update(f"{example.example_id}\t{example.label}\t{example.split}\n".encode())
        return digest.hexdigest()

    def of(self, split: Split) -> list[Example]:
        return [example for example in self.examples if example.split is split]


def example_id(text: Text) -> str:
    """The identity of a text: ``e`` and 16 hex digits of its hash, the same in every study."""
    return "e" + hashlib.sha256("\x1f".join(text).encode()).hexdigest()[:16]
