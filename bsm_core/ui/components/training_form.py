"""How a classifier is to be trained (3.3), and of which kind it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from bsm_core.config import (
    BILSTM,
    EMBEDDED_ENCODER,
    EMBEDDED_LLAMA,
    PAPER_LLAMA,
    PRECISIONS,
    TrainingConfig,
    bilstm_defaults,
    lora_defaults,
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of classifier: its name, what it is in a sentence or two, what to start from when it is chosen."""

    title: str
    says: str
    usual: TrainingConfig
    base_help: str = ""


_ENCODER, _LORA, _BILSTM = "encoder", "lora", "bilstm"
_KINDS = {
    _ENCODER: _Kind(
        "Encoder",
        "Reads the whole text at once, like BERT. The usual choice: accurate, and small ones need no GPU.",
        TrainingConfig(base=EMBEDDED_ENCODER, epochs=3, learning_rate=5e-5, max_length=128),
        f"Any encoder of the BERT family: a packaged one ({EMBEDDED_ENCODER}), a local folder, or a Hugging Face hub "
        "id.",
    ),
    _LORA: _Kind(
        "Language model with LoRA",
        "Writes text word by word, like Llama. It stays as it is; small matrices beside its layers learn (LoRA). Large "
        f"ones need a GPU. The packaged {EMBEDDED_LLAMA} is for trying: minutes for a few hundred texts, modest "
        "accuracy.",
        replace(lora_defaults(EMBEDDED_LLAMA), max_length=128),
        f"A packaged language model ({EMBEDDED_LLAMA}), a local folder, or a Hugging Face hub id: the paper's is "
        f"{PAPER_LLAMA}.",
    ),
    _BILSTM: _Kind(
        "Bi-LSTM",
        "A small network that reads word by word, forwards and backwards, over ready-made word vectors. Thousands of "
        "sentences in under a minute; less accurate. The paper's check with planted blind spots uses one.",
        bilstm_defaults(),
    ),
}


def training_form(config: TrainingConfig, key: str, *, base: bool = True) -> TrainingConfig:
    """Inputs with ``config``'s values to start from; what they say now. ``base`` offers the kind of classifier and what
    it starts from as well.

    Raises ConfigError for an impossible value.
    """
    kind = _kind_of(config)
    if base:
        chosen = st.segmented_control(
            "Kind of classifier",
            list(_KINDS),
            default=kind,
            format_func=lambda name: _KINDS[name].title,
            required=True,
            key=f"{key}-kind",
        )
        st.caption(_KINDS[chosen or kind].says)
        if chosen and chosen != kind:
            kind, config, key = chosen, _KINDS[chosen].usual, f"{key}-{chosen}"
        config = replace(config, base=_base(_KINDS[kind], config, key))
    config = _steps(config, key)
    return _lora(config, key, new=base) if kind == _LORA else config


def _kind_of(config: TrainingConfig) -> str:
    """By what it starts from; a folder's name does not say what is in it, but training will."""
    if config.base == BILSTM:
        return _BILSTM
    return _LORA if config.base in (EMBEDDED_LLAMA, PAPER_LLAMA) or config.accumulation > 1 else _ENCODER


def _base(kind: _Kind, config: TrainingConfig, key: str) -> str:
    if not kind.base_help:
        return config.base
    written = st.text_input("Starts from", config.base, key=f"{key}-base", max_chars=300, help=kind.base_help)
    return (written or config.base).strip()


def _steps(config: TrainingConfig, key: str) -> TrainingConfig:
    one, two, three, four = st.columns(4)
    epochs = one.number_input(
        "Epochs", 1, 100, config.epochs, key=f"{key}-epochs", help="How often it goes through all training texts."
    )
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
    return replace(config, epochs=int(epochs), learning_rate=float(rate), batch_size=int(batch), max_length=int(length))


def _lora(config: TrainingConfig, key: str, *, new: bool) -> TrainingConfig:
    """``new``: the adapter's size can still be chosen."""
    one, two, three, four = st.columns(4)
    accumulation = one.number_input(
        "Batches a step",
        1,
        1024,
        config.accumulation,
        key=f"{key}-accumulation",
        help="So many batches are added up before the weights move: a larger batch in less memory. The paper: 8.",
    )
    rank = two.number_input(
        "Rank",
        1,
        512,
        config.lora_r,
        key=f"{key}-rank",
        disabled=not new,
        help="The size of the matrices that learn. The paper: 64.",
    )
    precision = three.selectbox(
        "Precision",
        PRECISIONS,
        PRECISIONS.index(config.precision),
        key=f"{key}-precision",
        help="Of the products. bfloat16 halves the memory; 4bit takes a quarter of that, and needs a CUDA GPU and the "
        "package bitsandbytes.",
    )
    four.space("small")
    checkpointing = four.checkbox(
        "Save memory",
        config.gradient_checkpointing,
        key=f"{key}-checkpointing",
        help="Compute states twice instead of keeping them: about a third more time.",
    )
    return replace(
        config,
        accumulation=int(accumulation),
        lora_r=int(rank),
        precision=precision or config.precision,
        gradient_checkpointing=bool(checkpointing),
    )
