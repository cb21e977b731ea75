"""``attribute``: which hypotheses earned their place, weighed by leaving each one's samples out of a cheap head."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bsm_core.commands.opened import add_study, settings_of, study_of, write_new
from bsm_core.domain.jobs import JobState
from bsm_core.errors import JobError
from bsm_core.workflow.attribute import RESAMPLES


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("attribute", help="which hypotheses earned their place: each one's samples left out")
    parser.add_argument("--again", action="store_true", help="weigh them anew even where nothing has changed")
    parser.add_argument("--resamples", type=int, default=RESAMPLES, help=f"training sets drawn (default: {RESAMPLES})")
    parser.add_argument("--without", metavar="HYPOTHESIS", help="also retrain fully without this hypothesis' samples")
    parser.add_argument("--json", type=Path, help="write every figure to this new file")
    add_study(parser)
    parser.set_defaults(run=_attribute)


def _attribute(options: argparse.Namespace) -> None:
    """Weighs where that was never done, where something changed since, and where it is asked for."""
    from bsm_core.bootstrap import build_inline
    from bsm_core.headless import ProgressBars
    from bsm_core.report.attribution import attribution_json, attribution_text

    bars = ProgressBars()
    workbench = build_inline(settings_of(options), bars)
    try:
        study = study_of(workbench, options.study)
        facade = workbench.attribution
        jobs = []
        if options.again or facade.latest(study.study_id) is None or facade.is_stale(study.study_id):
            jobs.append(facade.start(study.study_id, options.resamples))
        if options.without:
            jobs += facade.retrain_without(study.study_id, options.without)
        for job_id in jobs:
            workbench.tick(study.study_id)
            status = workbench.job(job_id)
            if status.state is not JobState.INGESTED:
                raise JobError(f"{status.spec.title} {status.state}: {status.message}")
        bars.close()
        found, runs = facade.latest(study.study_id), facade.full_runs(study.study_id)
        if found is None:
            raise JobError("the hypotheses were weighed, but nothing was stored; run it again with --again")
        ledger = workbench.ledger.entries(study.study_id)
        print(attribution_text(found, ledger, runs))
        told = attribution_json(found, ledger, runs)
    finally:
        bars.close()
        workbench.close()
    if options.json is not None:
        write_new(options.json, json.dumps(told, indent=2) + "\n")
