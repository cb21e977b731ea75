"""What tests of attacks share: a classifier whose answers can be worked out by hand, and a job's context."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bsm_core.domain.tasks import Example, Split, Text, example_id
from bsm_core.domain.unknowns import (
    PAPER_TAU,
    AttackGoal,
    AttackOutcome,
    PairSide,
    Perturbation,
    PerturbationRecipe,
    perturbation_id,
)
from bsm_core.jobs.context import FolderContext
from bsm_core.jobs.events import Event
from bsm_core.jobs.folder import JobFolder
from bsm_core.ports import Classifier, FloatArray, JobContext

ODD_TEXTS = {
    "one word": "dreadful",
    "stop words": "it is what it was and so on",
    "a sign": "!",
    "nothing": "",
    "white space": " \t\n",
    "Chinese": "这部电影非常好看，我很喜欢",
    "Russian": "фильм был очень хорошим",
    "Arabic": "فيلم جميل جدا",
    "emoji": "🎬🎬 great 👍🏽 film 👨‍👩‍👧",
    "zero-width": "a g\u200breat\u200d film\ufeff with \u200b charm",
    "nothing but zero-width": "\u200b\u200d\ufeff",
    "right to left marks": "a \u202egreat\u202c film",
    "markup": "<b onclick=x>bold</b> & <script>",
    "one long word": "x" * 5_000,
    "ten thousand words": " ".join(f"word{number}" for number in range(10_000)),
}
"""What no attack may stumble over, by what is odd about it."""


def open_context(path: Path) -> FolderContext:
    """The context of a job that runs in ``path``."""
    folder = JobFolder(path)
    for part in (folder.inputs, folder.partial, folder.draft):
        part.mkdir(parents=True, exist_ok=True)
    return FolderContext(folder)


def log_lines(context: FolderContext) -> list[str]:
    return [event["message"] for event in _events(context, "log")]


def progress_of(context: FolderContext) -> list[Event]:
    return _events(context, "progress")


def _events(context: FolderContext, kind: str) -> list[Event]:
    lines = JobFolder(context.folder).events.read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["type"] == kind]


def example(*text: str, label: int = 0, split: Split = Split.VALIDATION) -> Example:
    return Example(example_id(text), split, text, label)


class WordClassifier:
    """A classifier that adds up a fixed pseudo-random vote of each word. ``asked`` remembers every call."""

    def __init__(self, label_count: int = 2) -> None:
        self.label_count = label_count
        self.asked: list[list[Text]] = []

    def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        self.asked.append(list(texts))
        if context is not None:
            context.check_cancelled()
            context.progress("predicting", len(texts), len(texts))
        votes = [self._votes(text) for text in texts]
        return np.array(votes, dtype=np.float32).reshape(len(texts), self.label_count)

    def probabilities(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        powers = np.exp(self.logits(texts, context))
        return powers / powers.sum(axis=1, keepdims=True)

    def _votes(self, text: Text) -> list[float]:
        votes = np.zeros(self.label_count)
        for side, part in enumerate(text):
            for word in part.split():
                digest = hashlib.sha256(f"{side} {word}".encode()).digest()
                votes += np.frombuffer(digest[: self.label_count], dtype=np.uint8) / 128.0 - 1.0
        return votes.tolist()


def answered(classifier: WordClassifier, *text: str) -> Example:
    """An example labelled as ``classifier`` has it, so that it will be attacked."""
    return example(*text, label=int(classifier.logits([text])[0].argmax()))


class LastWordPerturber:
    """A Perturber that needs no TextAttack: shuffles the last word's letters, and succeeds if that flips the label.

    ``stop_after`` raises KeyboardInterrupt in place of the next example, as a kill would.
    """

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after = stop_after
        self.attacked: list[str] = []

    def perturb(
        self,
        classifier: Classifier,
        examples: Sequence[Example],
        recipe: PerturbationRecipe,  # noqa: ARG002
        seed: int,
        set_id: str,
        context: JobContext,
        goal: AttackGoal = AttackGoal.UNTARGETED,
        tau: float = PAPER_TAU,
        side: PairSide = PairSide.BOTH,
    ) -> Iterator[Perturbation]:
        self.side = side
        for number, item in enumerate(examples):
            if number == self.stop_after:
                raise KeyboardInterrupt
            context.check_cancelled()
            context.progress("one by one", number, len(examples))
            self.attacked.append(item.example_id)
            least = tau if goal is AttackGoal.UNKNOWN_UNKNOWN else 0.0
            yield self._one(classifier, item, random.Random(f"{seed} {item.example_id}"), set_id, least)

    def _one(
        self, classifier: Classifier, item: Example, draw: random.Random, set_id: str, least: float
    ) -> Perturbation:
        before = classifier.probabilities([item.text])[0]
        same = Perturbation(
            perturbation_id=perturbation_id(set_id, item.example_id),
            example_id=item.example_id,
            outcome=AttackOutcome.SKIPPED,
            label=item.label,
            original_text=item.text,
            perturbed_text=item.text,
            original_probabilities=tuple(before.tolist()),
            perturbed_probabilities=tuple(before.tolist()),
            queries=1,
            words_changed=0,
            words_total=len(item.text[-1].split()),
            seconds=0.25,
        )
        if int(before.argmax()) != item.label:
            return same
        *rest, word = item.text[-1].split(" ")
        text = (*item.text[:-1], " ".join([*rest, "".join(draw.sample(word, len(word)))]))
        after = classifier.probabilities([text])[0]
        flipped = int(after.argmax()) != item.label and float(after.max()) >= least
        return replace(
            same,
            outcome=AttackOutcome.SUCCESSFUL if flipped else AttackOutcome.FAILED,
            perturbed_text=text,
            perturbed_probabilities=tuple(after.tolist()),
            queries=2,
            words_changed=int(text != item.text),
        )
