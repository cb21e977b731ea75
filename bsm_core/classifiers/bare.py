"""The forward pass alone, to measure against."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import torch

from bsm_core.classifiers.device import move
from bsm_core.classifiers.encoder import load_tokenizer, load_trained, token_limit
from bsm_core.classifiers.predict import BATCH_TOKENS, Forward, Padded, fastest_forward, in_batches
from bsm_core.classifiers.tokens import TextTokenizer, TokenizedText, wants_types
from bsm_core.domain.tasks import Text


class BareForward:
    """The model in ``folder`` on texts already tokenized and all at hand: sorted by length, in batches of at most
    ``rows``. ``ours`` takes our own forward pass where there is one, else transformers'."""

    def __init__(self, folder: Path, device: torch.device, rows: int, max_length: int, *, ours: bool) -> None:
        model = move(load_trained(folder), device)
        tokenizer = load_tokenizer(folder)
        self._cutter = TextTokenizer(tokenizer, min(max_length, token_limit(model, tokenizer)))
        self._forward: Forward = (
            fastest_forward(model, self._cutter) if ours else Padded(model, self._cutter, wants_types(model))
        )
        self._labels, self._rows, self._tokens = model.config.num_labels, rows, BATCH_TOKENS[device.type]

    def seconds(self, texts: Sequence[Text]) -> tuple[float, float]:
        """Seconds, and seconds of processor time."""
        tokenized = self._cutter.tokenize(texts)
        self._answer(tokenized[: self._rows])  # what the first call alone pays
        started, burnt = time.perf_counter(), time.process_time()
        self._answer(tokenized)
        return time.perf_counter() - started, time.process_time() - burnt

    def _answer(self, texts: Sequence[TokenizedText]) -> None:
        in_batches(self._forward, self._labels, texts, self._rows, self._tokens)
