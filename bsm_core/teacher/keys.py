"""Where a key comes from: the environment, or a secrets file. It is never stored, logged or shown."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from bsm_core.errors import TeacherKeyError

SCRUBBED = "[key]"
SHORTEST_SECRET = 8
"""Characters. What is shorter (``none``, ``x``) is a placeholder for an endpoint that wants no key; replacing it
would mangle ordinary words."""


def read_key(variable: str, secrets_file: Path | None = None) -> str | None:
    """The key named ``variable``, or None when neither place has one.

    The environment goes first, then a top-level entry of the TOML ``secrets_file``.
    Raises TeacherKeyError when the file cannot be read; the message names the file, never its content.
    """
    value = os.environ.get(variable, "").strip()
    if value:
        return value
    if secrets_file is None or not secrets_file.is_file():
        return None
    try:
        secrets = tomllib.loads(secrets_file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # `from None`: a TOML error can quote the line, and the line may hold the key.
        raise TeacherKeyError(
            f"{secrets_file} cannot be read as TOML ({type(error).__name__}); mend it, or set {variable} "
            "in the environment"
        ) from None
    entry = secrets.get(variable)
    return entry.strip() or None if isinstance(entry, str) else None


def check_sendable(key: str | None, variable: str) -> None:
    """Raise TeacherKeyError for a key that no HTTP header can carry, before a library quotes it in an error."""
    if key is not None and not (key.isascii() and key.isprintable()):
        raise TeacherKeyError(
            f"the key in {variable} has characters that no key has (a line break, or letters outside ASCII); "
            "copy it again"
        )


def scrub(text: str, key: str | None) -> str:
    """``text`` without the key, for anything that is recorded or shown. Endpoints like to echo it.

    Lone surrogates, which JSON can smuggle in and no file or database can hold, become question marks.
    """
    storable = text.encode("utf-8", "replace").decode("utf-8")
    return storable.replace(key, SCRUBBED) if key and len(key) >= SHORTEST_SECRET else storable
