"""Vectors of texts for clustering: by a sentence encoder, or by a trained classifier itself. Both fulfil
``ports.blind_spots.TextEmbedder``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers

from bsm_core.classifiers.batches import by_length
from bsm_core.classifiers.card import read_card
from bsm_core.classifiers.device import device as pick_device
from bsm_core.classifiers.device import move
from bsm_core.classifiers.encoder import load_encoder, load_tokenizer, load_trained, token_limit
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
        return _embed(self._model, self._tokenizer, texts, context, whole=True)


class ClassifierVectors:
    """The last state of the first token, from which the head of a BERT-like classifier decides. Texts are cut as in
    its training."""

    def __init__(self, folder: Path, device: str | None = None) -> None:
        self.device = pick_device(device)
        model = move(load_trained(folder), self.device)
        tokenizer = load_tokenizer(folder)
        trained = read_card(folder).get("config", {}).get("max_length", TrainingConfig().max_length)
        self._tokenizer = TextTokenizer(tokenizer, min(trained, token_limit(model, tokenizer)))
        self._model: Any = model.base_model

    def embed(self, texts: Sequence[Text], context: JobContext | None = None) -> FloatArray:
        """See the port."""
        return _embed(self._model, self._tokenizer, texts, context, whole=False)


def _embed(
    model: transformers.PreTrainedModel,
    tokenizer: TextTokenizer,
    texts: Sequence[Text],
    context: JobContext | None,
    whole: bool,
) -> FloatArray:
    """``whole``: the mean over all tokens; else the first one."""
    tokenized = tokenizer.tokenize(texts)
    vectors = np.empty((len(texts), int(model.config.hidden_size)), dtype=np.float32)
    types, done = wants_types(model), 0
    for batch in by_length([len(text) for text in tokenized], BATCH_ROWS, BATCH_TOKENS[model.device.type]):
        if context is not None:
            context.check_cancelled()
        inputs = to_device(tokenizer.pad([tokenized[index] for index in batch], types=types), model.device)
        with torch.inference_mode():
            states = model(**inputs).last_hidden_state.float()
            mask = inputs["attention_mask"].unsqueeze(-1).to(states.dtype)
            pooled = (states * mask).sum(dim=1) / mask.sum(dim=1) if whole else states[:, 0]
            vectors[batch] = torch.nn.functional.normalize(pooled, dim=-1).cpu().numpy()
        done += len(batch)
        if context is not None:
            context.progress(_PHASE, done, len(texts))
    if not np.isfinite(vectors).all():
        raise ClassifierError("the model gives NaN or infinity as the state of a text; train it again, or use another")
    return vectors
