"""Vectors of texts for clustering: by a sentence encoder, or by a trained classifier itself. Both fulfil
``ports.blind_spots.TextEmbedder``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from bsm_core.classifiers.base import AssetPath
from bsm_core.classifiers.batches import by_length
from bsm_core.classifiers.card import read_card
from bsm_core.classifiers.device import device as pick_device
from bsm_core.classifiers.device import move
from bsm_core.classifiers.encoder import load_encoder, load_tokenizer, token_limit
from bsm_core.classifiers.families import open_trained, read_states
from bsm_core.classifiers.precision import rounding
from bsm_core.classifiers.predict import BATCH_ROWS, BATCH_TOKENS
from bsm_core.classifiers.tokens import TextTokenizer, to_device, wants_types
from bsm_core.config import TrainingConfig
from bsm_core.domain.tasks import Text
from bsm_core.errors import ClassifierError
from bsm_core.ports import FloatArray, JobContext

_PHASE = "reading texts"


class SentenceVectors:
    """The mean of the encoder's last token states; the two sides of a pair are read as a pair."""

    def __init__(self, folder: Path, device: str | None = None) -> None:
        self.device = pick_device(device)
        self._model = move(load_encoder(folder), self.device)
        tokenizer = load_tokenizer(folder)
        self._tokenizer = TextTokenizer(tokenizer, token_limit(self._model, tokenizer))

    def embed(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        """See the port."""
        size = int(self._model.config.hidden_size)
        return _embed(self._read, size, self._tokenizer, self.device, texts, wants_types(self._model), context)

    def _read(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        states = self._model(**inputs).last_hidden_state.float()
        mask = inputs["attention_mask"].unsqueeze(-1).to(states.dtype)
        means: torch.Tensor = (states * mask).sum(dim=1) / mask.sum(dim=1)
        return means


class ClassifierVectors:
    """What the head of the classifier in ``folder`` decides from (see ``families.read_states``): of a BERT the last
    state of the first token. Texts are cut as in its training."""

    def __init__(self, folder: Path, device: str | None = None, asset_path: AssetPath | None = None) -> None:
        self.device = pick_device(device)
        self._opened = open_trained(folder, self.device, asset_path)
        model = move(self._opened.model, self.device)
        trained = read_card(folder).get("config", {}).get("max_length", TrainingConfig().max_length)
        tokenizer = self._opened.tokenizer
        self._tokenizer = TextTokenizer(tokenizer, min(trained, token_limit(model, tokenizer)))
        self._types, self._size = wants_types(model), int(model.config.hidden_size)

    def embed(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        """See the port."""
        return _embed(self._read, self._size, self._tokenizer, self.device, texts, self._types, context)

    def _read(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        with rounding(self.device, self._opened.half):
            return read_states(self._opened, inputs).float()


def _embed(
    read: Callable[[dict[str, torch.Tensor]], torch.Tensor],
    size: int,
    tokenizer: TextTokenizer,
    device: torch.device,
    texts: Sequence[Text],
    types: bool,
    context: JobContext | None,
) -> FloatArray:
    """Rows of length 1. ``read``: a batch of inputs to (n, ``size``)."""
    tokenized = tokenizer.tokenize(texts)
    vectors = np.empty((len(texts), size), dtype=np.float32)
    done = 0
    for batch in by_length([len(text) for text in tokenized], BATCH_ROWS, BATCH_TOKENS[device.type]):
        if context is not None:
            context.check_cancelled()
        inputs = to_device(tokenizer.pad([tokenized[index] for index in batch], types=types), device)
        with torch.inference_mode():
            vectors[batch] = torch.nn.functional.normalize(read(inputs), dim=-1).cpu().numpy()
        done += len(batch)
        if context is not None:
            context.progress(_PHASE, done, len(texts))
    if not np.isfinite(vectors).all():
        raise ClassifierError("the model gives NaN or infinity as the state of a text; train it again, or use another")
    return vectors
