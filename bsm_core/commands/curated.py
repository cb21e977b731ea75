"""``import-curated``: hypotheses and samples from a file, or the set that ships."""

from __future__ import annotations

import argparse
from pathlib import Path

from bsm_core.commands.opened import add_study, content_of, settings_of, study_of


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    take = commands.add_parser("import-curated", help="take hypotheses and samples into a study")
    take.add_argument("file", type=Path, nargs="?", help="JSON; left out: the set that ships for the study's task")
    add_study(take)
    take.set_defaults(run=_take)


def _take(options: argparse.Namespace) -> None:
    from bsm_core.bootstrap import build_workbench

    workbench = build_workbench(settings_of(options))
    try:
        study = study_of(workbench, options.study)
        if options.file is None:
            name, content = workbench.curated.shipped(study.study_id)
        else:
            name, content = options.file.name, content_of(options.file)
        found = workbench.curated.take(study.study_id, name, content)
    finally:
        workbench.close()
    print(
        f"{name}: {len(found.hypotheses):,} hypotheses and {len(found.samples):,} samples added to {study.study_id}; "
        f"{found.known:,} were there already; {found.strays:,} of the new hypotheses rest on texts that this "
        "classifier has right"
    )
