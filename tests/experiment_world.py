"""A whole experiment without torch: models that vote word by word, told apart by the seed and the texts added."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bsm_core.config import TrainingConfig
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Text
from bsm_core.errors import ClassifierError
from bsm_core.ports import JobContext, JobResult, LabelledText
from bsm_core.workflow.discover import discover
from bsm_core.workflow.evaluate import evaluate
from bsm_core.workflow.train import train
from tests.attacks import LastWordPerturber, WordClassifier


class SeededClassifier(WordClassifier):
    """Its votes are those of ``WordClassifier`` but for one word in five, where they hang on ``key``."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key

    def _votes(self, text: Text) -> list[float]:
        changed = tuple(" ".join(self._word(word) for word in side.split()) for side in text)
        return super()._votes(changed)

    def _word(self, word: str) -> str:
        digest = hashlib.sha256(f"{self._key} {word}".encode()).digest()
        return word if digest[0] > 50 else f"{word}/{self._key}"


class RememberingTrainer:
    """A Trainer that writes down (texts, seed) of each run. Run number ``fail_at`` fails, once."""

    def __init__(self) -> None:
        self.runs: list[tuple[int, int]] = []
        self.fail_at: int | None = None

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
        if len(self.runs) == self.fail_at:
            self.fail_at = None
            raise ClassifierError("the loss is nan at step 3; train again with a lower learning rate")
        context.check_cancelled()
        self.runs.append((len(train), seed))
        output.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(repr([(row.text, row.label) for row in train]).encode()).hexdigest()
        key = f"{seed}-{digest[:8]}"
        (output / "key.json").write_text(json.dumps(key), encoding="utf-8")
        return {"base": base, "labels": list(label_names), "validation": len(validation), "epochs": config.epochs}


def load(folder: Path) -> WordClassifier:
    path = folder / "key.json"
    return SeededClassifier(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else WordClassifier()


def handlers(trainer: RememberingTrainer) -> dict[JobKind, Any]:
    """Of the jobs that an experiment has."""

    def training(spec: JobSpec, context: JobContext) -> JobResult:
        return train(spec, context, trainer=trainer, load_classifier=load)

    def looking(spec: JobSpec, context: JobContext) -> JobResult:
        return evaluate(spec, context, load_classifier=load, perturber=LastWordPerturber())

    def attacking(spec: JobSpec, context: JobContext) -> JobResult:
        return discover(spec, context, load_classifier=load, perturber=LastWordPerturber())

    return {JobKind.TRAIN: training, JobKind.EVALUATE: looking, JobKind.DISCOVER: attacking}
