"""The causal language model below an adapter: found by its name, known by its hash, and read from GGUF once.

An adapter without the very weights it was trained on is worth nothing, so that both are checked together.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from tokenizers.processors import TemplateProcessing
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from bsm_core.classifiers.base import AssetPath, resolve_base
from bsm_core.classifiers.card import file_hash, weights_hash
from bsm_core.classifiers.encoder import readable
from bsm_core.errors import ClassifierError
from bsm_core.ports import JobContext

GGUF = ".gguf"
_MANIFEST = "converted.json"


@dataclass(frozen=True, slots=True)
class Foundation:
    """``name`` as it was asked for; ``folder`` has its weights as safetensors; ``sha256`` is that of the weights as
    they were published."""

    name: str
    folder: Path
    sha256: str


def find_foundation(name: str, asset_path: AssetPath, cache: Path, context: JobContext | None = None) -> Foundation:
    """By asset name, as a folder or a GGUF file, or by hub id. What is read from GGUF is kept in ``cache``.

    Raises ClassifierError with the name and the remedy; AssetError passes through.
    """
    place = locate(name, asset_path)
    if place.suffix != GGUF:
        return Foundation(name, place, weights_hash(place))
    sha256 = file_hash(place)
    return Foundation(name, _converted(place, sha256, cache, context), sha256)


def locate(name: str, asset_path: AssetPath) -> Path:
    """The GGUF file called ``name``, or the folder of that base; see ``base.resolve_base``."""
    packaged = asset_path(name)
    if packaged is not None and packaged.suffix == GGUF:
        return packaged
    file = Path(name).expanduser()
    return file if file.suffix == GGUF and file.is_file() else resolve_base(name, asset_path)


def cache_beside(folder: Path) -> Path:
    """Where converted models are kept: in the workspace that ``folder`` lies in, else inside ``folder``."""
    jobs = next((parent for parent in (folder, *folder.parents) if parent.name == "jobs"), None)
    return (jobs.parent if jobs else folder) / "foundations"


def text_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The fast tokenizer in ``folder``, which pads (with the end token where it has no other) and marks where a text
    begins, so that none is empty and the two sides of a pair are told apart. Raises ClassifierError without one."""
    with readable(folder):
        tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=True, local_files_only=True, trust_remote_code=False)
    if not tokenizer.is_fast or tokenizer.eos_token_id is None:
        raise ClassifierError(f"the tokenizer in {folder} is not a fast one with an end token; use another model")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = tokenizer.truncation_side = "right"
    if not tokenizer.backend_tokenizer.encode("").ids:
        token = tokenizer.bos_token or tokenizer.eos_token
        ends = (token, tokenizer.convert_tokens_to_ids(token))
        tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
            single=f"{token} $A", pair=f"{token} $A {token} $B:1", special_tokens=[ends]
        )
    return tokenizer


def _converted(gguf: Path, sha256: str, cache: Path, context: JobContext | None) -> Path:
    """``gguf`` as a folder of safetensors, made at the first call; later ones check its hashes."""
    target = cache / f"{gguf.stem}-{sha256[:12]}"
    if _is_whole(target):
        return target
    if find_spec("gguf") is None:
        raise ClassifierError(f"{gguf.name} is in GGUF, and the package gguf that reads it is missing; run `make venv`")
    if context is not None:
        context.log(f"reading {gguf.name} and keeping it as safetensors in {cache}; this is done once")
    shutil.rmtree(target, ignore_errors=True)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="draft-") as folder:
        draft = Path(folder) / target.name
        with readable(gguf):
            model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
            read = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
        # As it is, it would save the whole GGUF file as its vocabulary.
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=read.backend_tokenizer,
            model_max_length=model.config.max_position_embeddings,
            **{name: token for name, token in read.special_tokens_map.items() if isinstance(token, str)},
        )
        _mend_ends(model, tokenizer)
        model.save_pretrained(draft, safe_serialization=True)
        tokenizer.save_pretrained(draft)
        files = {path.name: file_hash(path) for path in sorted(draft.iterdir())}
        (draft / _MANIFEST).write_text(json.dumps({"source_sha256": sha256, "files": files}, indent=2) + "\n")
        if not target.exists():  # another job may have been quicker
            draft.replace(target)
    return target


def _mend_ends(model: Any, tokenizer: PreTrainedTokenizerFast) -> None:
    """From GGUF a chat model's end token comes out as its beginning one, and padding is missing: the end of a turn is
    both."""
    turn = "<|im_end|>"
    if turn in tokenizer.get_vocab():
        tokenizer.eos_token = turn
    if tokenizer.pad_token_id is None or tokenizer.pad_token_id == tokenizer.bos_token_id:
        tokenizer.pad_token = tokenizer.eos_token
    for config in (model.config, getattr(model, "generation_config", None)):
        if config is not None:
            config.bos_token_id, config.eos_token_id = tokenizer.bos_token_id, tokenizer.eos_token_id
            config.pad_token_id = tokenizer.pad_token_id


_known_whole: dict[Path, tuple[int, int]] = {}
"""Folder -> (bytes, newest modification in ns) at the last good check in this process."""


def _is_whole(folder: Path) -> bool:
    try:
        files = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["files"]
        stats = [(folder / name).stat() for name in files]
        marker = (sum(one.st_size for one in stats), max(one.st_mtime_ns for one in stats))
        if _known_whole.get(folder) != marker:
            if any(file_hash(folder / name) != sha256 for name, sha256 in files.items()):
                return False
            _known_whole[folder] = marker
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True
