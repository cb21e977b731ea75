"""The model card: a JSON file beside the weights that says what they were made from."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bsm_core.classifiers.base import ADAPTER, WEIGHTS
from bsm_core.errors import ClassifierError
from bsm_core.ports import LabelledText

CARD = "card.json"
_PACKAGES = ("torch", "transformers", "tokenizers", "safetensors", "peft", "numpy")


def write_card(folder: Path, card: dict[str, Any]) -> None:
    (folder / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_card(folder: Path) -> dict[str, Any]:
    """The card in ``folder``, empty for a model from elsewhere. Raises ClassifierError when it cannot be read."""
    path = folder / CARD
    if not path.is_file():
        return {}
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ClassifierError(f"{path} is not JSON ({error}); train the model again") from error
    if not isinstance(card, dict):
        raise ClassifierError(f"{path} is not a model card; train the model again")
    return card


def weights_hash(folder: Path) -> str:
    """SHA-256 of the weights (or the adapter) in ``folder``; of sharded weights, over the shards' hashes in order of
    name."""
    single = next((folder / name for name in (WEIGHTS, ADAPTER) if (folder / name).is_file()), None)
    files = [single] if single else sorted(folder.glob("model-*.safetensors"))
    hashes = [file_hash(path) for path in files]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def data_hash(rows: Iterable[LabelledText]) -> str:
    """SHA-256 over texts and labels in order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([*row.text, row.label]).encode())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
