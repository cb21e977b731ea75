"""``experiment``: arms x seeds x evaluation sets, declared once, run to the end, resumed after a kill."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from bsm_core.commands.opened import add_workspace
from bsm_core.config import load_preset, load_settings, preset_names
from bsm_core.domain.arms import Arm
from bsm_core.domain.experiments import Start
from bsm_core.domain.unknowns import PerturbationRecipe
from bsm_core.errors import ConfigError


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("experiment", help="compare arms over several seeds, by a plan frozen beforehand")
    parser.add_argument("--preset", default="evidence", help=f"one of {', '.join(preset_names())} (default: evidence)")
    parser.add_argument("--study", help="id of a study that is there, instead of a new one of the preset")
    parser.add_argument("--arms", help="comma-separated names (default: every arm that has texts)")
    parser.add_argument("--seeds", default="0-4", help="0-4, or 0,1,7 (default: 0-4)")
    parser.add_argument(
        "--recipes", help="attacks that every model is tried by; the first decides (default: the study's)"
    )
    parser.add_argument("--replay", metavar="SET", help="stored test set to replay instead of ORIGINAL's own attack")
    parser.add_argument("--original", metavar="MODEL", help="id of the study's baseline, to be sure which one it is")
    parser.add_argument("--start", choices=list(Start), default=Start.CONTINUE, help="train on, or from scratch")
    parser.add_argument("--budget", type=int, help="texts that every arm adds (default: the most that all have)")
    parser.add_argument("--name", default="", help="of the experiment")
    parser.add_argument("--resume", action="store_true", help="go on with the last unfinished one of this preset")
    parser.add_argument("--json", type=Path, help="write the plan and every figure to this file as well")
    parser.add_argument("--data", type=Path, help="folder (or file) with the task's own files, for a new study")
    add_workspace(parser)
    parser.set_defaults(run=_experiment)


def _experiment(options: argparse.Namespace) -> None:
    from bsm_core.headless.experiment import Asked, run_experiment
    from bsm_core.workflow.declare import check_seeds, read_seeds

    seeds = read_seeds(options.seeds)
    check_seeds(seeds)
    asked = Asked(
        name=options.name,
        arms=_named(options.arms, Arm, "arm"),
        seeds=seeds,
        recipes=_named(options.recipes, PerturbationRecipe, "recipe"),
        start=Start(options.start),
        budget=options.budget,
        replay=options.replay,
        original=options.original,
    )
    config = load_preset(options.preset)
    if options.data is not None:
        config = replace(config, data=str(options.data.resolve()))
    settings = load_settings(options.workspace)
    run_experiment(settings, config, asked, study_id=options.study, resume=options.resume, json_path=options.json)


def _named(text: str | None, kind: type[Arm] | type[PerturbationRecipe], what: str) -> tuple:
    """The members of ``kind`` that ``text`` names, whatever their case. Raises ConfigError for an unknown one."""
    known = {one.value.lower(): one for one in kind}
    found = []
    for name in (one.strip() for one in (text or "").split(",") if one.strip()):
        if name.lower() not in known:
            raise ConfigError(f"{name!r} is no {what}; there are {', '.join(one.value for one in kind)}")
        found.append(known[name.lower()])
    return tuple(found)
