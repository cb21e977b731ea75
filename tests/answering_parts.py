"""Light models for the warm process: it runs for real, and loads in no time."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bsm_core.answering.lookup import Parts
from bsm_core.domain.tasks import Text
from bsm_core.errors import ClassifierError
from bsm_core.ports import Classifier, FloatArray, JobContext
from tests.attacks import WordClassifier

WORDS = ("good", "bad", "film", "ending")


class LetterEmbedder:
    """One dimension a word of ``WORDS``."""

    def embed(self, texts: Sequence[str]) -> FloatArray:
        counts = np.array([[text.split().count(word) + 0.01 for word in WORDS] for text in texts], np.float32)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


class TouchyClassifier(WordClassifier):
    def probabilities(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        if texts[0] == ("die",):
            os._exit(3)
        if texts[0] == ("fail",):
            raise ClassifierError("the model gave no finite answer")
        return super().probabilities(texts, context)


def load(folder: Path) -> Classifier:
    print("loading", folder)  # as libraries do
    if folder.name == "slow":
        time.sleep(1.0)
    return TouchyClassifier()


def parts() -> Parts:
    return Parts(load, LetterEmbedder)
