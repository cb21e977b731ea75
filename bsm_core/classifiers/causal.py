"""A causal language model with LoRA (3.3): its own weights stay, small matrices beside every linear layer learn.

What is saved is the adapter and the head; the foundation is found again by name and must have the same hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import peft
import torch
import transformers
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedModel

from bsm_core.classifiers.base import ADAPTER, AssetPath, check_folder
from bsm_core.classifiers.card import file_hash, read_card
from bsm_core.classifiers.encoder import check_complete, check_labels, load_tokenizer, readable
from bsm_core.classifiers.foundation import Foundation, cache_beside, find_foundation, text_tokenizer
from bsm_core.classifiers.opened import Opened
from bsm_core.config import TrainingConfig
from bsm_core.errors import ClassifierError
from bsm_core.ports import JobContext

KIND = "causal"
MODEL_TYPES = ("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "phi", "phi3", "gpt2", "gpt_neox", "opt")
"""Model types whose head reads the last token."""

_SAFE: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False, "use_safetensors": True}


def start(
    base: str,
    label_names: Sequence[str],
    config: TrainingConfig,
    device: torch.device,
    asset_path: AssetPath,
    context: JobContext,
) -> Opened:
    """A fresh adapter (3.3: on all linear layers, no bias) and head on the language model ``base``."""
    foundation = find_foundation(base, asset_path, cache_beside(context.folder), context)
    tokenizer = text_tokenizer(foundation.folder)
    model = _with_head(foundation, label_names, int(tokenizer.pad_token_id), config.precision, device)
    _save_memory(model, config)
    lora = peft.LoraConfig(
        task_type=peft.TaskType.SEQ_CLS,
        r=config.lora_r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        target_modules="all-linear",
        bias="none",
    )
    adapted = peft.get_peft_model(model, lora)
    return _opened(adapted, tokenizer, foundation, foundation.sha256, config.precision)


def go_on(
    folder: Path,
    label_names: Sequence[str],
    config: TrainingConfig,
    device: torch.device,
    asset_path: AssetPath,
    context: JobContext,
) -> Opened:
    """The adapter and head in ``folder``, to be trained further. Raises ClassifierError for settings that would need
    another adapter."""
    made = _adapter_config(folder)
    for name, theirs in (("lora_r", made.r), ("lora_alpha", made.lora_alpha)):
        ours = getattr(config, name)
        if theirs != ours:
            raise ClassifierError(
                f"the adapter in {folder} was made with {name} {theirs}, the settings say {ours}; set it to {theirs}, "
                "or start from the language model anew"
            )
    with readable(folder):
        check_labels(folder, AutoConfig.from_pretrained(folder, **_SAFE), label_names)
    foundation = _foundation_of(folder, asset_path, cache_beside(context.folder), context)
    tokenizer = load_tokenizer(folder)
    model = _with_head(foundation, label_names, int(tokenizer.pad_token_id), config.precision, device)
    _save_memory(model, config)
    made.lora_dropout = config.lora_dropout
    adapted = _adapted(model, folder, made, trainable=True)
    return _opened(adapted, tokenizer, foundation, file_hash(folder / ADAPTER), config.precision)


def load_adapted(folder: Path, device: torch.device, asset_path: AssetPath) -> Opened:
    """The trained classifier in ``folder``, in evaluation mode; in float32 the adapter is added to the weights, which
    answers the same in less time. Raises ClassifierError when the foundation is missing or another one."""
    check_folder(folder)
    made = _adapter_config(folder)
    precision = str(read_card(folder).get("config", {}).get("precision", "float32"))
    foundation = _foundation_of(folder, asset_path, cache_beside(folder.parent), None)
    with readable(folder):
        names = AutoConfig.from_pretrained(folder, **_SAFE).id2label
    tokenizer = load_tokenizer(folder)
    label_names = [names[index] for index in sorted(names)]
    model = _with_head(foundation, label_names, int(tokenizer.pad_token_id), precision, device)
    adapted = _adapted(model, folder, made, trainable=False)
    opened = _opened(adapted, tokenizer, foundation, "", precision)
    whole: Any = adapted.merge_and_unload() if opened.half is None else adapted
    return Opened(whole.eval(), tokenizer, KIND, "", half=opened.half)


def last_states(model: Any, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """(n, hidden): the last state of each text's last token, which the head reads."""
    plain: Any = model.get_base_model() if isinstance(model, peft.PeftModel) else model
    states: torch.Tensor = plain.base_model(**inputs).last_hidden_state
    last = inputs["attention_mask"].sum(dim=1) - 1
    return states[torch.arange(len(last), device=last.device), last]


