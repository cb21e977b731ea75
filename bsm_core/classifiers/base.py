"""Where a model to start from lies: a packaged asset, a local folder, or the Hugging Face hub."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from bsm_core.errors import ClassifierError

AssetPath = Callable[[str], Path | None]
"""The folder of a packaged asset, its hashes checked; None for a name that is no asset."""

WEIGHTS = "model.safetensors"
WEIGHTS_INDEX = "model.safetensors.index.json"
ADAPTER, ADAPTER_CONFIG = "adapter_model.safetensors", "adapter_config.json"
HUB_FILES = (
    "config.json",
    WEIGHTS,
    WEIGHTS_INDEX,
    "model-*.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
)
"""What an encoder needs. Pickled weights of the same repository are never fetched."""

HUB_SECONDS = 5.0
"""How long the hub may take to answer the first question before it counts as unreachable."""

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_PATH_STARTS = ("/", "./", "../", "~")


def resolve_base(base: str, asset_path: AssetPath) -> Path:
    """The folder of ``base``, which has a configuration and safetensors weights.

    ``base`` is tried as an asset name, as a local folder, and as a hub id, which is downloaded or taken from the
    hub's cache. Raises ClassifierError with the name and the remedy; AssetError passes through.
    """
    packaged = asset_path(base)
    if packaged is not None:
        return check_folder(packaged)
    folder = Path(base).expanduser()
    if folder.is_dir() or base.startswith(_PATH_STARTS):
        return check_folder(folder)
    if not _HUB_ID.fullmatch(base):
        raise ClassifierError(f"{base!r} is no asset, no folder and no hub id; check the spelling of the base model")
    return _from_hub(base)


def check_folder(folder: Path) -> Path:
    """``folder``, if it holds a model. Raises ClassifierError when it is missing or has no weights."""
    if not folder.is_dir():
        raise ClassifierError(f"there is no model folder {folder}; name an existing one")
    if not (folder / "config.json").is_file():
        raise ClassifierError(f"{folder} is no model folder: it has no config.json")
    if (folder / ADAPTER_CONFIG).is_file():
        if not (folder / ADAPTER).is_file():
            raise ClassifierError(f"the adapter in {folder} has no weights: {ADAPTER} is missing; train it again")
        return folder
    if not (folder / WEIGHTS).is_file() and not (folder / WEIGHTS_INDEX).is_file():
        raise ClassifierError(
            f"{folder} is a model folder without weights: it has no {WEIGHTS}. Pickled weights "
            "(pytorch_model.bin) are never loaded; convert them to safetensors, or train the model again"
        )
    return folder


def _from_hub(name: str) -> Path:
    import requests  # the hub's own HTTP client, imported late: most bases are local
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    reachable, reason = True, ""
    try:
        # One short question first: without it a network that swallows packets costs minutes.
        HfApi().model_info(name, timeout=HUB_SECONDS)
    except RepositoryNotFoundError as error:
        raise ClassifierError(
            f"the Hugging Face hub has no model {name!r}, or you may not see it; check the spelling, accept its "
            "license on the hub and set HF_TOKEN, or name a local folder"
        ) from error
    except (requests.RequestException, HfHubHTTPError, OSError) as error:
        reachable, reason = False, type(error).__name__
    try:
        folder = Path(snapshot_download(name, allow_patterns=list(HUB_FILES), local_files_only=not reachable))
    except (requests.RequestException, HfHubHTTPError, OSError, ValueError) as error:
        problem = "the download broke off" if reachable else f"no network ({reason}), and no copy in the hub's cache"
        raise ClassifierError(
            f"cannot fetch the model {name!r} from the Hugging Face hub: {problem}. Use a local folder, or the "
            "packaged model all-MiniLM-L6-v2; or try again with a network"
        ) from error
    return check_folder(folder)
