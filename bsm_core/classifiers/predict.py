"""Asking a trained encoder: batches by length, float32 logits in the order given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import transformers
from scipy.special import softmax

from bsm_core.classifiers.batches import by_length
from bsm_core.classifiers.card import read_card
from bsm_core.classifiers.device import device as pick_device
from bsm_core.classifiers.device import move
from bsm_core.classifiers.encoder import load_tokenizer, load_trained, token_limit
from bsm_core.classifiers.tokens import TextTokenizer, TokenizedText, to_device, wants_types
from bsm_core.config import TrainingConfig
from bsm_core.domain.tasks import Text
from bsm_core.errors import ClassifierError
from bsm_core.ports import FloatArray, JobContext

BATCH_ROWS = 64
BATCH_TOKENS = {"cpu": 4096, "cuda": 32768}
"""Padded tokens a batch: on the CPU more is no faster and makes a cancellation wait."""


class EncoderClassifier:
    """The classifier in ``folder``, as trained; fulfils ``ports.Classifier``.

    Texts are cut at ``max_length`` tokens: by default as in training, which the card says.
    """

    def __init__(
        self,
        folder: Path,
        device: str | None = None,
        batch_size: int = BATCH_ROWS,
        max_length: int | None = None,
    ) -> None:
        self.device = pick_device(device)
        self._model = move(load_trained(folder), self.device)
        tokenizer = load_tokenizer(folder)
        trained = read_card(folder).get("config", {}).get("max_length", TrainingConfig().max_length)
        self._tokenizer = TextTokenizer(tokenizer, min(max_length or trained, token_limit(self._model, tokenizer)))
        self._batch_size = batch_size
        self._types = wants_types(self._model)

    @property
    def label_count(self) -> int:
        return int(self._model.config.num_labels)

    @property
    def label_names(self) -> tuple[str, ...]:
        names: dict[int, str] = self._model.config.id2label or {}
        return tuple(names[index] for index in range(self.label_count))

    @property
    def max_length(self) -> int:
        return self._tokenizer.max_length

    def logits(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        """See ``ports.Classifier``. With a context, cancellation is looked for between batches and progress told."""
        tokenized = self._tokenizer.tokenize(texts)
        return batched_logits(self._model, self._tokenizer, tokenized, self._batch_size, self._types, context)

    def probabilities(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        # Softmax in double precision, so that rounded rows still sum to 1 within a float32 step.
        return softmax(self.logits(texts, context).astype(np.float64), axis=1).astype(np.float32)


def load_classifier(folder: Path, device: str | None = None) -> EncoderClassifier:
    """The trained classifier in ``folder``, on ``device`` (see ``device.device``)."""
    return EncoderClassifier(folder, device)


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
    answers = np.empty((len(texts), model.config.num_labels), dtype=np.float32)
    done = 0
    for batch in by_length([len(text) for text in texts], rows, BATCH_TOKENS[model.device.type]):
        if context is not None:
            context.check_cancelled()
        inputs = to_device(tokenizer.pad([texts[index] for index in batch], types=types), model.device)
        with torch.inference_mode():
            answers[batch] = model(**inputs).logits.float().cpu().numpy()
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
