"""``run`` takes a preset through the loop; ``backup`` copies a workspace; ``screenshots`` takes its pictures."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from bsm_core.commands.opened import add_workspace, settings_of
from bsm_core.config import load_preset, load_settings, preset_names


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands.add_parser("run", help="take a preset through the whole loop, and print the comparison")
    run.add_argument("--preset", default="demo", help=f"one of {', '.join(preset_names())} (default: demo)")
    run.add_argument("--json", type=Path, help="write the comparison to this file as well")
    run.add_argument("--seed", type=int, help="instead of the preset's")
    run.add_argument("--data", type=Path, help="folder (or file) with the task's own files, e.g. MRPC's or GLUE's")
    run.add_argument("--resume", action="store_true", help="go on with the last unfinished run of this preset")
    add_workspace(run)
    run.set_defaults(run=_run)
    backup = commands.add_parser("backup", help="copy a workspace's database into a new file")
    backup.add_argument("target", type=Path)
    add_workspace(backup)
    backup.set_defaults(run=_backup)
    pictures = commands.add_parser("screenshots", help="take the README's pictures of a workspace")
    pictures.add_argument("--workspace", type=Path, help="one in which a preset has been run (default: data/workspace)")
    pictures.add_argument("--out", type=Path, default=Path("docs/images"), help="folder (default: docs/images)")
    pictures.add_argument("--pages", nargs="+", metavar="PAGE", help="pages with charts (default: browse compare)")
    pictures.set_defaults(run=_screenshots)


def _run(options: argparse.Namespace) -> None:
    from bsm_core.headless import run

    config = load_preset(options.preset)
    if options.seed is not None:
        config = config.with_seed(options.seed)
    if options.data is not None:
        config = replace(config, data=str(options.data.resolve()))
    run(load_settings(options.workspace), config, resume=options.resume, json_path=options.json)


def _backup(options: argparse.Namespace) -> None:
    from bsm_core.bootstrap import build_workbench

    settings = settings_of(options)
    workbench = build_workbench(settings)
    try:
        workbench.store.backup(options.target)
    finally:
        workbench.close()
    print(f"copied {settings.database} to {options.target}")


def _screenshots(options: argparse.Namespace) -> None:
    from bsm_core.bench.screenshots import PICTURES, run

    run(load_settings(options.workspace), options.out, options.pages or PICTURES)
