"""Task cards: ``data/tasks/<name>.toml`` says what a task decides and how prompts speak of it."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from bsm_core.config import DATA
from bsm_core.domain.tasks import Task
from bsm_core.errors import TaskError

_FOLDER = DATA / "tasks"
_KEYS = {field.name for field in fields(Task)} - {"name"}
_LISTS = ("label_names", "text_fields")


def task_names() -> list[str]:
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def load_task(name: str) -> Task:
    """The task of that name. Raises TaskError for an unknown name or a card that does not read."""
    if name not in task_names():
        raise TaskError(f"no task {name!r}; there are {', '.join(task_names())}")
    return read_card(_FOLDER / f"{name}.toml")


def read_card(path: Path) -> Task:
    """The task on one card, named after the file."""
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TaskError(f"the task card {path} cannot be read: {error}") from error
    if unknown := sorted(set(values) - _KEYS):
        raise TaskError(f"the task card {path} has {', '.join(unknown)}; a card knows {', '.join(sorted(_KEYS))}")
    for key in _LISTS:
        if not (isinstance(values.get(key), list) and all(isinstance(item, str) for item in values[key])):
            raise TaskError(f"the task card {path} needs {key} as a list of texts")
        values[key] = tuple(values[key])
    try:
        return Task(name=path.stem, **values)
    except (TypeError, ValueError) as error:
        raise TaskError(f"the task card {path} does not describe a task: {error}") from error
