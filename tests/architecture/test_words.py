"""What is not said in this house, and what every name has to lead to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bsm_core.config import load_preset, preset_names
from bsm_core.store.sql import FOLDER as QUERIES
from bsm_core.store.sql import Queries
from bsm_core.workflow.templates import PROMPTS, load_template
from tests.architecture.source import ROOT, name_of, shipped, tree

MOST_LINES = 400

_EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?|common|misc|stuff)($|_)")
_EMPTY_CLASSES = re.compile(r"(Utils?|Helpers?|Managers?)$")
_UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XXX)\b")
_PICKLING = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
_LOADERS = {"torch.load", "joblib.load", "eval", "exec"}
_ARRAY_LOADERS = {"np.load", "numpy.load"}
"""May be called with ``allow_pickle=False`` said; another value is caught where it stands."""
_CATCH_ALL = {"Exception", "BaseException"}

each_file = pytest.mark.parametrize("path", shipped(), ids=name_of)


def offences(source: str) -> Iterator[str]:
    """What is wrong with a module, in words."""
    if _UNFINISHED.search(source):
        yield "unfinished work"
    if "unsafe_allow" + "_html" in source:
        yield "raw HTML in markdown"
    for node in ast.walk(ast.parse(source)):
        yield from _offence(node)


def _offence(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id="NotImplementedError"):
            yield "a stub"
        case ast.ExceptHandler(type=None):
            yield "an except for everything"
        case ast.ExceptHandler(type=ast.expr() as kind) if _CATCH_ALL & set(re.findall(r"\w+", ast.unparse(kind))):
            yield "an except for everything"
        case ast.Import(names=names) if _PICKLING & {alias.name.split(".")[0] for alias in names}:
            yield "pickle"
        case ast.ImportFrom(module=str() as module) if module.split(".")[0] in _PICKLING:
            yield "pickle"
        case ast.Call(func=function) if ast.unparse(function) in _LOADERS:
            yield f"a call of {ast.unparse(function)}"
        case ast.Call(func=function, keywords=said) if ast.unparse(function) in _ARRAY_LOADERS:
            if "allow_pickle" not in {keyword.arg for keyword in said}:
                yield f"a call of {ast.unparse(function)} without allow_pickle=False"
        case ast.keyword(arg="trust_remote_code" | "allow_pickle" | "shell", value=value):
            if not (isinstance(value, ast.Constant) and value.value is False):
                yield f"{node.arg} that is not False"
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "trust_remote_code" and ast.unparse(value) != "False":
                    yield "trust_remote_code that is not False"
        case ast.ClassDef(name=name) if _EMPTY_CLASSES.search(name):
            yield f"class {name}, whose name says nothing"


@pytest.mark.parametrize(
    "source",
    [
        "# TO" + "DO: later",
        "raise NotImplementedError",
        "raise NotImplementedError('soon')",
        "try:\n    x()\nexcept:\n    pass",
        "try:\n    x()\nexcept Exception:\n    pass",
        "try:\n    x()\nexcept (ValueError, BaseException) as e:\n    pass",
        "import pickle",
        "from pickle import loads",
        "torch.load('x')",
        "np.load('x')",
        "np.load('x', allow_pickle=True)",
        "eval('1')",
        "load('x', trust_remote_code=True)",
        "load('x', trust_remote_code=flag)",
        "settings = {'trust_remote_code': True}",
        "run('ls', shell=True)",
        "st.markdown(x, unsafe_allow" + "_html=True)",
        "class JobManager: ...",
    ],
)
def test_offences_are_seen(source: str) -> None:
    assert list(offences(source))


def test_sound_code_gives_no_offence() -> None:
    source = (
        "model.eval()\nload('x', trust_remote_code=False)\ntry:\n    x()\nexcept ValueError:\n    y()\n"
        "model.load('x')\nnp.load('x', allow_pickle=False)"
    )
    assert not list(offences(source))


@each_file
def test_file_says_nothing_it_must_not(path: Path) -> None:
    assert not list(offences(path.read_text(encoding="utf-8")))


@each_file
def test_file_name_says_what_is_in_it(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    assert not [part for part in parts if _EMPTY_NAMES.search(part)]


@pytest.mark.parametrize("path", [*shipped(), *sorted((ROOT / "tests").rglob("*.py"))], ids=name_of)
def test_file_is_short_enough_to_read(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{name_of(path)} has {lines} lines; split it by concept"


@pytest.mark.parametrize("name", preset_names())
def test_preset_loads(name: str) -> None:
    assert load_preset(name).preset == name


@pytest.mark.parametrize("name", sorted(path.stem for path in PROMPTS.glob("*.toml")))
def test_prompt_template_loads_and_is_used(name: str) -> None:
    assert load_template(name).id == name
    users = [path for path in shipped() if name in _texts(path)]
    assert users, f"no module names the template {name}"


def _texts(path: Path) -> set[str]:
    nodes = ast.walk(tree(path))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _concepts(path: Path) -> dict[str, str]:
    """Variable name of each ``Queries("...")`` in a module, and its concept."""
    return {
        node.targets[0].id: node.value.args[0].value
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "Queries"
        and isinstance(node.value.args[0], ast.Constant)
    }


def _named_directly(path: Path) -> Iterator[tuple[str, str]]:
    """(concept, query) of each ``_SQL["query"]`` in a module."""
    concepts = _concepts(path)
    for node in ast.walk(tree(path)):
        match node:
            case ast.Subscript(value=ast.Name(id=variable), slice=ast.Constant(value=str() as query)):
                if variable in concepts:
                    yield concepts[variable], query


_STORE_FILES = [path for path in shipped() if _concepts(path)]


@pytest.mark.parametrize("path", _STORE_FILES, ids=name_of)
def test_every_query_a_module_names_exists(path: Path) -> None:
    missing = [(concept, name) for concept, name in _named_directly(path) if name not in Queries(concept).names()]
    assert not missing


@pytest.mark.parametrize("concept", sorted(path.stem for path in QUERIES.glob("*.sql")))
def test_every_query_is_used(concept: str) -> None:
    files = [path for path in _STORE_FILES if concept in _concepts(path).values()]
    said = set().union(*(_texts(path) for path in files))
    included = set(re.findall(r"-- include: (\w+)", (QUERIES / f"{concept}.sql").read_text(encoding="utf-8")))
    unused = set(Queries(concept).names()) - said - included
    assert not unused, f"queries/{concept}.sql has {sorted(unused)}, which nobody asks for"
