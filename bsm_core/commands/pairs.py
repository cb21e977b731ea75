"""``import-pairs`` and ``export-pairs``: perturbation sets in and out of a workspace."""

from __future__ import annotations

import argparse
from pathlib import Path

from bsm_core.commands.opened import add_study, add_workspace, content_of, settings_of, study_of, write_new
from bsm_core.domain.jobs import JobState
from bsm_core.domain.studies import Study
from bsm_core.errors import JobError, NotFoundError
from bsm_core.metrics.attack import attack_statistics
from bsm_core.workbench import Workbench


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    take = commands.add_parser("import-pairs", help="ask a study's baseline about original and perturbed texts")
    take.add_argument("file", type=Path, help="CSV, TSV, JSONL, JSON (AdvGLUE), Parquet or TextAttack's CSV log")
    take.add_argument("--section", help="the list to take from a JSON file that has several")
    add_study(take)
    take.set_defaults(run=_bring)
    give = commands.add_parser("export-pairs", help="write a perturbation set as TextAttack's CSV log")
    give.add_argument("set_id", metavar="SET")
    give.add_argument("file", type=Path)
    add_workspace(give)
    give.set_defaults(run=_give)


def _bring(options: argparse.Namespace) -> None:
    from bsm_core.bootstrap import build_inline

    content = content_of(options.file)
    workbench = build_inline(settings_of(options))
    try:
        study = study_of(workbench, options.study)
        job_id = workbench.import_pairs(study.study_id, options.file.name, content, options.section)
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


def _give(options: argparse.Namespace) -> None:
    from bsm_core.bootstrap import build_workbench

    workbench = build_workbench(settings_of(options))
    try:
        study = next((one for one in workbench.store.studies.all() if options.set_id in _sets(workbench, one)), None)
        if study is None:
            known = [name for one in workbench.store.studies.all() for name in _sets(workbench, one)]
            raise NotFoundError(f"no perturbation set {options.set_id!r}; there are {', '.join(known) or 'none'}")
        body = workbench.export_pairs(study.study_id, options.set_id)
    finally:
        workbench.close()
    write_new(options.file, body)


def _sets(workbench: Workbench, study: Study) -> list[str]:
    return [one.set_id for one in workbench.store.perturbations.sets(study.study_id)]
