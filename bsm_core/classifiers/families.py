"""Which family a model is of, and how each is opened: the one place where they part.

An encoder of the BERT family, a causal language model with LoRA (3.3), or the Bi-LSTM (appendix C). What comes out is a
transformers model and a tokenizer, so that training, answering and clustering are the same for all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import torch

from bsm_core.classifiers import bilstm, causal, encoder
from bsm_core.classifiers.base import ADAPTER_CONFIG, AssetPath, check_folder
from bsm_core.classifiers.card import weights_hash
from bsm_core.classifiers.foundation import GGUF, locate
from bsm_core.classifiers.opened import Opened
from bsm_core.config import BILSTM, TrainingConfig
from bsm_core.errors import ClassifierError
from bsm_core.ports import JobContext, LabelledText


class Family(StrEnum):
    ENCODER = "encoder"
    CAUSAL = causal.KIND
    BILSTM = bilstm.KIND


def family_of(place: Path) -> Family:
    """The family of the model in the folder ``place``, or in that GGUF file. Raises ClassifierError when its
    configuration cannot be read."""
    if place.suffix == GGUF or (place / ADAPTER_CONFIG).is_file():
        return Family.CAUSAL
    try:
        config = json.loads((place / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ClassifierError(f"the model in {place} cannot be read: {error}") from error
    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind == bilstm.MODEL_TYPE:
        return Family.BILSTM
    return Family.CAUSAL if kind in causal.MODEL_TYPES else Family.ENCODER


def open_for_training(
    base: str,
    label_names: Sequence[str],
    rows: Sequence[LabelledText],
    config: TrainingConfig,
    device: torch.device,
    asset_path: AssetPath,
    context: JobContext,
) -> Opened:
    """``base`` with a head for ``label_names``: its own if it was trained, else a random one (drawn from torch's global
    generator). Raises ClassifierError for an unusable base, and for a setting that its family does not have."""
    if base == BILSTM:
        return bilstm.start(_glove(asset_path), label_names, rows)
    place = locate(base, asset_path)
    family = family_of(place)
    if family is Family.CAUSAL:
        if (place / ADAPTER_CONFIG).is_file():
            return causal.go_on(place, label_names, config, device, asset_path, context)
        return causal.start(base, label_names, config, device, asset_path, context)
    if config.precision != "float32":
        raise ClassifierError(
            f"precision is {config.precision}, but {base!r} is of the family {family}, which trains in float32; "
            "leave it out"
        )
    if config.gradient_checkpointing and family is Family.BILSTM:
        raise ClassifierError(f"gradient_checkpointing is on, but {base!r} is a Bi-LSTM, which has none; leave it out")
    model = encoder.load_for_training(place, label_names)
    if family is Family.BILSTM:
        return Opened(model, encoder.load_tokenizer(place), family, weights_hash(place), pass_tokens=bilstm.PASS_TOKENS)
    if config.gradient_checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    return Opened(model, encoder.load_tokenizer(place), family, weights_hash(place))


def open_trained(folder: Path, device: torch.device, asset_path: AssetPath | None = None) -> Opened:
    """The trained classifier in ``folder``, in evaluation mode. ``asset_path`` finds the packaged language model below
    an adapter. Raises ClassifierError without a trained head."""
    check_folder(folder)
    if family_of(folder) is Family.CAUSAL:
        if not (folder / ADAPTER_CONFIG).is_file():
            raise ClassifierError(f"{folder} has a language model without an adapter; train it first")
        return causal.load_adapted(folder, device, asset_path or _no_asset)
    return Opened(encoder.load_trained(folder), encoder.load_tokenizer(folder), family_of(folder), "")


def read_states(opened: Opened, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """(n, hidden): what the head of a trained classifier decides from, or in a BERT the state that its pooler reads."""
    if opened.kind == Family.CAUSAL:
        return causal.last_states(opened.model, inputs)
    reader: Any = opened.model.base_model
    if opened.kind == Family.BILSTM:
        vectors: torch.Tensor = reader(**inputs)
        return vectors
    states: torch.Tensor = reader(**inputs).last_hidden_state
    return states[:, 0]


def _no_asset(_name: str) -> None:
    return None


def _glove(asset_path: AssetPath) -> Path:
    folder = asset_path(bilstm.VECTORS)
    if folder is None:
        raise ClassifierError(f"the word vectors {bilstm.VECTORS!r} are not installed; run `make venv`")
    return folder
