"""``attack``, ``replay`` and ``attack-report``: attacks on any model of a study, frozen sets, and their tables."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bsm_core.commands.opened import add_study, settings_of, study_of
from bsm_core.domain.jobs import JobState
from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import AttackGoal, PairSide, PerturbationRecipe, PerturbationSet
from bsm_core.errors import JobError, NotFoundError, StoreError
from bsm_core.workbench import Workbench

_RECIPES = [one.value for one in PerturbationRecipe if one is not PerturbationRecipe.IMPORTED]
_MODEL = "a model's id, or an arm's name such as RELABEL, whose newest model is meant (default: the baseline)"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    attack = commands.add_parser("attack", help="attack a model afresh on validation, and print the set's table")
    attack.add_argument("--model", help=_MODEL)
    attack.add_argument("--recipe", default="deepwordbug", choices=_RECIPES)
    attack.add_argument("--size", type=int, default=0, help="the first so many texts (default: all)")
    attack.add_argument("--goal", default="untargeted", choices=[one.value for one in AttackGoal])
    attack.add_argument("--side", choices=[one.value for one in PairSide], help="of pairs: what may be changed")
    attack.add_argument("--seed", type=int, help="instead of the study's")
    attack.add_argument("--resume", action="store_true", help="go on with the last attack that was stopped")
    add_study(attack)
    attack.set_defaults(run=_attack)
    replay = commands.add_parser("replay", help="have a model answer the texts of a stored set")
    replay.add_argument("--model", help=_MODEL)
    replay.add_argument("--set", required=True, dest="set_id", metavar="ID")
    replay.add_argument("--look", action="store_true", help="allow a set of the sealed test split: counts as a look")
    add_study(replay)
    replay.set_defaults(run=_replay)
    report = commands.add_parser("attack-report", help="print the paper's tables 4 to 7 of stored sets, side by side")
    report.add_argument(
        "--set", nargs="+", action="extend", default=[], dest="set_ids", metavar="ID", help="default: all"
    )
    report.add_argument("--by-label", action="store_true", help="print each label's texts on their own as well")
    report.add_argument("--csv", type=Path, help="write the figures to this file as well, by set and label")
    report.add_argument("--json", type=Path, help="the same as JSON")
    add_study(report)
    report.set_defaults(run=_report)


def _attack(options: argparse.Namespace) -> None:
    with _inline(options) as workbench:
        study = study_of(workbench, options.study)
        job_id = _resumed(workbench, study) if options.resume else _started(workbench, study, options)
        _finish(workbench, study, job_id)
        set_id = str(workbench.job(job_id).spec.params["set_id"])
        _print(workbench, study, workbench.attacks.sets(study.study_id, [set_id]), by_label=False)


def _started(workbench: Workbench, study: Study, options: argparse.Namespace) -> str:
    model = workbench.attacks.model(study.study_id, options.model)
    recipe, goal = PerturbationRecipe(options.recipe), AttackGoal(options.goal)
    return workbench.attacks.start(
        study.study_id, model.model_id, recipe, options.size, options.seed, goal, options.side
    )


def _resumed(workbench: Workbench, study: Study) -> str:
    stopped = workbench.attacks.stopped(study.study_id, workbench.jobs(study.study_id))
    workbench.resume(stopped)
    return stopped


def _replay(options: argparse.Namespace) -> None:
    with _inline(options) as workbench:
        study = _study_with(workbench, options.study, [options.set_id])
        model = workbench.attacks.model(study.study_id, options.model)
        job_id = workbench.attacks.replay(study.study_id, model.model_id, options.set_id, look=options.look)
        _finish(workbench, study, job_id)
        for one in workbench.store.perturbations.replays([options.set_id], study.tau):
            arm = workbench.store.models.get(one.model_id).arm
            print(
                f"{one.model_id} ({arm}): {one.wrong:,} wrong of {one.answered:,} perturbed texts, "
                f"{one.unknowns.counted:,} unknown unknowns at tau {study.tau:g}"
            )


def _report(options: argparse.Namespace) -> None:
    from bsm_core.bootstrap import build_workbench
    from bsm_core.report.attack_table import attack_columns, attack_csv, attack_records

    workbench = build_workbench(settings_of(options))
    try:
        study = _study_with(workbench, options.study, options.set_ids)
        sets = workbench.attacks.sets(study.study_id, options.set_ids)
        if not sets:
            raise NotFoundError(f"study {study.study_id} has no perturbation set yet; run `attack` first")
        _print(workbench, study, sets, by_label=options.by_label)
        records = attack_records(attack_columns(workbench.store, sets, study.tau, by_label=True), study.tau)
    finally:
        workbench.close()
    for path, body in ((options.csv, attack_csv(records)), (options.json, json.dumps(records, indent=2) + "\n")):
        if path is not None:
            _write(path, body)


@contextmanager
def _inline(options: argparse.Namespace) -> Iterator[Workbench]:
    from bsm_core.bootstrap import build_inline
    from bsm_core.headless import ProgressBars

    bars = ProgressBars()
    workbench = build_inline(settings_of(options), bars)
    try:
        yield workbench
    finally:
        bars.close()
        workbench.close()


def _finish(workbench: Workbench, study: Study, job_id: str) -> None:
    workbench.tick(study.study_id)
    status = workbench.job(job_id)
    if status.state is not JobState.INGESTED:
        raise JobError(f"{status.spec.title} {status.state}: {status.message}")


def _print(workbench: Workbench, study: Study, sets: Sequence[PerturbationSet], *, by_label: bool) -> None:
    from bsm_core.report.attack_table import attack_columns, attack_text

    print(attack_text(attack_columns(workbench.store, sets, study.tau, by_label=by_label), study.tau))


def _study_with(workbench: Workbench, study_id: str | None, set_ids: Sequence[str]) -> Study:
    """The one named, else that of the first set, else the newest."""
    if study_id is None and set_ids:
        for study in workbench.store.studies.all():
            if set_ids[0] in [one.set_id for one in workbench.store.perturbations.sets(study.study_id)]:
                return study
    return study_of(workbench, study_id)


def _write(path: Path, body: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, encoding="utf-8", newline="")
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    print(f"written to {path}")
