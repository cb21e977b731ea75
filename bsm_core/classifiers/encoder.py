"""Loading encoders of the BERT family from folders: safetensors only, no remote code, float32."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, AutoTokenizer

from bsm_core.classifiers.base import check_folder
from bsm_core.errors import ClassifierError

# The one place where transformers is told to be quiet: that a new head starts at random is meant, and what is wrong
# with a folder is raised below, not printed.
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

_SAFE: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
_WEIGHTS: dict[str, Any] = {**_SAFE, "use_safetensors": True, "dtype": torch.float32, "output_loading_info": True}


def load_for_training(folder: Path, label_names: Sequence[str]) -> transformers.PreTrainedModel:
    """The encoder in ``folder`` with a head for ``label_names``: its own if it was fine-tuned, else a random one
    (drawn from torch's global generator).

    Raises ClassifierError when the fine-tuned head decides between other labels.
    """
    check_folder(folder)
    with readable(folder):
        config = AutoConfig.from_pretrained(folder, **_SAFE)
        tuned = _is_classifier(config)
        if tuned:
            check_labels(folder, config, label_names)
        id2label = dict(enumerate(label_names))
        label2id = {name: index for index, name in id2label.items()}
        model, loading = AutoModelForSequenceClassification.from_pretrained(
            folder, num_labels=len(label_names), id2label=id2label, label2id=label2id, **_WEIGHTS
        )
    check_complete(folder, model, loading, head_expected=tuned)
    return model


def load_trained(folder: Path) -> transformers.PreTrainedModel:
    """The fine-tuned classifier in ``folder``, in evaluation mode. Raises ClassifierError without a trained head."""
    check_folder(folder)
    with readable(folder):
        model, loading = AutoModelForSequenceClassification.from_pretrained(folder, **_WEIGHTS)
    check_complete(folder, model, loading, head_expected=True)
    return model.eval()


def load_encoder(folder: Path, layers: int | None = None) -> transformers.PreTrainedModel:
    """The encoder in ``folder`` without a head, cut after ``layers`` layers (None: all), in evaluation mode."""
    check_folder(folder)
    with readable(folder):
        config = AutoConfig.from_pretrained(folder, **_SAFE)
        depth = int(config.num_hidden_layers)
        if layers is not None and not 1 <= layers <= depth:
            raise ClassifierError(f"layer {layers} is not in {folder}, which has {depth} layers; use 1 to {depth}")
        config.num_hidden_layers = layers or depth
        model, loading = AutoModel.from_pretrained(folder, config=config, **_WEIGHTS)
    check_complete(folder, model, loading, head_expected=False)
    return model.eval()


def load_tokenizer(folder: Path) -> transformers.PreTrainedTokenizerFast:
    """The fast tokenizer in ``folder``. Raises ClassifierError when there is none."""
    with readable(folder):
        tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=True, **_SAFE)
    if not tokenizer.is_fast or tokenizer.pad_token_id is None:
        raise ClassifierError(f"the tokenizer in {folder} is not a fast one with a padding token; use another model")
    return tokenizer


def token_limit(model: transformers.PreTrainedModel, tokenizer: transformers.PreTrainedTokenizerFast) -> int:
    """The most tokens, special ones counted, that the model has positions for."""
    positions = int(getattr(model.config, "max_position_embeddings", tokenizer.model_max_length))
    embedding = getattr(getattr(model.base_model, "embeddings", None), "position_embeddings", None)
    padding = getattr(embedding, "padding_idx", None)
    if padding is not None:
        positions -= padding + 1  # RoBERTa counts its positions from behind the padding index
    return min(positions, int(tokenizer.model_max_length))


def _is_classifier(config: transformers.PretrainedConfig) -> bool:
    return any(name.endswith("ForSequenceClassification") for name in config.architectures or ())


def check_labels(folder: Path, config: transformers.PretrainedConfig, label_names: Sequence[str]) -> None:
    id2label = config.id2label or {}
    names = [id2label[index] for index in sorted(id2label)]
    if len(names) != len(label_names):
        raise ClassifierError(
            f"the model in {folder} decides between {len(names)} labels ({', '.join(names)}), the task has "
            f"{len(label_names)} ({', '.join(label_names)}); start from an encoder that was not fine-tuned"
        )
    if names != list(label_names) and sorted(names) == sorted(label_names):
        raise ClassifierError(
            f"the model in {folder} has the task's labels in another order: {', '.join(names)} against "
            f"{', '.join(label_names)}; bring the task's labels into the model's order"
        )


def check_complete(
    folder: Path, model: transformers.PreTrainedModel, loading: dict[str, Any], *, head_expected: bool
) -> None:
    # A pooler that no pre-training task used is often left out of a checkpoint; the head of a plain encoder always is.
    inside = f"{model.base_model_prefix}."
    whole = model is model.base_model
    missing = [
        key
        for key in loading["missing_keys"]
        if head_expected or ((whole or key.startswith(inside)) and "pooler" not in key)
    ]
    if missing:
        shown = ", ".join(sorted(missing)[:3])
        remedy = "train it first" if all(not key.startswith(inside) for key in missing) else "use another folder"
        raise ClassifierError(f"the weights in {folder} lack {len(missing)} tensors ({shown}); {remedy}")


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Turn what transformers says of the files in ``folder`` into a ClassifierError."""
    try:
        yield
    except ClassifierError:
        raise
    # transformers reports a broken file by whichever of these its parser meets first.
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ClassifierError(f"the model in {folder} cannot be read: {reason}") from error
