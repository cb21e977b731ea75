"""The packaged assets: where they lie, and that every file is the known one.

They come as Python packages, made by third parties out of public models and data. Nothing of theirs is imported:
the package is only located, and its files are hashed before they are handed out.
"""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bsm_core.config import DATA
from bsm_core.errors import AssetError


@dataclass(frozen=True, slots=True)
class Asset:
    """``path`` (a file or a folder) and the keys of ``files`` are relative to the package's folder."""

    name: str
    package: str
    path: str
    files: dict[str, str]
    """SHA-256 by file, for every file that anyone loads."""


_Marker = tuple[str, int, int]
_verified: dict[Path, _Marker] = {}
"""File -> (hash asked for, size, modification time in ns) of the last good check in this process."""


def asset_names() -> list[str]:
    return sorted(_assets())


def asset_path(name: str) -> Path:
    """Path of the asset's file or folder, with every file in it checked against its known hash.

    Raises AssetError when the name is unknown, the package is not installed, or a file is not the known one.
    A second call in the same process reads nothing anew unless a file's size or time changed.
    """
    assets = _assets()
    if name not in assets:
        raise AssetError(f"no asset {name!r}; there are {', '.join(sorted(assets))}")
    asset = assets[name]
    folder = _package_folder(asset)
    for file, expected in asset.files.items():
        _verify(asset, folder / file, expected)
    return folder / asset.path


def find_asset(name: str) -> Path | None:
    """``asset_path(name)``, or None when no asset has that name."""
    return asset_path(name) if name in _assets() else None


@cache
def _assets() -> dict[str, Asset]:
    return read_assets(DATA / "assets.toml")


def read_assets(path: Path) -> dict[str, Asset]:
    cards = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Asset(name, card["package"], card["path"], card["files"]) for name, card in cards.items()}


def _package_folder(asset: Asset) -> Path:
    spec = importlib.util.find_spec(asset.package)  # locates a top-level package without running it
    if spec is None or not spec.submodule_search_locations:
        raise AssetError(f"the asset {asset.name!r} is not installed (package {asset.package}): run `make venv`")
    return Path(next(iter(spec.submodule_search_locations)))


def _verify(asset: Asset, file: Path, expected: str) -> None:
    try:
        stat = file.stat()
        marker = (expected, stat.st_size, stat.st_mtime_ns)
        if _verified.get(file) == marker:
            return
        with file.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise AssetError(f"the asset {asset.name!r} cannot be read ({error}): {_REINSTALL}") from error
    if found != expected:
        raise AssetError(
            f"{file} of the asset {asset.name!r} is not the known file: expected SHA-256 {expected}, found {found}; "
            f"{_REINSTALL}"
        )
    _verified[file] = marker


_REINSTALL = "delete .venv and run `make venv`"
