"""``compare``: what became of the blind spots, from stored predictions: no model runs, and test is not looked at."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bsm_core.commands.opened import add_study, settings_of, study_of, write_new


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("compare", help="the evaluated arms against the original model, with paired tests")
    parser.add_argument("--json", type=Path, help="write every figure, test and curve to this new file")
    add_study(parser)
    parser.set_defaults(run=_compare)


def _compare(options: argparse.Namespace) -> None:
    from bsm_core.bootstrap import build_workbench
    from bsm_core.report.summary import comparison_json, comparison_text

    workbench = build_workbench(settings_of(options))
    try:
        study = study_of(workbench, options.study)
        judged = workbench.judging.of_baseline(study.study_id)
        print(comparison_text(workbench.store, study, judged))
        told = comparison_json(workbench.store, study, judged) if options.json else None
    finally:
        workbench.close()
    if told is not None:
        write_new(options.json, json.dumps(told, indent=2) + "\n")