def _opened(
    model: Any, tokenizer: transformers.PreTrainedTokenizerFast, foundation: Foundation, sha256: str, precision: str
) -> Opened:
    facts = {"foundation": foundation.name, "foundation_sha256": foundation.sha256}
    half = None if precision == "float32" else torch.bfloat16
    return Opened(model, tokenizer, KIND, sha256, facts, half=half)


def _with_head(
    foundation: Foundation, label_names: Sequence[str], pad: int, precision: str, device: torch.device
) -> PreTrainedModel:
    names = dict(enumerate(label_names))
    how: dict[str, Any] = {"dtype": torch.float32 if precision == "float32" else torch.bfloat16}
    if precision == "4bit":
        how |= {"quantization_config": _four_bits(device), "device_map": {"": device}}
    with readable(foundation.folder):
        model, loading = AutoModelForSequenceClassification.from_pretrained(
            foundation.folder,
            num_labels=len(label_names),
            id2label=names,
            label2id={name: index for index, name in names.items()},
            pad_token_id=pad,
            use_cache=False,
            output_loading_info=True,
            **how,
            **_SAFE,
        )
    check_complete(foundation.folder, model, loading, head_expected=False)
    model.score.float()  # learned in full precision, as the adapter is
    return model


def _four_bits(device: torch.device) -> transformers.BitsAndBytesConfig:
    """Normal-float 4 with double quantization. Raises ClassifierError where that cannot be."""
    if find_spec("bitsandbytes") is None:
        raise ClassifierError(
            "precision '4bit' needs the package bitsandbytes, which is not installed; `pip install bitsandbytes` on a "
            "machine with a CUDA GPU, or use bfloat16"
        )
    if device.type != "cuda":
        raise ClassifierError(f"precision '4bit' needs a CUDA GPU, this runs on {device.type}; use bfloat16 or float32")
    return transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def _save_memory(model: PreTrainedModel, config: TrainingConfig) -> None:
    if config.gradient_checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.enable_input_require_grads()


def _adapter_config(folder: Path) -> peft.LoraConfig:
    with readable(folder):
        made = peft.PeftConfig.from_pretrained(str(folder))
    if not isinstance(made, peft.LoraConfig) or made.task_type != peft.TaskType.SEQ_CLS:
        raise ClassifierError(f"the adapter in {folder} is not LoRA for classification; train it with the workbench")
    return made


def _adapted(model: PreTrainedModel, folder: Path, made: peft.LoraConfig, *, trainable: bool) -> Any:
    with readable(folder):
        return peft.PeftModel.from_pretrained(model, folder, is_trainable=trainable, config=made, local_files_only=True)


def _foundation_of(folder: Path, asset_path: AssetPath, cache: Path, context: JobContext | None) -> Foundation:
    card = read_card(folder)
    name, expected = card.get("foundation"), card.get("foundation_sha256")
    if not isinstance(name, str) or not isinstance(expected, str):
        raise ClassifierError(
            f"the adapter in {folder} has no card that names its language model and its hash; train it again"
        )
    found = find_foundation(name, asset_path, cache, context)
    if found.sha256 != expected:
        raise ClassifierError(
            f"the adapter in {folder} was trained on {name!r} with SHA-256 {expected}, but what has that name now has "
            f"{found.sha256}; bring the former back, or train again"
        )
    return found
