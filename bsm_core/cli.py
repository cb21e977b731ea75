"""The command line: ``run`` the main job headless, ``backup`` a workspace, ``bench`` what is claimed to be fast."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bsm_core.config import load_preset, load_settings, preset_names
from bsm_core.errors import WorkbenchError


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 a WorkbenchError (its message on stderr), 130 stopped by Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        commands = {"run": _run, "backup": _backup, "bench": _bench, "screenshots": _screenshots}
        commands |= {"import-pairs": _import_pairs, "export-pairs": _export_pairs}
        return commands[options.command](options)
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
    run.add_argument("--data", type=Path, help="folder (or file) with the task's own files, e.g. MRPC's or GLUE's")
    run.add_argument("--resume", action="store_true", help="go on with the last unfinished run of this preset")
    backup = commands.add_parser("backup", help="copy a workspace's database into a new file")
    backup.add_argument("target", type=Path)
    backup.add_argument("--workspace", type=Path)
    take = commands.add_parser("import-pairs", help="ask a study's baseline about original and perturbed texts")
    take.add_argument("file", type=Path, help="CSV, TSV, JSONL, JSON (AdvGLUE), Parquet or TextAttack's CSV log")
    take.add_argument("--study", help="its id (default: the newest study)")
    take.add_argument("--section", help="the list to take from a JSON file that has several")
    take.add_argument("--workspace", type=Path)
    give = commands.add_parser("export-pairs", help="write a perturbation set as TextAttack's CSV log")
    give.add_argument("set_id", metavar="SET")
    give.add_argument("file", type=Path)
    give.add_argument("--workspace", type=Path)
    bench = commands.add_parser("bench", help="measure what is claimed to be fast")
    _bench_parsers(bench)
    pictures = commands.add_parser("screenshots", help="take the README's pictures of a workspace")
    pictures.add_argument("--workspace", type=Path, help="one in which a preset has been run (default: data/workspace)")
    pictures.add_argument("--out", type=Path, default=Path("docs/images"), help="folder (default: docs/images)")
    return parser


def _bench_parsers(bench: argparse.ArgumentParser) -> None:
    kinds = bench.add_subparsers(dest="what", required=True)
    pages = kinds.add_parser("pages", help="click to paint over a large study")
    pages.add_argument("--rows", type=int, default=200_000, help="predictions in the store (default: 200000)")
    attack = kinds.add_parser("attack", help="TextAttack as it comes, our engine, and the bare forward pass")
    attack.add_argument("--n", type=int, default=50, help="texts to attack (default: 50)")
    attack.add_argument("--data", default="rotten_tomatoes", choices=["rotten_tomatoes", "imdb"])
    attack.add_argument("--device", help="cpu, cuda or cuda:N (default: CUDA when present)")
    attack.add_argument("--model", type=Path, help="folder of a trained model (default: MiniLM with a random head)")
    attack.add_argument("--concurrency", type=int, help="searches at once (default: 64, on a GPU 512)")
    attack.add_argument("--seed", type=int, default=0)
    for parser in (pages, attack):
        parser.add_argument("--json", type=Path, help="write the figures to this file as well")


def _run(options: argparse.Namespace) -> int:
    from bsm_core.headless import run

    config = load_preset(options.preset)
    if options.seed is not None:
        config = config.with_seed(options.seed)
    if options.data is not None:
        config = replace(config, data=str(options.data.resolve()))
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


def _import_pairs(options: argparse.Namespace) -> int:
    from bsm_core.pair_files import bring

    bring(load_settings(options.workspace), options.file, options.study, options.section)
    return 0


def _export_pairs(options: argparse.Namespace) -> int:
    from bsm_core.pair_files import give

    give(load_settings(options.workspace), options.set_id, options.file)
    return 0


def _bench(options: argparse.Namespace) -> int:
    if options.what == "pages":
        from bsm_core.bench.pages import run as run_pages

        run_pages(options.rows, options.json)
        return 0
    from bsm_core.bench.attack import Options
    from bsm_core.bench.attack import run as run_attack

    named = {name: getattr(options, name) for name in ("n", "data", "device", "model", "concurrency", "seed")}
    run_attack(Options(**named), options.json)
    return 0


def _screenshots(options: argparse.Namespace) -> int:
    from bsm_core.bench.screenshots import run

    run(load_settings(options.workspace), options.out)
    return 0
