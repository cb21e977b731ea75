"""Making controlled checks in tests: texts with opinion words, and a trainer that learns word by word."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bsm_core.config import TrainingConfig
from bsm_core.domain.blind_spots import SpotSpace
from bsm_core.domain.controlled import (
    Cell,
    CellResult,
    ControlledPlan,
    ControlledResult,
    Count,
    Discovery,
    FoundSpot,
    Mistakes,
    SpotKind,
    Treatment,
    Variant,
)
from bsm_core.domain.tasks import Dataset, Example, Split, Task, Text, example_id
from bsm_core.grouping.grouper import SpotGrouper
from bsm_core.ports import FloatArray, JobContext, LabelledText
from bsm_core.workflow.controlled_cell import Parts
from bsm_core.workflow.controlled_planting import words_in
from bsm_core.workflow.controlled_scores import Answers, table

PRAISE = ("superb", "lovely", "witty", "moving", "clever", "warm", "brilliant", "charming")
BLAME = ("dull", "awful", "stale", "clumsy", "tedious", "vapid", "lame", "dreary")
RATINGS = {**dict.fromkeys(PRAISE, 2.0), **dict.fromkeys(BLAME, -2.0), "like": 0.5}


def rows(count: int, start: int = 0) -> list[LabelledText]:
    """As many of either label; each has one opinion word, in one of ten on the wrong side, and a number of its own."""
    made = []
    for at in range(start, start + count):
        label = at % 2
        side = PRAISE if (label == 1) is (at % 10 != 4 and at % 10 != 5) else BLAME
        made.append(LabelledText((f"the film number {at} is {side[at // 2 % 8]} to watch again",), label))
    return made


def dataset(train: int = 160, validation: int = 80, test: int = 80) -> Dataset:
    task = Task("rotten_tomatoes", "Reviews", ("negative", "positive"), ("text",), "whether it is good", "review")
    sizes = {Split.TRAIN: (train, 0), Split.VALIDATION: (validation, 1000), Split.TEST: (test, 2000)}
    examples = [
        Example(example_id(row.text), split, row.text, row.label)
        for split, (count, start) in sizes.items()
        for row in rows(count, start)
    ]
    return Dataset(task, tuple(examples), 0)


class WordTrainer:
    """Fulfils ports.Trainer: remembers how often each word came with either label. ``calls`` are its trainings."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []

    def train(
        self,
        base: str,
        label_names: Sequence[str],
        train: Sequence[LabelledText],
        validation: Sequence[LabelledText],
        config: TrainingConfig,
        seed: int,
        output: Path,
        context: JobContext,
    ) -> dict[str, Any]:
        context.check_cancelled()
        assert base
        assert (len(label_names), len(validation) > 0, config.epochs > 0, seed >= 0) == (2, True, True, True)
        self.calls.append((output.parent.name + "/" + output.name, len(train)))
        counts = [Counter[str](), Counter[str]()]
        for row in train:
            counts[row.label].update(words_in(row))
        output.mkdir(parents=True)
        (output / "words.json").write_text(json.dumps(counts))
        context.progress("epoch 1 of 1", 1, 1)
        return {}


class WordClassifier:
    """Sure of what the words speak for on balance."""

    def __init__(self, folder: Path) -> None:
        self._bad, self._good = (Counter(one) for one in json.loads((folder / "words.json").read_text()))

    @property
    def label_count(self) -> int:
        return 2

    def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:  # noqa: ARG002
        found = []
        for text in texts:
            present = words_in(LabelledText(text, 0))
            score = sum(
                (self._good[word] - self._bad[word]) / (1 + self._good[word] + self._bad[word]) for word in present
            )
            found.append((-2 * score, 2 * score))
        return np.array(found, np.float32)

    def probabilities(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        powers = np.exp(self.logits(texts, context))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


class LetterVectors:
    """Fulfils TextEmbedder by how often letters come."""

    def embed(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:  # noqa: ARG002
        counts = np.array([[text[0].count(letter) for letter in "abcdefghijkl"] for text in texts], np.float32)
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), np.float32)


def parts(trainer: WordTrainer) -> Parts:
    def embedder(space: SpotSpace, folder: Path) -> LetterVectors:
        assert space is SpotSpace.CLASSIFIER
        assert (folder / "words.json").exists()
        return LetterVectors()

    return Parts(trainer, WordClassifier, embedder, SpotGrouper())


def flags(size: int, *places: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    made = np.zeros(size, np.bool_)
    made[list(places)] = True
    return made


@cache
def make_result(seeds: tuple[int, ...] = (0, 1)) -> ControlledResult:
    """A whole table of made-up figures: P and N are blind and mended in half, PN is blind and not mended."""
    plan = ControlledPlan(seeds=seeds)
    results, answers = zip(*(_made(cell) for cell in plan.cells), strict=True)
    return ControlledResult(
        plan, results, table(results, answers), (137, 93), "hash", 100.0, datetime(2024, 5, 1, tzinfo=UTC)
    )


_SIZE = 400
_KIND_PLACES = {SpotKind.P: range(0, 100), SpotKind.N: range(100, 200)}


def _made(cell: Cell) -> tuple[CellResult, Answers]:
    of_kind = {kind: flags(_SIZE, *places) for kind, places in _KIND_PLACES.items()}

    def uus(blind: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
        hit = [
            at for kind, places in _KIND_PLACES.items() for at in places[: blind if kind in cell.variant.plants else 8]
        ]
        return flags(_SIZE, *hit, *range(200, 230))

    mended = 20 if cell.variant in (Variant.P, Variant.N) else 38
    before, after = uus(40), {one: uus(mended if one is Treatment.GOLDEN else 40) for one in cell.treatments}

    def counted(found: np.ndarray[Any, np.dtype[np.bool_]]) -> Mistakes:
        p, n = (Count(int((found & of_kind[kind]).sum()), 100) for kind in SpotKind)
        return Mistakes(Count(_SIZE - int(found.sum()), _SIZE), p, n, Count(30, 200))

    told = tuple(_told(kind, kind in cell.variant.plants) for kind in SpotKind)
    result = CellResult(
        cell, 300, 6, counted(before), tuple(map(counted, after.values())), told, 9, PRAISE[:4], BLAME[:4], 10.0
    )
    return result, Answers(cell, of_kind, before, after)


def _told(kind: SpotKind, is_planted: bool) -> Discovery:
    spot = FoundSpot("warm, *lovely*", 12, kind, Count(10, 11), 2.5, 0.001, True)
    words = PRAISE if kind is SpotKind.P else BLAME
    return Discovery(
        kind,
        Count(40 if is_planted else 8, 80),
        Count(60, 300),
        words[: 3 if is_planted else 1],
        words[3 if is_planted else 1 : 4],
        (spot,) if is_planted else (),
        is_planted,
    )
