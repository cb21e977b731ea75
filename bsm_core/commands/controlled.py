"""``controlled``: the self-test. Blind spots are planted (appendix C): does the workbench find and remove them?"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bsm_core.commands.opened import add_workspace
from bsm_core.config import load_settings
from bsm_core.domain.controlled import ControlledPlan, ControlledResult, Planting, Variant
from bsm_core.errors import CheckFailedError, ConfigError

_DEFAULT = ControlledPlan()


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("controlled", help="self-test: are planted blind spots found and removed?")
    parser.add_argument("--seeds", default="0", help="0-4, or 0,1,7 (default: 0)")
    parser.add_argument("--variants", help=f"comma-separated (default: {','.join(Variant)})")
    parser.add_argument(
        "--planting", choices=list(Planting), default=_DEFAULT.planting, help="what training texts suffer"
    )
    parser.add_argument("--terms", type=int, default=_DEFAULT.terms, help="opinion terms a side (default: 600)")
    parser.add_argument(
        "--size", type=int, default=_DEFAULT.train_size, help="training texts (default: 3500; 0: all there are)"
    )
    parser.add_argument("--validation", type=int, default=_DEFAULT.validation_size, help="texts to find UUs on")
    parser.add_argument("--test", type=int, default=_DEFAULT.test_size, help="texts to count UUs on")
    parser.add_argument("--json", type=Path, help="write every figure to this file as well")
    parser.add_argument("--check", action="store_true", help="exit with 1 unless they are found and removed")
    parser.add_argument("--resume", action="store_true", help="go on with the last one that stopped early")
    add_workspace(parser)
    parser.set_defaults(run=_controlled)


def _controlled(options: argparse.Namespace) -> None:
    from bsm_core.headless.controlled import run_controlled
    from bsm_core.report.controlled_table import controlled_json, controlled_text
    from bsm_core.workflow.controlled_verdict import verdict

    settings = load_settings(options.workspace)
    found: ControlledResult = run_controlled(settings, None if options.resume else _plan(options))
    print(controlled_text(found))
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(controlled_json(found), indent=2) + "\n", encoding="utf-8")
        print(f"written to {options.json}", file=sys.stderr)
    if options.check and not verdict(found).is_passed:
        raise CheckFailedError("the planted blind spots were not all found and removed; the table says which")


def _plan(options: argparse.Namespace) -> ControlledPlan:
    from bsm_core.workflow.declare import read_seeds

    try:
        return ControlledPlan(
            seeds=tuple(read_seeds(options.seeds)),
            variants=_variants(options.variants),
            planting=Planting(options.planting),
            terms=options.terms,
            train_size=options.size,
            validation_size=options.validation,
            test_size=options.test,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _variants(text: str | None) -> tuple[Variant, ...]:
    """In the order of the table. Raises ConfigError for an unknown one."""
    named = [one.strip().upper() for one in (text or ",".join(Variant)).split(",") if one.strip()]
    for name in named:
        if name not in list(Variant):
            raise ConfigError(f"{name!r} is no variant; there are {', '.join(Variant)}")
    return tuple(variant for variant in Variant if variant in named)
