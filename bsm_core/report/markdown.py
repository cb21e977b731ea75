"""Untrusted text inside Markdown of ours: nothing of it is taken as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from bsm_core.legible import visible

_MARKUP = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]()#!|<>~&$:@"})
_START = re.compile(r"^(\d*)([-+.=])")
"""What begins a list, or a heading's underline, at the start of a line."""


def escaped(text: str, limit: int = 4_000) -> str:
    """On one line, invisible characters as labels; no address becomes a link."""
    told = " ".join(visible(text, limit).split()).translate(_MARKUP).replace("www.", "www\\.")
    return _START.sub(r"\1\\\2", told)


def rows(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    """A table. Cells are escaped already."""
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *(f"| {' | '.join(line)} |" for line in lines)]


def yaml_text(text: str) -> str:
    """A string for YAML: JSON's way of writing one is YAML's as well."""
    return json.dumps(visible(text, 400))
