"""Reading what the paper reports: what ships, and what a user has copied from the paper into the workspace."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bsm_core.config import DATA
from bsm_core.domain.paper import Reported
from bsm_core.errors import ConfigError

SHIPPED = DATA / "paper" / "reported.toml"
OWN = "paper.toml"
"""In the workspace: further cells, which a user has checked against the paper."""

_REPORTED = TypeAdapter(Reported)


def read_reported(workspace: Path) -> Reported:
    """Raises ConfigError with the file and what is wrong in it."""
    shipped = _read(SHIPPED)
    own = workspace / OWN
    if not own.is_file():
        return shipped
    return replace(shipped, cells=(*shipped.cells, *_read(own).cells))


def _read(path: Path) -> Reported:
    try:
        values: dict[str, Any] = {"source": "", **tomllib.loads(path.read_text(encoding="utf-8"))}
        return _REPORTED.validate_python(values)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{path}: {where}: {first['msg']}; compare it with {SHIPPED}") from error
