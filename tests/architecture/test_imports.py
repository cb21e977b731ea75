"""Arrows point down: who may import whom, read from the source itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.source import imported, libraries, name_of, shipped, tree, unit_of, units

_LEAVES = {"domain", "errors", "legible"}
_CORE = {"domain", "errors", "config", "ports", "metrics"}
_ADAPTERS = {"answering", "store", "classifiers", "perturb", "teacher", "tasks", "jobs", "grouping"}
_SHOWS = _CORE | {"legible", "workflow", "charts", "report", "workbench"}

MAY_IMPORT: dict[str, set[str]] = {
    **{leaf: set() for leaf in _LEAVES},
    "config": {"domain", "errors"},
    "ports": {"domain", "config"},
    "metrics": {"domain"},
    "workflow": _CORE,
    # Adapters never import one another.
    **{adapter: _CORE | {"workflow"} for adapter in _ADAPTERS},
    "charts": {"domain", "errors", "metrics", "ports", "legible"},
    "report": _CORE | {"workflow", "charts", "legible"},
    # The workbench knows ports only: what it does, a file a capability, how it starts jobs, and how plans go on.
    "workbench": _CORE | {"workflow", "report"},
    # The one place where ports meet adapters.
    "bootstrap": _CORE | {"workflow", "workbench"} | _ADAPTERS,
    "ui": _SHOWS,
    "pages": _SHOWS | {"ui"},
    "app": {"bootstrap", "ui"},
    # Commands are told apart by file, and import what they need when they run.
    "commands": _CORE | {"bootstrap", "workbench", "headless", "bench", "report", "workflow"},
    "headless": _CORE | {"bootstrap", "report", "workbench", "workflow"},
    # It fills a store with made-up rows, and attacks without a job.
    "bench": _CORE | {"bootstrap", "workflow", "workbench"} | _ADAPTERS,
    "cli": {"errors", "commands"},
    "__main__": {"cli"},
    "__init__": set(),
}

ONLY_IN: dict[str, set[str]] = {
    "duckdb": {"store"},
    "torch": {"classifiers"},
    "transformers": {"classifiers"},
    "peft": {"classifiers"},
    "bert_score": {"classifiers"},
    "safetensors": {"classifiers"},
    "tokenizers": {"classifiers"},
    "textattack": {"perturb"},
    "nltk": {"perturb"},
    "flair": {"perturb"},
    "sklearn": {"classifiers", "perturb", "grouping"},
    "openai": {"teacher"},
    "xllamacpp": {"teacher"},
    "datasets": {"tasks"},
    "psutil": {"jobs"},
    "streamlit": {"app", "pages", "ui"},
    "starlette": {"app", "ui"},
    "plotly": {"charts"},
    "kaleido": {"charts"},
    "jinja2": {"report"},
    "playwright": {"bench"},
}

NOTHING_BUT: dict[str, set[str]] = {
    "domain": set(),
    "errors": set(),
    "legible": set(),
    "config": set(),
    "ports": {"numpy", "pyarrow"},
    "metrics": {"numpy"},
    "workflow": {"numpy", "pyarrow", "pydantic"},
    "workbench": {"pyarrow"},
    "bootstrap": set(),
    "charts": {"kaleido", "plotly"},
    "store": {"duckdb", "numpy", "pyarrow", "pydantic"},
    "jobs": {"psutil", "pyarrow", "pydantic"},
    "pages": {"streamlit"},
    "cli": set(),
}
"""Third-party packages of the units that are kept lean."""

_BY_NAME = {"bsm_core/jobs/worker.py", "bsm_core/answering/service.py"}
"""Modules that may import what a string names: the worker, told its handlers on the command line."""

each_file = pytest.mark.parametrize("path", shipped(), ids=name_of)


def test_the_reader_sees_imports_wherever_they_hide() -> None:
    source = (
        "import os\n"
        "from bsm_core import store, ports\n"
        "from bsm_core.jobs.process import ProcessRunner\n"
        "def late():\n    import torch.nn as nn\n"
        "if TYPE_CHECKING:\n    from duckdb import connect\n"
        "from .sibling import x\n"
    )
    names = set(imported(ast.parse(source)))
    assert units(names) == {"store", "ports", "jobs"}
    assert libraries(names) == {"torch", "duckdb"}
    assert ".sibling" in names


def test_every_unit_has_its_rule_and_every_rule_a_unit() -> None:
    assert {unit_of(path) for path in shipped()} == set(MAY_IMPORT)


@each_file
def test_imports_point_down(path: Path) -> None:
    unit = unit_of(path)
    used = units(set(imported(tree(path)))) - {unit}
    forbidden = used - MAY_IMPORT[unit]
    assert not forbidden, f"{name_of(path)} imports {sorted(forbidden)}; {unit} may import {sorted(MAY_IMPORT[unit])}"


@each_file
def test_libraries_stay_behind_their_port(path: Path) -> None:
    unit = unit_of(path)
    used = libraries(set(imported(tree(path))))
    strays = {library: ONLY_IN[library] for library in used if unit not in ONLY_IN.get(library, {unit})}
    assert not strays, f"{name_of(path)} imports what only these may: {strays}"
    surplus = used - NOTHING_BUT.get(unit, used)
    assert not surplus, f"{name_of(path)} imports {sorted(surplus)}; {unit} makes do with {sorted(NOTHING_BUT[unit])}"


@each_file
def test_imports_are_absolute_and_written_out(path: Path) -> None:
    assert not [name for name in imported(tree(path)) if name.startswith(".")]
    called = {ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
    by_name = called & {"importlib.import_module", "import_module", "__import__"}
    assert not by_name or name_of(path) in _BY_NAME, f"{name_of(path)} hides an import from these rules: {by_name}"


@pytest.mark.parametrize("library", ["duckdb", "torch", "transformers", "textattack", "openai", "xllamacpp", "plotly"])
def test_fenced_library_is_used_where_it_is_fenced(library: str) -> None:
    """A rule about a library nobody imports would guard nothing."""
    users = {unit_of(path) for path in shipped() if library in libraries(set(imported(tree(path))))}
    assert users == ONLY_IN[library]
