"""``paper``: the paper's tables and figures in form, from everything that a workspace holds."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bsm_core.commands.opened import add_study, settings_of, study_of, write_new


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("paper", help="the paper's tables and figures in form, beside what it reports")
    parser.add_argument("--json", type=Path, help="write table 2, its averages and figures 4 and 5 to this new file")
    add_study(parser)
    parser.set_defaults(run=_paper)


def _paper(options: argparse.Namespace) -> None:
    from bsm_core.bootstrap import build_workbench
    from bsm_core.report.paper import paper_json, paper_text
    from bsm_core.workflow.reported import read_reported

    settings = settings_of(options)
    reported = read_reported(settings.workspace)
    workbench = build_workbench(settings)
    try:
        study = study_of(workbench, options.study)
        print(paper_text(workbench.store, study, reported))
        told = paper_json(workbench.store, study, reported) if options.json else None
    finally:
        workbench.close()
    if told is not None:
        write_new(options.json, json.dumps(told, indent=2) + "\n")
