"""``import-pairs`` and ``export-pairs``: perturbation sets in and out of a workspace from the command line."""

from __future__ import annotations

from pathlib import Path

from bsm_core.bootstrap import build_inline, build_workbench
from bsm_core.config import Settings
from bsm_core.domain.jobs import JobState
from bsm_core.domain.studies import Study
from bsm_core.errors import JobError, NotFoundError, StoreError, TaskError
from bsm_core.metrics.attack import attack_statistics
from bsm_core.workbench import Workbench


def bring(settings: Settings, file: Path, study_id: str | None, section: str | None) -> None:
    """Take the pairs of ``file`` into a study (None: the newest), and say how its baseline answers them."""
    content = _content(file)
    _require(settings)
    workbench = build_inline(settings)
    try:
        study = _study(workbench, study_id)
        job_id = workbench.import_pairs(study.study_id, file.name, content, section)
        workbench.tick(study.study_id)
        status = workbench.job(job_id)
        if status.state is not JobState.INGESTED:
            raise JobError(f"{status.spec.title} {status.state}: {status.message}")
        set_id = str(status.spec.params["set_id"])
        found = attack_statistics(workbench.store.perturbations.rows(set_id))
        print(
            f"{set_id}: {found.size:,} pairs; {found.successful:,} fool the baseline, {found.failed:,} do not, "
            f"{found.skipped:,} it has wrong before they are perturbed"
        )
    finally:
        workbench.close()


def give(settings: Settings, set_id: str, file: Path) -> None:
    """Write a perturbation set of any study into a new file."""
    _require(settings)
    workbench = build_workbench(settings)
    try:
        study = next((one for one in workbench.store.studies.all() if set_id in _sets(workbench, one)), None)
        if study is None:
            known = [name for one in workbench.store.studies.all() for name in _sets(workbench, one)]
            raise NotFoundError(f"no perturbation set {set_id!r}; there are {', '.join(known) or 'none'}")
        body = workbench.export_pairs(study.study_id, set_id)
    finally:
        workbench.close()
    try:
        with file.open("x", encoding="utf-8", newline="") as stream:
            stream.write(body)
    except FileExistsError as error:
        raise StoreError(f"{file} is there already; name a new file") from error
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}") from error
    print(f"written to {file}")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise TaskError(f"{file} cannot be read: {error.strerror}") from error


def _require(settings: Settings) -> None:
    if not settings.database.exists():
        raise StoreError(f"there is no workspace in {settings.workspace}; name it with --workspace")


def _study(workbench: Workbench, study_id: str | None) -> Study:
    if study_id is not None:
        return workbench.store.studies.get(study_id)
    studies = workbench.store.studies.all()
    if not studies:
        raise NotFoundError("there is no study in this workspace; make one with `run` or in the app")
    return studies[-1]


def _sets(workbench: Workbench, study: Study) -> list[str]:
    return [one.set_id for one in workbench.store.perturbations.sets(study.study_id)]
