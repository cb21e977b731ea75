"""Exports for the app: made in the background one after the other, kept in the workspace, downloaded from there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from bsm_core.domain.arms import Arm
from bsm_core.errors import JobError, WorkbenchError
from bsm_core.report.drafts import size_of
from bsm_core.workbench.exports import Exports

EVERY = "all"
"""Of the data set: all approved samples, whoever wrote them."""


class Export(StrEnum):
    REPORT = "report"
    HYPOTHESES = "hypotheses"
    TABLES = "tables"
    FIGURES = "figures"
    DATASET = "dataset"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Made:
    """A file that lies ready."""

    path: Path
    size: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ExportState:
    """One export of a study. ``problem`` says why the last try failed; an earlier file stays ``made``."""

    made: Made | None
    working: bool
    problem: str


class Making:
    """``Workbench.making``. Files are ``exports/<study>/<name>`` of the workspace, the newest of each name only."""

    def __init__(self, exports: Exports, workspace: Path) -> None:
        self._exports = exports
        self._folder = workspace / "exports"
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._running: dict[tuple[str, str], Future[int]] = {}

    def start(self, study_id: str, kind: Export, choice: str = "") -> None:
        """Make it anew; does nothing while that is being done. ``choice``: an arm, EVERY or a model's id for the data
        set; a model's id for the model; an experiment's for report, tables and figures, or none: the study's own."""
        name = file_name(kind, choice)
        make = self._maker(study_id, kind, choice)
        with self._lock:
            if self._is_working(study_id, name):
                return
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, thread_name_prefix="export")
            (self._folder / study_id).mkdir(parents=True, exist_ok=True)
            self._running[study_id, name] = self._pool.submit(make, self._folder / study_id / name)

    def state(self, study_id: str, kind: Export, choice: str = "") -> ExportState:
        name = file_name(kind, choice)
        with self._lock:
            working, future = self._is_working(study_id, name), self._running.get((study_id, name))
        told = future is not None and future.done() and not future.cancelled()
        error = future.exception() if future is not None and told else None
        problem = "" if error is None else _told(error)
        return ExportState(self.made(study_id, name), working, problem)

    def made(self, study_id: str, name: str) -> Made | None:
        """The file of that name, as long as it is one of the study's exports: no path leads anywhere else."""
        folders = {path.name: path for path in self._folder.iterdir()} if self._folder.is_dir() else {}
        folder = folders.get(study_id)
        path = {one.name: one for one in folder.iterdir()}.get(name) if folder is not None else None
        if path is None or not path.is_file() or name.startswith("."):
            return None
        return Made(path, size_of(path), datetime.fromtimestamp(path.stat().st_mtime, UTC))

    @property
    def is_busy(self) -> bool:
        with self._lock:
            return any(not future.done() for future in self._running.values())

    def close(self) -> None:
        """Wait for the one that is being made: it reads the store."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _is_working(self, study_id: str, name: str) -> bool:
        future = self._running.get((study_id, name))
        return future is not None and not future.done()

    def _maker(self, study_id: str, kind: Export, choice: str) -> Callable[[Path], int]:
        exports, name = self._exports, Path(file_name(kind, choice)).stem
        if kind is Export.REPORT:
            return partial(exports.report, study_id, force=True, experiment_id=choice or None)
        return lambda target: exports.packed(self._into_folder(study_id, kind, choice), name, target)

    def _into_folder(self, study_id: str, kind: Export, choice: str) -> Callable[[Path], int]:
        exports = self._exports
        if kind is Export.MODEL:
            return partial(exports.model, study_id, choice)
        if kind is Export.DATASET:
            arm = Arm(choice) if choice in list(Arm) else None
            model_id = None if arm is not None or choice in ("", EVERY) else choice
            return partial(exports.dataset, study_id, arm=arm, model_id=model_id)
        if kind is Export.HYPOTHESES:
            return partial(exports.hypotheses, study_id)
        compared = exports.tables if kind is Export.TABLES else exports.figures
        return partial(compared, study_id, experiment_id=choice or None)


def file_name(kind: Export, choice: str = "") -> str:
    """``report.html``, ``dataset-HYPOTHESIS_RULE.zip``."""
    ending = "html" if kind is Export.REPORT else "zip"
    return f"{kind}{f'-{choice}' if choice else ''}.{ending}"


def _told(error: BaseException) -> str:
    """What the page shows: our own errors as they stand, others by their kind."""
    if isinstance(error, WorkbenchError):
        return str(error)
    return str(JobError(f"the export broke off ({type(error).__name__}: {error}); try again"))
