"""Training an encoder: ours against transformers' ``Trainer``, in turns on the same texts, and what each learned."""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from tabulate import tabulate

from bsm_core.bench.quiet import QuietContext
from bsm_core.classifiers.predict import load_classifier
from bsm_core.classifiers.reference_trainer import train_with_transformers
from bsm_core.classifiers.train import ClassifierTrainer
from bsm_core.config import EMBEDDED_ENCODER, TrainingConfig, load_preset
from bsm_core.domain.tasks import Dataset, Split
from bsm_core.errors import WorkbenchError
from bsm_core.ports import LabelledText
from bsm_core.tasks.assets import asset_path, find_asset
from bsm_core.tasks.loading import load_dataset

OURS, DEFAULT, PADDED = "ours", "Trainer, its defaults", "Trainer, padded to the longest allowed"
_LOSS_TEXTS = 500
"""Training texts over which the final loss is measured, without dropout."""


@dataclass(frozen=True, slots=True)
class Options:
    n: int = 2000
    data: str = "rotten_tomatoes"
    epochs: int = 2
    batch_size: int = 64
    learning_rate: float = 5e-5
    max_length: int = 128
    seeds: int = 3
    padded: bool = True
    """Whether to measure the variant that pads every text to ``max_length``; it is run for the first seed only."""


@dataclass(frozen=True, slots=True)
class Run:
    """One training from its start to its saved model. Losses are mean cross-entropies of the saved model, both measured
    the same way; ``seconds`` and ``processor_seconds`` have tokenizing in them and no validation."""

    way: str
    seed: int
    seconds: float
    processor_seconds: float
    train_loss: float
    validation_loss: float
    accuracy: float


def run(options: Options, json_path: Path | None) -> None:
    """Print the comparison, and write it to ``json_path``. Raises WorkbenchError for bad options."""
    for name in ("n", "epochs", "batch_size", "seeds"):
        if getattr(options, name) < 1:
            raise WorkbenchError(f"--{name.replace('_', '-')} {getattr(options, name)} is less than 1; use 1 or more")
    load = os.getloadavg()[0]
    print(f"{options.n} texts of {options.data}, {options.epochs} epochs, batches of {options.batch_size}", flush=True)
    runs = measure(options)
    print(_table(runs, options))
    for way in (DEFAULT, PADDED):
        if any(one.way == way for one in runs):
            print(_ratio(runs, way))
    print(
        f"{os.cpu_count()} processors ({platform.machine()}), {os.environ.get('OMP_NUM_THREADS', 'all')} threads, "
        f"load {load:.1f} before and {os.getloadavg()[0]:.1f} after"
    )
    if json_path is not None:
        body = {"options": asdict(options), "runs": [asdict(one) for one in runs]}
        json_path.write_text(json.dumps(body, indent=2) + "\n", "utf-8")


def measure(options: Options) -> list[Run]:
    """Every way for every seed, in turns; the order changes from seed to seed."""
    data = _data(options)
    ways = [OURS, DEFAULT]
    runs = [_once(way, seed, data, options) for seed in range(options.seeds) for way in ways[:: 1 if seed % 2 else -1]]
    return runs + ([_once(PADDED, 0, data, options)] if options.padded else [])


def ratios(runs: Sequence[Run], way: str, seconds: Callable[[Run], float]) -> list[float]:
    """How many times as long as ours ``way`` took, by seed."""
    ours = {one.seed: seconds(one) for one in runs if one.way == OURS}
    return [seconds(one) / ours[one.seed] for one in runs if one.way == way]


def _data(options: Options) -> Dataset:
    config = replace(
        load_preset("demo"), task=options.data, train_size=options.n, validation_size=_LOSS_TEXTS, test_size=1
    )
    return load_dataset(config)


def _once(way: str, seed: int, data: Dataset, options: Options) -> Run:
    train = [LabelledText(one.text, one.label) for one in data.of(Split.TRAIN)]
    held_out = [LabelledText(one.text, one.label) for one in data.of(Split.VALIDATION)]
    config = TrainingConfig(
        base=EMBEDDED_ENCODER,
        epochs=options.epochs,
        learning_rate=options.learning_rate,
        batch_size=options.batch_size,
        max_length=options.max_length,
    )
    names = data.task.label_names
    with tempfile.TemporaryDirectory(prefix="bsm-bench-") as scratch:
        output = Path(scratch) / "model"
        began, burnt = time.perf_counter(), time.process_time()
        if way == OURS:
            # One row to validate on: the other trainer does not validate at all.
            trainer = ClassifierTrainer(find_asset)
            context = _ScratchContext(Path(scratch))
            trainer.train(config.base, names, train, held_out[:1], config, seed, output, context)
        else:
            base = asset_path(EMBEDDED_ENCODER)
            train_with_transformers(base, names, train, config, seed, output, pad_all=way == PADDED)
        seconds, processor = time.perf_counter() - began, time.process_time() - burnt
        classifier = load_classifier(output)
        train_loss, _ = _loss(classifier.logits([row.text for row in train[:_LOSS_TEXTS]]), train[:_LOSS_TEXTS])
        validation_loss, accuracy = _loss(classifier.logits([row.text for row in held_out]), held_out)
    found = Run(way, seed, seconds, processor, train_loss, validation_loss, accuracy)
    print(f"{way}, seed {seed}: {seconds:.1f} s, validation loss {validation_loss:.4f}", flush=True)
    return found


class _ScratchContext(QuietContext):
    """Silent, with a folder of its own for checkpoints, which belong to our training and are in its time."""

    def __init__(self, folder: Path) -> None:
        self.folder = self.inputs = self.partial = self.result = folder

    def log(self, message: str) -> None:
        """A line between the figures would be in the way."""

    def metric(self, name: str, step: int, value: float) -> None:
        """As above."""


def _loss(logits: np.ndarray, rows: Sequence[LabelledText]) -> tuple[float, float]:
    """Mean cross-entropy, and accuracy."""
    labels = np.array([row.label for row in rows])
    scores = logits.astype(np.float64)
    top = scores.max(axis=1, keepdims=True)
    logs = scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(labels)), labels].mean()), float((scores.argmax(axis=1) == labels).mean())


def _table(runs: Sequence[Run], options: Options) -> str:
    texts = options.n * options.epochs
    rows = []
    for way in (OURS, DEFAULT, PADDED):
        mine = [one for one in runs if one.way == way]
        if mine:
            rows.append(
                [
                    way,
                    len(mine),
                    _spread([texts / one.seconds for one in mine], 0),
                    _spread([texts / one.processor_seconds for one in mine], 0),
                    _spread([one.train_loss for one in mine], 3),
                    _spread([one.validation_loss for one in mine], 3),
                    _spread([one.accuracy for one in mine], 3),
                ]
            )
    heads = ["", "seeds", "texts/s", "texts/processor s", "train loss", "validation loss", "accuracy"]
    return tabulate(rows, heads, disable_numparse=True)


def _ratio(runs: Sequence[Run], way: str) -> str:
    wall = ratios(runs, way, lambda one: one.seconds)
    processor = ratios(runs, way, lambda one: one.processor_seconds)
    return (
        f"against {way}: {np.median(wall):.2f} times as many texts a second "
        f"(median; {min(wall):.2f} to {max(wall):.2f}), "
        f"{np.median(processor):.2f} times a processor second"
    )


def _spread(values: Sequence[float], digits: int) -> str:
    """Mean and standard deviation."""
    mean = f"{np.mean(values):.{digits}f}"
    return mean if len(values) == 1 else f"{mean} ± {np.std(values, ddof=1):.{digits}f}"
