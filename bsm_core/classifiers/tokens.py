"""Texts to token ids, and token ids to padded tensors."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import transformers
from tokenizers import Tokenizer

from bsm_core.classifiers.word_cache import word_cache
from bsm_core.domain.tasks import Text
from bsm_core.errors import ClassifierError

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """Token ids and, for a pair, to which side each belongs. Both (length,)."""

    ids: IntArray
    types: IntArray

    def __len__(self) -> int:
        return len(self.ids)


class TextTokenizer:
    """Cuts texts to at most ``max_length`` tokens, special ones counted; of a pair the longer side first.

    Uses the Rust tokenizer directly: the wrapper around it costs more than the work on short texts.
    """

    def __init__(self, tokenizer: transformers.PreTrainedTokenizerFast, max_length: int) -> None:
        # A copy, since cutting is a setting that would otherwise be saved with the tokenizer.
        self._backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        self._backend.no_truncation()
        self._backend.no_padding()
        self._words = word_cache(Tokenizer.from_str(self._backend.to_str()))
        self._backend.enable_truncation(max_length, strategy="longest_first")
        self.max_length = max_length
        self.pad_id: int = tokenizer.pad_token_id

    def tokenize(self, texts: Sequence[Text]) -> list[TokenizedText]:
        """In the order given. Raises ClassifierError for a text that is not one or two Unicode strings."""
        try:
            return [self._remembered(text) for text in texts] if self._words else self._afresh(texts)
        except (TypeError, ValueError, AttributeError) as error:
            raise ClassifierError(
                f"one of {len(texts)} texts is not one or two strings of valid Unicode; clean the data"
            ) from error

    def _remembered(self, text: Text) -> TokenizedText:
        found = self._words.tokenize(text, self.max_length) if self._words else None
        return TokenizedText(*found) if found else self._afresh([text])[0]

    def _afresh(self, texts: Sequence[Text]) -> list[TokenizedText]:
        sides = [text[0] if len(text) == 1 else text for text in texts]
        return [
            TokenizedText(np.asarray(one.ids, dtype=np.int32), np.asarray(one.type_ids, dtype=np.int32))
            for one in self._backend.encode_batch_fast(sides)
        ]

    def pad(self, batch: Sequence[TokenizedText], *, types: bool) -> dict[str, torch.Tensor]:
        """A model's inputs, each (len(batch), longest) and int64."""
        shape = (len(batch), max(len(text) for text in batch))
        ids = np.full(shape, self.pad_id, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        kinds = np.zeros(shape, dtype=np.int64)
        for row, text in enumerate(batch):
            ids[row, : len(text)] = text.ids
            mask[row, : len(text)] = 1
            kinds[row, : len(text)] = text.types
        inputs = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
        if types:
            inputs["token_type_ids"] = torch.from_numpy(kinds)
        return inputs


def wants_types(model: transformers.PreTrainedModel) -> bool:
    """Whether the model tells the two sides of a pair apart (BERT does; RoBERTa and DistilBERT do not)."""
    accepts = "token_type_ids" in inspect.signature(model.forward).parameters
    return accepts and getattr(model.config, "type_vocab_size", 0) > 1


def to_device(inputs: dict[str, torch.Tensor], device: torch.device) -> dict[str, torch.Tensor]:
    """The tensors on ``device``; on CUDA from pinned memory, so that copying overlaps computing."""
    if device.type != "cuda":
        return inputs
    return {name: tensor.pin_memory().to(device, non_blocking=True) for name, tensor in inputs.items()}
