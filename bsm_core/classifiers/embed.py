"""Sentence embeddings: the mean of an encoder's last token states, as the sentence-transformers models are trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from bsm_core.classifiers.batches import by_length
from bsm_core.classifiers.device import device as pick_device
from bsm_core.classifiers.device import move
from bsm_core.classifiers.encoder import load_encoder, load_tokenizer, token_limit
from bsm_core.classifiers.predict import BATCH_ROWS, BATCH_TOKENS
from bsm_core.classifiers.tokens import TextTokenizer, to_device
from bsm_core.ports import FloatArray


class SentenceEmbedder:
    """Fulfils ``ports.Embedder`` with the encoder in ``folder``; texts are cut at the encoder's own limit."""

    def __init__(self, folder: Path, device: str | None = None) -> None:
        self.device = pick_device(device)
        self._model = move(load_encoder(folder), self.device)
        tokenizer = load_tokenizer(folder)
        self._tokenizer = TextTokenizer(tokenizer, token_limit(self._model, tokenizer))

    @property
    def size(self) -> int:
        return int(self._model.config.hidden_size)

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """See ``ports.Embedder``."""
        tokenized = self._tokenizer.tokenize([(text,) for text in texts])
        embeddings = np.empty((len(texts), self.size), dtype=np.float32)
        for batch in by_length([len(text) for text in tokenized], BATCH_ROWS, BATCH_TOKENS[self.device.type]):
            inputs = to_device(self._tokenizer.pad([tokenized[index] for index in batch], types=False), self.device)
            with torch.inference_mode():
                states = self._model(**inputs).last_hidden_state.float()
                mask = inputs["attention_mask"].unsqueeze(-1).to(states.dtype)
                means = (states * mask).sum(dim=1) / mask.sum(dim=1)
                embeddings[batch] = torch.nn.functional.normalize(means, dim=-1).cpu().numpy()
        return embeddings
