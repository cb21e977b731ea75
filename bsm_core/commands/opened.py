"""What commands on a workspace begin with: a workspace that is there, a study in it, a file that reads."""

from __future__ import annotations

import argparse
from pathlib import Path

from bsm_core.config import Settings, load_settings
from bsm_core.domain.studies import Study
from bsm_core.errors import NotFoundError, StoreError, TaskError
from bsm_core.workbench import Workbench


def add_workspace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workspace", type=Path, help="folder of the workspace (default: data/workspace)")


def add_study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--study", help="its id (default: the newest study)")
    add_workspace(parser)


def settings_of(options: argparse.Namespace) -> Settings:
    """Raises StoreError when no workspace is there: a command never makes one by a mistyped name."""
    settings = load_settings(options.workspace)
    if not settings.database.exists():
        raise StoreError(f"there is no workspace in {settings.workspace}; name it with --workspace")
    return settings


def study_of(workbench: Workbench, study_id: str | None) -> Study:
    """The named study, else the newest. Raises NotFoundError."""
    if study_id is not None:
        return workbench.store.studies.get(study_id)
    studies = workbench.store.studies.all()
    if not studies:
        raise NotFoundError("there is no study in this workspace; make one with `run` or in the app")
    return studies[-1]


def content_of(file: Path) -> bytes:
    """Raises TaskError."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise TaskError(f"{file} cannot be read: {error.strerror}") from error


def write_new(file: Path, body: str) -> None:
    """Raises StoreError for a file that is there already, or that cannot be written."""
    try:
        with file.open("x", encoding="utf-8", newline="") as stream:
            stream.write(body)
    except FileExistsError as error:
        raise StoreError(f"{file} is there already; name a new file") from error
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}") from error
    print(f"written to {file}")
