"""A study's data: ``load_dataset(config)``."""

from __future__ import annotations

from pathlib import Path

from bsm_core.config import StudyConfig
from bsm_core.domain.tasks import Dataset
from bsm_core.tasks.cards import load_task, task_names
from bsm_core.tasks.local import local_rows
from bsm_core.tasks.sources import PACKAGED, hub_rows, packaged_rows
from bsm_core.tasks.splitting import build_dataset

__all__ = ["build_dataset", "load_dataset", "load_task", "task_names"]


def load_dataset(config: StudyConfig) -> Dataset:
    """The task's examples, cleaned and split as ``config`` says.

    From the files of ``config.data`` when it names any; from the hub when ``config.require_hub``, or when the task is
    not among the packaged reviews; else from those. Raises TaskError (AssetError for a missing or altered package)
    with what was asked for and what to do.
    """
    task = load_task(config.task)
    if config.data:
        return build_dataset(task, local_rows(task, Path(config.data).expanduser()), config)
    if config.require_hub or task.name not in PACKAGED:
        return build_dataset(task, hub_rows(task.name), config)
    return build_dataset(task, packaged_rows(task.name), config)
