"""The command line: ``run`` the main job headless, ``backup`` a workspace, ``bench`` what is claimed to be fast."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bsm_core.config import load_preset, load_settings, preset_names
from bsm_core.errors import WorkbenchError


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 a WorkbenchError (its message on stderr), 130 stopped by Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        command = {"run": _run, "backup": _backup, "bench": _bench, "screenshots": _screenshots}[options.command]
        return command(options)
    except WorkbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; run the same command with --resume to go on", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bsm_core", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="take a preset through the whole loop, and print the comparison")
    run.add_argument("--preset", default="demo", help=f"one of {', '.join(preset_names())} (default: demo)")
    run.add_argument("--workspace", type=Path, help="folder of the workspace (default: data/workspace)")
    run.add_argument("--json", type=Path, help="write the comparison to this file as well")
    run.add_argument("--seed", type=int, help="instead of the preset's")
    run.add_argument("--resume", action="store_true", help="go on with the last unfinished run of this preset")
    backup = commands.add_parser("backup", help="copy a workspace's database into a new file")
    backup.add_argument("target", type=Path)
    backup.add_argument("--workspace", type=Path)
    bench = commands.add_parser("bench", help="measure what is claimed to be fast")
    bench.add_argument("what", choices=["pages"])
    bench.add_argument("--rows", type=int, default=200_000, help="predictions in the store (default: 200000)")
    bench.add_argument("--json", type=Path)
    pictures = commands.add_parser("screenshots", help="take the README's pictures of a workspace")
    pictures.add_argument("--workspace", type=Path, help="one in which a preset has been run (default: data/workspace)")
    pictures.add_argument("--out", type=Path, default=Path("docs/images"), help="folder (default: docs/images)")
    return parser


def _run(options: argparse.Namespace) -> int:
    from bsm_core.headless import run

    config = load_preset(options.preset)
    if options.seed is not None:
        config = config.with_seed(options.seed)
    run(load_settings(options.workspace), config, resume=options.resume, json_path=options.json)
    return 0


def _backup(options: argparse.Namespace) -> int:
    from bsm_core.bootstrap import build_workbench

    settings = load_settings(options.workspace)
    if not settings.database.exists():
        raise WorkbenchError(f"there is no workspace in {settings.workspace}; name it with --workspace")
    workbench = build_workbench(settings)
    try:
        workbench.store.backup(options.target)
    finally:
        workbench.close()
    print(f"copied {settings.database} to {options.target}")
    return 0


def _bench(options: argparse.Namespace) -> int:
    from bsm_core.bench.pages import run

    run(options.rows, options.json)
    return 0


def _screenshots(options: argparse.Namespace) -> int:
    from bsm_core.bench.screenshots import run

    run(load_settings(options.workspace), options.out)
    return 0
