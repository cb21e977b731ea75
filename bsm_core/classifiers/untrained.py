"""A classifier that was never trained but has opinions: for measuring speed where no trained one is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from bsm_core.classifiers.encoder import load_for_training, load_tokenizer
from bsm_core.domain.tasks import Text

_MARGIN = 2.0
_TOKENS = 128


def save_untrained(base: Path, folder: Path, texts: Sequence[Text], seed: int) -> Path:
    """The encoder in ``base`` with a random head for two labels, saved in ``folder``. The head is scaled and shifted so
    that over ``texts`` either label is as frequent and the logits differ by about 2, as a trained model's might."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = load_for_training(base, ("negative", "positive")).eval()
    tokenizer = load_tokenizer(base)
    sides = [" ".join(text) for text in texts]
    inputs = tokenizer(sides, padding=True, truncation=True, max_length=_TOKENS, return_tensors="pt")
    with torch.inference_mode():
        margins = model(**inputs).logits.diff(dim=1).flatten()
    scale = float(_MARGIN / margins.std())
    with torch.no_grad():
        model.classifier.weight.mul_(scale)
        model.classifier.bias.mul_(scale)
        model.classifier.bias[0] += scale * float(margins.median())
    model.save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)
    return folder
