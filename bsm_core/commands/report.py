"""``report``: a study's report as one HTML file, from what is stored: no model runs, and test is not looked at."""

from __future__ import annotations

import argparse
from pathlib import Path

from bsm_core.commands.opened import add_study, settings_of, study_of


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "report", help="one HTML file with plan, data, models, results and how to reproduce it"
    )
    parser.add_argument(
        "--output", type=Path, help="file, or a folder to put it into (default: report-STUDY.html here)"
    )
    parser.add_argument("--experiment", help="report on this experiment instead of the study's own comparison")
    parser.add_argument("--force", action="store_true", help="replace the file if it is there")
    add_study(parser)
    parser.set_defaults(run=_report)


def _report(options: argparse.Namespace) -> None:
    from bsm_core.bootstrap import build_workbench
    from bsm_core.report.drafts import size_told

    workbench = build_workbench(settings_of(options))
    try:
        study = study_of(workbench, options.study)
        name = f"report-{options.experiment or study.study_id}.html"
        target: Path = options.output or Path(name)
        if target.is_dir() or not target.suffix:
            target = target / name
        size = workbench.exports.report(study.study_id, target, force=options.force, experiment_id=options.experiment)
    finally:
        workbench.close()
    print(f"written to {target} ({size_told(size)}); it needs no network and nothing beside it")
