"""A study's data: ``load_dataset(config)``."""

from __future__ import annotations

from bsm_core.config import StudyConfig
from bsm_core.domain.tasks import Dataset
from bsm_core.tasks.cards import load_task, task_names
from bsm_core.tasks.sources import hub_rows, packaged_rows
from bsm_core.tasks.splitting import build_dataset

__all__ = ["build_dataset", "load_dataset", "load_task", "task_names"]


def load_dataset(config: StudyConfig) -> Dataset:
    """The task's examples, cleaned and split as ``config`` says.

    From the packaged reviews, or from the hub when ``config.require_hub``. Raises TaskError (AssetError for a missing
    or altered package) with what was asked for and what to do.
    """
    task = load_task(config.task)
    rows = hub_rows(task.name) if config.require_hub else packaged_rows(task.name)
    return build_dataset(task, rows, config)
