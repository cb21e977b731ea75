"""How a classifier is to be trained (3.3)."""

from __future__ import annotations

import streamlit as st

from bsm_core.config import TrainingConfig


def training_form(config: TrainingConfig, key: str, *, base: bool = True) -> TrainingConfig:
    """Inputs with ``config``'s values to start from; what they say now. ``base`` offers the encoder as well.

    Raises ConfigError for an impossible value.
    """
    encoder = config.base
    if base:
        encoder = st.text_input(
            "Encoder",
            config.base,
            key=f"{key}-base",
            max_chars=300,
            help="Any BERT-family encoder: the name of a packaged one, a local folder, or a Hugging Face hub id.",
        )
    one, two, three, four = st.columns(4)
    epochs = one.number_input("Epochs", 1, 100, config.epochs, key=f"{key}-epochs")
    rate = two.number_input(
        "Learning rate",
        1e-6,
        0.1,
        config.learning_rate,
        step=1e-5,
        format="%.1e",
        key=f"{key}-rate",
        help="The largest step size: it is reached after the first tenth of training, then falls. The paper: 2e-4.",
    )
    batch = three.number_input("Batch size", 1, 1024, config.batch_size, key=f"{key}-batch")
    length = four.number_input(
        "Longest text",
        8,
        512,
        config.max_length,
        step=8,
        key=f"{key}-length",
        help="In tokens, about three quarters of a word each. Longer texts are cut.",
    )
    return TrainingConfig(
        base=(encoder or config.base).strip(),
        epochs=int(epochs),
        learning_rate=float(rate),
        batch_size=int(batch),
        max_length=int(length),
        warmup_ratio=config.warmup_ratio,
        weight_decay=config.weight_decay,
    )
