"""Training a classifier of any family (3.3): AdamW, warm-up and decay, a checkpoint after every epoch."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import LRScheduler
from transformers import get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup

from bsm_core.classifiers.base import AssetPath
from bsm_core.classifiers.batches import by_length, grouped
from bsm_core.classifiers.card import data_hash, versions, weights_hash, write_card
from bsm_core.classifiers.checkpoint import Checkpoints, EpochResult, TrainingState, writable
from bsm_core.classifiers.device import describe, move, reproducible
from bsm_core.classifiers.device import device as pick_device
from bsm_core.classifiers.encoder import token_limit
from bsm_core.classifiers.families import open_for_training
from bsm_core.classifiers.opened import Opened
from bsm_core.classifiers.precision import rounding
from bsm_core.classifiers.predict import BATCH_ROWS, batched_logits
from bsm_core.classifiers.tokens import TextTokenizer, TokenizedText, to_device, wants_types
from bsm_core.config import TrainingConfig
from bsm_core.errors import ClassifierError, NothingToDoError
from bsm_core.ports import JobContext, LabelledText

LOSS_EVERY = 5
"""Optimizer steps between two points of the loss curve; each is the mean since the last."""

STEP_TOKENS = {"cpu": 1024, "cuda": 65536}
"""Padded tokens in one forward and backward pass. A bigger batch is added up from several passes: the same gradient
in less memory, with less padding, and cancellation is seen in between."""

_SCHEDULES: dict[str, Callable[..., LRScheduler]] = {
    "linear": get_linear_schedule_with_warmup,
    "cosine": get_cosine_schedule_with_warmup,
}


class ClassifierTrainer:
    """Fulfils ``ports.Trainer`` for every family; see ``families``. ``asset_path`` finds packaged models by name."""

    def __init__(self, asset_path: AssetPath, device: str | None = None) -> None:
        self._asset_path = asset_path
        self._device = device

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
        """See ``ports.Trainer``. Leaves the caller's random state as it was.

        Raises ClassifierError for an unusable base, a label out of range, a loss that is not finite or a full
        disk; NothingToDoError for an empty split.
        """
        check_rows("training", train, len(label_names))
        check_rows("validation", validation, len(label_names))
        device = pick_device(self._device)
        context.log(f"{config.epochs} epochs on {describe(device)}")
        generators = [device] if device.type == "cuda" else []
        with torch.random.fork_rng(devices=generators), reproducible(device):
            torch.manual_seed(_seed(seed, 0))
            context.progress("loading the model", 0, 1)
            opened = open_for_training(base, label_names, train, config, device, self._asset_path, context)
            card = {
                "kind": opened.kind,
                "base": base,
                "base_sha256": opened.sha256,
                **opened.facts,
                "label_names": list(label_names),
                "config": config.to_dict(),
                "seed": seed,
                "train_size": len(train),
                "train_sha256": data_hash(train),
                "validation_size": len(validation),
                "validation_sha256": data_hash(validation),
                "device": describe(device),
                "versions": versions(),
            }
            run = _Run(opened, train, validation, config, seed, device, context)
            state = run.finish(Checkpoints(context.partial / "checkpoint", _fingerprint(card)))
        with writable(output):
            opened.save(output)
            card |= run.figures(state) | {"weights_sha256": weights_hash(output)}
            write_card(output, card)
        return card


class _Run:
    """The moving parts of one training."""

    def __init__(
        self,
        opened: Opened,
        train: Sequence[LabelledText],
        validation: Sequence[LabelledText],
        config: TrainingConfig,
        seed: int,
        device: torch.device,
        context: JobContext,
    ) -> None:
        self._config, self._seed, self._device, self._context = config, seed, device, context
        self.model = move(opened.model, device)
        self._half = opened.half
        self._pass_tokens = opened.pass_tokens or STEP_TOKENS[device.type]
        limit = token_limit(self.model, opened.tokenizer)
        self.tokenizer = TextTokenizer(opened.tokenizer, min(config.max_length, limit))
        self._types = wants_types(self.model)
        context.check_cancelled()
        self._texts = self.tokenizer.tokenize([row.text for row in train])
        self._labels = np.array([row.label for row in train], dtype=np.int64)
        self._held_out = self.tokenizer.tokenize([row.text for row in validation])
        self._held_out_labels = np.array([row.label for row in validation], dtype=np.int64)
        self._rows = config.batch_size * config.accumulation
        self._steps = -(-len(train) // self._rows) * config.epochs
        # Fused: most parameters are word vectors, over which the plain one runs a dozen times a step.
        groups = _groups(self.model, config.weight_decay)
        self._trained = [parameter for group in groups for parameter in group["params"]]
        self._optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, fused=True)
        warmup = round(self._steps * config.warmup_ratio)
        self._scheduler = _SCHEDULES[config.schedule](self._optimizer, warmup, self._steps)

    def finish(self, checkpoints: Checkpoints) -> TrainingState:
        """Train the epochs that are missing."""
        state = TrainingState()
        found = checkpoints.find()
        if found is None:
            checkpoints.clear()
        else:
            state = checkpoints.restore(found, self.model, self._optimizer, self._scheduler)
            self._context.log(f"going on after epoch {len(state.epochs)} of {self._config.epochs}")
        for epoch in range(len(state.epochs) + 1, self._config.epochs + 1):
            state = self._epoch(epoch, state)
            checkpoints.save(state, self.model, self._optimizer, self._scheduler)
        return state

    def figures(self, state: TrainingState) -> dict[str, Any]:
        """What the card says of a finished run."""
        return {
            "threads": torch.get_num_threads(),
            "parameters": self.model.num_parameters(),
            "trained_parameters": sum(parameter.numel() for parameter in self._trained),
            "max_length": self.tokenizer.max_length,
            "steps": state.step,
            "seconds": round(state.seconds, 3),
            "epochs": [asdict(one) for one in state.epochs],
            "loss": state.epochs[-1].loss,
            "accuracy": state.epochs[-1].accuracy,
        }

    def _epoch(self, epoch: int, state: TrainingState) -> TrainingState:
        started = time.perf_counter()
        torch.manual_seed(_seed(self._seed, epoch))
        order = np.random.default_rng([self._seed, epoch])
        batches = grouped([len(text) for text in self._texts], self._rows, order)
        self.model.train()
        step, total = state.step, torch.zeros((), device=self._device)
        recent, recent_rows = torch.zeros((), device=self._device), 0
        for number, batch in enumerate(batches, start=1):
            loss = self._step(batch)
            step += 1
            total += loss
            recent += loss
            recent_rows += len(batch)
            if step % LOSS_EVERY == 0 or number == len(batches):
                self._context.metric("loss", step, _finite(recent.item() / recent_rows, step))
                recent, recent_rows = torch.zeros((), device=self._device), 0
            self._context.progress(f"epoch {epoch} of {self._config.epochs}", step, self._steps)
        accuracy = self._accuracy()
        result = EpochResult(epoch, total.item() / len(self._texts), accuracy)
        self._context.metric("accuracy", epoch, accuracy)
        self._context.log(
            f"epoch {epoch} of {self._config.epochs}: loss {result.loss:.4f}, validation accuracy {accuracy:.4f}"
        )
        seconds = state.seconds + time.perf_counter() - started
        return replace(state, step=step, seconds=seconds, epochs=(*state.epochs, result))

    def _step(self, batch: np.ndarray[Any, np.dtype[np.int64]]) -> torch.Tensor:
        """One optimizer step; returns the batch's summed loss."""
        self._optimizer.zero_grad(set_to_none=True)
        lengths = [len(self._texts[index]) for index in batch]
        total = torch.zeros((), device=self._device)
        for part in by_length(lengths, self._config.batch_size, self._pass_tokens):
            self._context.check_cancelled()
            rows = batch[part]
            loss = self._loss([self._texts[index] for index in rows], self._labels[rows])
            (loss / len(batch)).backward()
            total += loss.detach()
        torch.nn.utils.clip_grad_norm_(self._trained, self._config.max_grad_norm)
        self._optimizer.step()
        self._scheduler.step()
        return total

    def _loss(self, texts: Sequence[TokenizedText], labels: np.ndarray[Any, np.dtype[np.int64]]) -> torch.Tensor:
        inputs = self.tokenizer.pad(texts, types=self._types) | {"labels": torch.from_numpy(labels)}
        inputs = to_device(inputs, self._device)
        answers = inputs.pop("labels")
        with rounding(self._device, self._half):
            logits = self.model(**inputs).logits
        return cross_entropy(logits.float(), answers, reduction="sum")

    def _accuracy(self) -> float:
        self.model.eval()
        with rounding(self._device, self._half):
            logits = batched_logits(
                self.model, self.tokenizer, self._held_out, BATCH_ROWS, self._types, self._context, "validating"
            )
        return float((logits.argmax(axis=1) == self._held_out_labels).mean())


def check_rows(split: str, rows: Sequence[LabelledText], labels: int) -> None:
    """Raise NothingToDoError for no rows, ClassifierError for a label outside 0 to ``labels`` - 1."""
    if not rows:
        raise NothingToDoError(f"the {split} split is empty; import more data")
    wrong = Counter(row.label for row in rows if not 0 <= row.label < labels)
    if wrong:
        label, count = wrong.most_common(1)[0]
        raise ClassifierError(f"{count} {split} rows have label {label}; the task has 0 to {labels - 1}")


def _seed(seed: int, epoch: int) -> int:
    """A seed of its own for every epoch (0: the new head), so that a resumed run draws the same numbers."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1, dtype=np.uint64)[0] >> np.uint64(1))


def _groups(model: torch.nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    # Biases and layer norms are the parameters with one dimension; they are not decayed.
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]


def _finite(loss: float, step: int) -> float:
    if not np.isfinite(loss):
        raise ClassifierError(f"the loss is {loss} at step {step}; train again with a lower learning rate")
    return loss


def _fingerprint(card: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(card, sort_keys=True).encode()).hexdigest()
