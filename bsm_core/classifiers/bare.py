"""The forward pass alone, to measure against."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import torch

from bsm_core.classifiers.device import move
from bsm_core.classifiers.encoder import load_tokenizer, load_trained, token_limit
from bsm_core.classifiers.predict import batched_logits
from bsm_core.classifiers.tokens import TextTokenizer, wants_types
from bsm_core.domain.tasks import Text


def forward_seconds(
    folder: Path, device: torch.device, texts: Sequence[Text], rows: int, max_length: int
) -> tuple[float, float]:
    """Seconds, and seconds of processor time, that the model in ``folder`` takes for ``texts``, already tokenized and
    all at hand: sorted by length, in batches of at most ``rows``."""
    model = move(load_trained(folder), device)
    tokenizer = load_tokenizer(folder)
    cutter = TextTokenizer(tokenizer, min(max_length, token_limit(model, tokenizer)))
    tokenized, types = cutter.tokenize(texts), wants_types(model)
    batched_logits(model, cutter, tokenized[:rows], rows, types)  # what the first call alone pays
    started, burnt = time.perf_counter(), time.process_time()
    batched_logits(model, cutter, tokenized, rows, types)
    return time.perf_counter() - started, time.process_time() - burnt
