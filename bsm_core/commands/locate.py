"""``locate``: the mistakes on test among the blind spots of validation, for the comparison of seen and unseen ones."""

from __future__ import annotations

import argparse

from tabulate import tabulate

from bsm_core.commands.opened import add_study, settings_of, study_of
from bsm_core.domain.jobs import JobState
from bsm_core.domain.locations import SHARE, Locating
from bsm_core.errors import JobError


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("locate", help="place the mistakes on test among the blind spots found on validation")
    add_study(parser)
    parser.set_defaults(run=_locate)


def _locate(options: argparse.Namespace) -> None:
    from bsm_core.bootstrap import build_inline

    workbench = build_inline(settings_of(options))
    try:
        study = study_of(workbench, options.study)
        job_id = workbench.locating.start(study.study_id)
        workbench.tick(study.study_id)
        status, found = workbench.job(job_id), workbench.store.locations.latest(study.study_id)
        if status.state is not JobState.INGESTED or found is None:
            raise JobError(f"{status.spec.title} {status.state}: {status.message}")
        print(_told(found))
    finally:
        workbench.close()


def _told(found: Locating) -> str:
    rows = [[region.name, region.size, f"{region.radius:.3f}"] for region in found.regions]
    table = tabulate(rows, ("blind spot", "UUs on validation", f"radius of {SHARE:.0%}"), disable_numparse=True)
    return (
        f"{table}\n{found.items:,} mistakes on test are placed, by the vectors of the {found.space}. No model was "
        "asked: this is no further look at test. `compare` now tells seen from unseen blind spots."
    )
