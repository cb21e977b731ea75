"""Exports are written whole or not at all: a draft beside the place is renamed; nothing is overwritten unasked."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import uuid4

from bsm_core.errors import StoreError

MARK = "export.json"
"""In every exported folder: what it is and what it was made from."""


def write_folder(target: Path, fill: Callable[[Path], None], about: Mapping[str, object], *, force: bool) -> int:
    """Have ``fill`` write into an empty folder that then becomes ``target``; returns its size in bytes.

    Raises StoreError for a target that is there already. With ``force`` it is replaced, but only an earlier export is:
    a folder without MARK is somebody's own.
    """
    target = target.absolute()
    if target.exists() and not force:
        raise StoreError(f"{target} is there already; name a new folder, or replace it with --force")
    if target.exists() and not (target / MARK).is_file():
        raise StoreError(f"{target} is no earlier export (it has no {MARK}), so it is left alone; name a new folder")
    draft = _draft(target)
    try:
        draft.mkdir(parents=True)
        fill(draft)
        body = json.dumps(dict(about), indent=2, ensure_ascii=False, default=str)
        (draft / MARK).write_text(body + "\n", encoding="utf-8")
        size = size_of(draft)
        old = _draft(target)
        if target.exists():
            target.rename(old)
        draft.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise _refused(target, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return size


def write_file(target: Path, fill: Callable[[Path], None], *, force: bool) -> int:
    """The same for one file."""
    target = target.absolute()
    if target.is_dir():
        raise StoreError(f"{target} is a folder; name a file")
    if target.exists() and not force:
        raise StoreError(f"{target} is there already; name a new file, or replace it with --force")
    draft = _draft(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fill(draft)
        size = draft.stat().st_size
        draft.replace(target)
    except OSError as error:
        raise _refused(target, error) from error
    finally:
        draft.unlink(missing_ok=True)
    return size


def zip_folder(folder: Path, target: Path, name: str) -> None:
    """Its files as ``name/...``, in order of name. Weights hardly shrink, so they are only packed up."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                way = zipfile.ZIP_STORED if path.suffix in (".safetensors", ".parquet", ".png") else None
                packed.write(path, f"{name}/{path.relative_to(folder).as_posix()}", way)


def size_of(place: Path) -> int:
    """Bytes of a file, or of all in a folder."""
    if place.is_file():
        return place.stat().st_size
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


def size_told(size: int) -> str:
    """``812 bytes``, ``14.2 kB``, ``90.9 MB``."""
    if size < 1_000:
        return f"{size} bytes"
    for unit, worth in (("kB", 1e3), ("MB", 1e6)):
        if size < worth * 999.95:
            return f"{size / worth:.1f} {unit}"
    return f"{size / 1e9:.1f} GB"


def _draft(target: Path) -> Path:
    return target.with_name(f".{target.name}.{uuid4().hex[:8]}.draft")


def _refused(target: Path, error: OSError) -> StoreError:
    return StoreError(f"{target} cannot be written: {error.strerror or error}; make room, or choose another place")
