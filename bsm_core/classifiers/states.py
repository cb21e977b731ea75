"""Token states of texts under an encoder, each text encoded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from bsm_core.classifiers.batches import by_length
from bsm_core.classifiers.device import device as pick_device
from bsm_core.classifiers.device import move
from bsm_core.classifiers.encoder import load_encoder, load_tokenizer, token_limit
from bsm_core.classifiers.predict import BATCH_ROWS, BATCH_TOKENS
from bsm_core.classifiers.tokens import TextTokenizer, TokenizedText, to_device
from bsm_core.domain.tasks import Text
from bsm_core.ports import FloatArray, JobContext


@dataclass(frozen=True, slots=True)
class TokenStates:
    """``states`` (tokens, hidden), rows of length 1; ``weights`` (tokens,), summing to 1, or all 0 for an empty text.

    As in BERTScore without idf, [CLS] and [SEP] may be matched with but do not count themselves.
    """

    states: FloatArray
    weights: FloatArray

    @property
    def pooled(self) -> npt.NDArray[np.float32]:
        """(hidden,): the mean direction of the tokens, of length 1."""
        mean = self.states.mean(axis=0)
        return mean / np.linalg.norm(mean)


class StateEncoder:
    """The first ``layer`` layers (None: all) of the encoder in ``folder``."""

    def __init__(
        self, folder: Path, layer: int | None = None, device: str | None = None, batch_size: int = BATCH_ROWS
    ) -> None:
        self.device = pick_device(device)
        self._model = move(load_encoder(folder, layer), self.device)
        self.layer = int(self._model.config.num_hidden_layers)
        tokenizer = load_tokenizer(folder)
        self._tokenizer = TextTokenizer(tokenizer, token_limit(self._model, tokenizer))
        self._silent = [index for index in (tokenizer.cls_token_id, tokenizer.sep_token_id) if index is not None]
        self._batch_size = batch_size

    def encode(
        self, texts: Sequence[Text], context: JobContext | None = None, phase: str = "encoding"
    ) -> list[TokenStates]:
        """In the order given. The two sides of a pair are read as one text, since BERTScore knows no pairs."""
        tokenized = self._tokenizer.tokenize([(" ".join(text).strip(),) for text in texts])
        encoded: dict[int, TokenStates] = {}
        lengths = [len(text) for text in tokenized]
        for batch in by_length(lengths, self._batch_size, BATCH_TOKENS[self.device.type]):
            if context is not None:
                context.check_cancelled()
                context.progress(phase, len(encoded), len(texts))
            inputs = to_device(self._tokenizer.pad([tokenized[index] for index in batch], types=False), self.device)
            with torch.inference_mode():
                hidden = torch.nn.functional.normalize(self._model(**inputs).last_hidden_state.float(), dim=-1)
            rows = hidden.cpu().numpy()
            for row, index in zip(rows, batch, strict=True):
                text = tokenized[index]
                encoded[int(index)] = TokenStates(row[: len(text)].copy(), self._weights(text))
        return [encoded[index] for index in range(len(texts))]

    def _weights(self, text: TokenizedText) -> FloatArray:
        weights = (~np.isin(text.ids, self._silent)).astype(np.float32)
        return weights / max(weights.sum(), np.float32(1))
