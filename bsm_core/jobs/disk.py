"""A full disk, told from other trouble, and said in words that help."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bsm_core.errors import JobError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NEARLY_NOTHING = 64 * 1024
"""Bytes. Less free space than this after a failed write means that the disk is full."""


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and those it was raised from or while handling."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def is_disk_full(error: BaseException, folder: Path) -> bool:
    """Whether the error comes from a full disk. Native writers (safetensors, torch) do not raise OSError, so their
    words and the space left at ``folder`` count as well."""
    for cause in causes(error):
        if isinstance(cause, OSError) and cause.errno in _FULL:
            return True
        if "os error 28" in str(cause) or "No space left on device" in str(cause):
            return True
    writing = any(word in str(error).lower() for word in ("writ", "serializ", "i/o"))
    return writing and shutil.disk_usage(folder).free < _NEARLY_NOTHING


def disk_full_message(folder: Path) -> str:
    free = shutil.disk_usage(folder).free / 1e6
    return f"no space left on the disk of {folder} ({free:.1f} MB free); free some and resume: the work so far is kept"


@contextmanager
def disk_errors(folder: Path, act: str) -> Iterator[None]:
    """Turn an OSError of the block into a JobError that says what could not be done, and the remedy."""
    try:
        yield
    except OSError as error:
        if is_disk_full(error, folder):
            raise JobError(f"cannot {act}: no space left on the disk of {folder}; free some and try again") from error
        raise JobError(f"cannot {act}: {error}") from error
