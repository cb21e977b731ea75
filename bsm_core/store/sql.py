"""Reading the named queries of ``queries/*.sql``.

A file holds several, each under a line ``-- name: page``. A line ``-- include: wrong`` stands for the query of that
name in the same file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "queries"

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_INCLUDE = re.compile(r"^ *-- include: (\w+)$", re.MULTILINE)
_PARAMETER = re.compile(r"\$(\w+)")


class Queries:
    """The named queries of one file."""

    def __init__(self, concept: str) -> None:
        _, *parts = _NAME.split((FOLDER / f"{concept}.sql").read_text(encoding="utf-8"))
        self._texts = {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}

    def __getitem__(self, name: str) -> str:
        return self.get(name)

    def get(self, name: str, **instead: str) -> str:
        """The query, its includes filled in, at any depth. ``instead`` includes another query than the one named:
        ``get("page", wrong="searched")``; that one may itself include the query it stands in for."""

        def fill(found: re.Match[str]) -> str:
            stand_in = instead.get(found[1], found[1])
            return self.get(found[1] if stand_in == name else stand_in, **instead)

        return _INCLUDE.sub(fill, self._texts[name])

    def names(self) -> list[str]:
        return list(self._texts)


@cache
def parameters(sql: str) -> frozenset[str]:
    """The names of a query's ``$parameters``."""
    return frozenset(_PARAMETER.findall(sql))


def pick(sql: str, values: Mapping[str, object]) -> dict[str, object]:
    """Those of ``values`` that the query names; DuckDB refuses others."""
    return {name: values[name] for name in parameters(sql)}
