"""Asking a trained classifier of any family: batches by length, float32 logits in the order given."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from scipy.special import softmax

from bsm_core.classifiers.base import AssetPath
from bsm_core.classifiers.batches import by_length
from bsm_core.classifiers.card import read_card
from bsm_core.classifiers.device import device as pick_device
from bsm_core.classifiers.device import move
from bsm_core.classifiers.encoder import token_limit
from bsm_core.classifiers.families import open_trained
from bsm_core.classifiers.packed import pack
from bsm_core.classifiers.precision import Shift, rounding
from bsm_core.classifiers.precision import precision as pick_precision
from bsm_core.classifiers.tokens import TextTokenizer, TokenizedText, to_device, wants_types
from bsm_core.config import TrainingConfig
from bsm_core.domain.tasks import Text
from bsm_core.errors import ClassifierError
from bsm_core.ports import FloatArray, JobContext

BATCH_ROWS = 64
GPU_BATCH_ROWS = 1024
BATCH_TOKENS = {"cpu": 4096, "cuda": 32768}
"""Padded tokens a batch: on the CPU more is no faster and makes a cancellation wait."""

Forward = Callable[[Sequence[TokenizedText]], torch.Tensor]
"""Texts, shortest first, to logits (len(texts), K)."""


class TrainedClassifier:
    """The classifier in ``folder``, as trained; fulfils ``ports.Classifier``.

    Texts are cut at ``max_length`` tokens: by default as in training, which the card says. In another ``precision``
    than float32 (see ``precision.precision``) the first texts are answered in both, and what that changes is logged.
    """

    def __init__(
        self,
        folder: Path,
        device: str | None = None,
        batch_size: int | None = None,
        max_length: int | None = None,
        precision: str | None = None,
        asset_path: AssetPath | None = None,
    ) -> None:
        self.device = pick_device(device)
        dtype = pick_precision(self.device, precision)
        opened = open_trained(folder, self.device, asset_path)
        model = move(opened.model, self.device)
        tokenizer = opened.tokenizer
        trained = read_card(folder).get("config", {}).get("max_length", TrainingConfig().max_length)
        self._tokenizer = TextTokenizer(tokenizer, min(max_length or trained, token_limit(model, tokenizer)))
        self._config = model.config
        self._rows = batch_size or (GPU_BATCH_ROWS if self.device.type == "cuda" else BATCH_ROWS)
        self._forward = self._exact = fastest_forward(model, self._tokenizer, opened.half)
        self._shift: Shift | None = None
        if dtype is not torch.float32 and opened.half is None:
            self._shift = Shift(dtype)
            rounded: torch.nn.Module = copy.deepcopy(model)  # as one whose "to" the type checker understands
            self._forward = Padded(rounded.to(dtype), self._tokenizer, wants_types(model))

    @property
    def label_count(self) -> int:
        return int(self._config.num_labels)

    @property
    def label_names(self) -> tuple[str, ...]:
        names: dict[int, str] = self._config.id2label or {}
        return tuple(names[index] for index in range(self.label_count))

    @property
    def max_length(self) -> int:
        return self._tokenizer.max_length

    def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        """See ``ports.Classifier``. With a context, cancellation is looked for between batches and progress told."""
        # Texts that differ only beyond the cut, in case or in unknown words are one to the model: asked once, they get
        # the same answer to the last bit.
        distinct, rows = _distinct(self._tokenizer.tokenize(texts))
        answers = self._answers(self._forward, distinct, context)
        if self._shift is not None and self._shift.missing and distinct:
            sample = distinct[: self._shift.missing]
            self._shift.add(answers[: len(sample)], self._answers(self._exact, sample), context)
        return answers[rows]

    def probabilities(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        # Softmax in double precision, so that rounded rows still sum to 1 within a float32 step.
        return softmax(self.logits(texts, context).astype(np.float64), axis=1).astype(np.float32)

    def _answers(
        self, forward: Forward, texts: Sequence[TokenizedText], context: JobContext | None = None
    ) -> FloatArray:
        tokens = BATCH_TOKENS[self.device.type]
        return in_batches(forward, self.label_count, texts, self._rows, tokens, context)


def load_classifier(folder: Path, device: str | None = None, asset_path: AssetPath | None = None) -> TrainedClassifier:
    """The trained classifier in ``folder``, on ``device`` (see ``device.device``). ``asset_path`` finds the packaged
    language model that an adapter may rest on."""
    return TrainedClassifier(folder, device, asset_path=asset_path)


class Padded:
    """The forward pass of ``model`` as transformers has it, for any family: all texts padded to the longest."""

    def __init__(
        self, model: torch.nn.Module, tokenizer: TextTokenizer, types: bool, half: torch.dtype | None = None
    ) -> None:
        """``half``: the precision of its products; None: that of its weights."""
        self._model, self._half = model, half
        self._device = next(model.parameters()).device
        self._tokenizer = tokenizer
        self._types = types

    def __call__(self, texts: Sequence[TokenizedText]) -> torch.Tensor:
        inputs = to_device(self._tokenizer.pad(texts, types=self._types), self._device)
        with rounding(self._device, self._half):
            logits: torch.Tensor = self._model(**inputs).logits
        return logits


def fastest_forward(model: Any, tokenizer: TextTokenizer, half: torch.dtype | None = None) -> Forward:
    """The packed forward pass where there is one for ``model``, whose weights must then stay as they are."""
    types = wants_types(model)
    return pack(model, types) or Padded(model, tokenizer, types, half)


def batched_logits(
    model: transformers.PreTrainedModel,
    tokenizer: TextTokenizer,
    texts: Sequence[TokenizedText],
    rows: int,
    types: bool,
    context: JobContext | None = None,
    phase: str = "predicting",
) -> FloatArray:
    """Logits (len(texts), K) of ``model``, which is in evaluation mode. Raises ClassifierError for NaN or infinity."""
    tokens = BATCH_TOKENS[model.device.type]
    return in_batches(Padded(model, tokenizer, types), model.config.num_labels, texts, rows, tokens, context, phase)


def in_batches(
    forward: Forward,
    label_count: int,
    texts: Sequence[TokenizedText],
    rows: int,
    tokens: int,
    context: JobContext | None = None,
    phase: str = "predicting",
) -> FloatArray:
    """Logits (len(texts), K), at most ``rows`` texts and ``tokens`` padded tokens at a time. Raises ClassifierError for
    NaN or infinity."""
    answers = np.empty((len(texts), label_count), dtype=np.float32)
    done = 0
    for batch in by_length([len(text) for text in texts], rows, tokens):
        if context is not None:
            context.check_cancelled()
        with torch.inference_mode():
            answers[batch] = forward([texts[index] for index in batch]).float().cpu().numpy()
        done += len(batch)
        if context is not None:
            context.progress(phase, done, len(texts))
    broken = int((~np.isfinite(answers)).any(axis=1).sum())
    if broken:
        raise ClassifierError(
            f"the model answers NaN or infinity for {broken} of {len(texts)} texts; its training diverged: "
            "train again with a lower learning rate"
        )
    return answers


def _distinct(texts: Sequence[TokenizedText]) -> tuple[list[TokenizedText], list[int]]:
    """The texts of different tokens, and for each text its place among them."""
    places: dict[tuple[bytes, bytes], int] = {}
    distinct: list[TokenizedText] = []
    rows: list[int] = []
    for text in texts:
        row = places.setdefault((text.ids.tobytes(), text.types.tobytes()), len(distinct))
        if row == len(distinct):
            distinct.append(text)
        rows.append(row)
    return distinct, rows
