"""``hypotheses``: the ledger of a study's hypotheses, in the terminal and as files."""

from __future__ import annotations

import argparse
from pathlib import Path

from bsm_core.commands.opened import add_study, settings_of, study_of, write_new


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("hypotheses", help="the hypotheses with their samples, pre-tests and later effect")
    parser.add_argument("--pretest", action="store_true", help="first pre-test all that have samples enough")
    parser.add_argument("--csv", type=Path, help="write the ledger to this new file, a row a hypothesis")
    parser.add_argument("--markdown", type=Path, help="write the study's error report to this new file")
    add_study(parser)
    parser.set_defaults(run=_ledger)


def _ledger(options: argparse.Namespace) -> None:
    from bsm_core.bootstrap import build_workbench
    from bsm_core.report.ledger import ledger_csv, ledger_markdown

    workbench = build_workbench(settings_of(options))
    try:
        study = study_of(workbench, options.study)
        if options.pretest:
            tested = workbench.ledger.pretest_all(study.study_id, lambda why: print(f"not pre-tested: {why}"))
            print(f"{tested} pre-tested")
        entries = workbench.ledger.entries(study.study_id)
    finally:
        workbench.close()
    if options.csv is None and options.markdown is None:
        print(ledger_markdown(study, entries))
    if options.csv is not None:
        write_new(options.csv, ledger_csv(entries))
    if options.markdown is not None:
        write_new(options.markdown, ledger_markdown(study, entries))
