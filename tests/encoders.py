"""Tiny encoders with random weights, and job contexts to train them in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizerFast, DistilBertConfig, DistilBertModel, PretrainedConfig

from bsm_core.jobs.context import FolderContext
from bsm_core.jobs.events import Event
from bsm_core.jobs.folder import JobFolder
from bsm_core.ports import LabelledText

GOOD = ("wonderful", "great", "lovely", "superb")
BAD = ("dreadful", "awful", "dull", "poor")
PLAIN = ("the", "a", "film", "story", "and", "its", "actors", "are", "is", "with", "ending", "music", "of")
WORDS = (*GOOD, *BAD, *PLAIN)
POLARITY = ("negative", "positive")


def make_tiny_encoder(folder: Path, family: str = "bert", seed: int = 0) -> Path:
    """An encoder of two layers without a head, of the family ``bert`` or ``distilbert``, with a vocabulary of ``WORDS``
    and positions for 64 tokens."""
    folder.mkdir(parents=True, exist_ok=True)
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    (folder / "vocab.txt").write_text("\n".join([*specials, *WORDS]) + "\n", encoding="utf-8")
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    vocabulary = len(specials) + len(WORDS)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _model(family, vocabulary).save_pretrained(folder, safe_serialization=True)
    return folder


def _model(family: str, vocabulary: int) -> torch.nn.Module:
    config: PretrainedConfig
    if family == "distilbert":
        config = DistilBertConfig(
            vocab_size=vocabulary,
            dim=32,
            n_layers=2,
            n_heads=2,
            hidden_dim=64,
            max_position_embeddings=64,
            initializer_range=0.2,
        )
        return DistilBertModel(config)
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        initializer_range=0.2,
        max_position_embeddings=64,
    )
    return BertModel(config)


def polar_rows(count: int, seed: int = 0) -> list[LabelledText]:
    """Sentences of ``WORDS`` of 6 to 16 words whose opinion words all go with their label."""
    generator = torch.Generator().manual_seed(seed)

    def draw(words: tuple[str, ...], size: int) -> list[str]:
        return [words[int(i)] for i in torch.randint(len(words), (size,), generator=generator)]

    rows = []
    for index in range(count):
        size = int(torch.randint(2, 13, (1,), generator=generator))
        words = draw(PLAIN, size) + draw(GOOD if index % 2 else BAD, 4)
        rows.append(LabelledText((" ".join(words),), index % 2))
    return rows


def open_context(folder: Path, on_event: Callable[[Event], None] | None = None) -> FolderContext:
    """The context that workers use, on a job folder made for it. ``on_event`` sees each event as it is written."""
    job = JobFolder(folder)
    for path in (job.inputs, job.partial, job.draft):
        path.mkdir(parents=True, exist_ok=True)
    return FolderContext(job, on_event)
