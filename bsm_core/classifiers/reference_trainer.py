"""transformers' own ``Trainer`` on the same data, to measure our training against."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import DataCollatorWithPadding, PrinterCallback, Trainer, TrainingArguments

from bsm_core.classifiers.encoder import load_for_training, load_tokenizer, token_limit
from bsm_core.config import TrainingConfig
from bsm_core.ports import LabelledText


class _Rows(torch.utils.data.Dataset[dict[str, Any]]):
    """Tokenized texts with their labels, as ``datasets.map`` would leave them."""

    def __init__(self, encoded: dict[str, list[Any]], labels: Sequence[int]) -> None:
        self._encoded, self._labels = encoded, labels

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {**{name: values[index] for name, values in self._encoded.items()}, "labels": self._labels[index]}


def train_with_transformers(
    base: Path,
    label_names: Sequence[str],
    train: Sequence[LabelledText],
    config: TrainingConfig,
    seed: int,
    output: Path,
    *,
    pad_all: bool,
) -> int:
    """Fine-tune the encoder in ``base`` with ``Trainer`` and save it to ``output``; the number of optimizer steps.

    Batch size, learning rate, epochs, warm-up and linear decay are ``config``'s; all else is ``Trainer``'s default:
    texts in random order, each batch padded to its longest text by ``DataCollatorWithPadding``, AdamW without weight
    decay, gradients cut to 1.0. ``pad_all`` pads every text to ``config.max_length`` when it is tokenized, as many
    scripts do.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = load_for_training(base, label_names)
        tokenizer = load_tokenizer(base)
        length = min(config.max_length, token_limit(model, tokenizer))
        sides = [list(side) for side in zip(*(row.text for row in train), strict=True)]
        encoded = tokenizer(*sides, truncation=True, max_length=length, padding="max_length" if pad_all else False)
        arguments = TrainingArguments(
            output_dir=str(output),
            per_device_train_batch_size=config.batch_size,
            learning_rate=config.learning_rate,
            num_train_epochs=config.epochs,
            warmup_ratio=config.warmup_ratio,
            seed=seed,
            # These say nothing about how it trains: no progress bar, no reports, no checkpoint on the way, and no
            # warning that there is no GPU to pin memory for.
            disable_tqdm=True,
            report_to=[],
            save_strategy="no",
            dataloader_pin_memory=torch.cuda.is_available(),
        )
        rows = _Rows(encoded.data, [row.label for row in train])
        # The collator that Trainer takes by itself when it is given the tokenizer.
        collator = DataCollatorWithPadding(tokenizer)
        trainer = Trainer(
            model=model, args=arguments, train_dataset=rows, data_collator=collator, processing_class=tokenizer
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        trainer.save_model(str(output))
    return int(trainer.state.global_step)
