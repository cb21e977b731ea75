"""The source as the rules see it: files, the units they belong to, and what each imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = "bsm_core"


@cache
def shipped() -> tuple[Path, ...]:
    """All Python that a user runs: the package, the pages, the entry."""
    return (*sorted((ROOT / PACKAGE).rglob("*.py")), *sorted((ROOT / "pages").glob("*.py")), ROOT / "app.py")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def unit_of(path: Path) -> str:
    """``store`` for ``bsm_core/store/duck.py``, ``ports`` for ``bsm_core/ports.py``, else ``pages`` or ``app``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == PACKAGE else parts[0]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(module: ast.Module) -> Iterator[str]:
    """Full names of all imported modules, also of those inside functions and under TYPE_CHECKING."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _from(node)


def _from(node: ast.ImportFrom) -> Iterator[str]:
    if node.level:
        yield "." * node.level + (node.module or "")
    elif node.module == PACKAGE:
        yield from (f"{PACKAGE}.{alias.name}" for alias in node.names)
    else:
        yield node.module or ""


def units(names: set[str]) -> set[str]:
    """The units among imported names."""
    return {name.split(".")[1] for name in names if name.startswith(f"{PACKAGE}.")}


def libraries(names: set[str]) -> set[str]:
    """The third-party packages among imported names."""
    tops = {name.split(".")[0] for name in names}
    return {top for top in tops if top and top != PACKAGE and top not in sys.stdlib_module_names}
