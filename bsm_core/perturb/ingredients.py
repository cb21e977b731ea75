"""What a recipe may need beside TextAttack. Only ``textfooler-local`` needs any of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bsm_core.ports import Embedder


@dataclass(frozen=True, slots=True)
class Ingredients:
    """``asset_path`` finds a packaged asset by name and raises AssetError; ``load_embedder`` loads the sentence
    encoder. Neither is called before a recipe needs it."""

    asset_path: Callable[[str], Path]
    load_embedder: Callable[[], Embedder]
