"""An experiment without a browser: the loop up to approved samples, what the control arms lack, then cell by cell."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from bsm_core.bootstrap import build_inline
from bsm_core.config import Settings, StudyConfig
from bsm_core.domain.arms import Arm
from bsm_core.domain.experiments import ExperimentPlan, Start
from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import PerturbationRecipe
from bsm_core.errors import ConfigError, NothingToDoError
from bsm_core.headless.bars import ProgressBars, say
from bsm_core.headless.loop import (
    TO_SAMPLES,
    arms_for,
    carry_out,
    resume_jobs,
    stop_on_failure,
    study_of_run,
    write_told,
)
from bsm_core.report.experiment import experiment_json, experiment_text
from bsm_core.workbench import Workbench
from bsm_core.workflow.declare import Wanted

_EVENT = "headless-experiment"
_ROUNDS = 3
"""Times that the control arms are filled up: gates reject some texts, and attacks fail on some."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for. No arms: every one that has texts. No recipes: the study's own."""

    name: str
    arms: tuple[Arm, ...]
    seeds: tuple[int, ...]
    recipes: tuple[PerturbationRecipe, ...]
    start: Start
    budget: int | None
    replay: str | None
    original: str | None


def run_experiment(
    settings: Settings, config: StudyConfig, asked: Asked, *, study_id: str | None, resume: bool, json_path: Path | None
) -> None:
    """Run to the end, print the result, and write it to ``json_path``.

    Raises JobError when a job fails, NothingToDoError or another WorkbenchError for an impossible plan; what was done
    stays, and ``resume`` goes on with it.
    """
    if study_id is None and not resume:
        check_new(settings, config, asked)
    bars = ProgressBars()
    workbench = build_inline(settings, bars)
    try:
        if study_id is None:
            study = study_of_run(workbench, config, resume, _EVENT, TO_SAMPLES)
        else:
            study = workbench.store.studies.get(study_id)
        say(f"study {study.study_id}: {study.name}, workspace {settings.workspace}")
        resume_jobs(workbench, study)
        if study_id is None:
            carry_out(workbench, study)
        plan = _unfinished(workbench, study) if resume else None
        plan = plan or _declare(workbench, study, asked)
        _run(workbench, study, plan)
        print(experiment_text(workbench.store, plan))
        if json_path is not None:
            write_told(json_path, experiment_json(workbench.store, study, plan))
    finally:
        bars.close()
        workbench.close()


def check_new(settings: Settings, config: StudyConfig, asked: Asked) -> None:
    """Refuse what a study that is only to be made cannot have, before it is made. Raises ConfigError."""
    for option, value in (("--replay", asked.replay), ("--original", asked.original)):
        if value is not None:
            raise ConfigError(
                f"{option} {value} is of a study that is there, and a new one was asked for; name --study"
            )
    written = arms_for(settings, config)
    lacking = [arm for arm in asked.arms if arm.agent is not None and arm not in written]
    if lacking:
        raise ConfigError(
            f"{lacking[0]} would have no samples: in a new study nobody writes for it. Leave it out, configure an "
            "endpoint for HYPOTHESIS_LM, or name a --study in which its samples are approved"
        )


def _unfinished(workbench: Workbench, study: Study) -> ExperimentPlan | None:
    plans = reversed(workbench.store.experiments.all(study.study_id))
    return next((one for one in plans if not workbench.experiments.progress(one.experiment_id).is_done), None)


def _declare(workbench: Workbench, study: Study, asked: Asked) -> ExperimentPlan:
    usual = workbench.experiments.usual_set
    sets = tuple(usual(study.study_id, recipe) for recipe in asked.recipes) or (usual(study.study_id),)
    if asked.replay is not None:
        sets = (replace(sets[0], frozen_set_id=asked.replay), *sets[1:])
    workbench.experiments.check(study.study_id, sets, asked.original)
    arms = asked.arms or workbench.experiments.usual_arms(study.study_id)
    for _ in range(_ROUNDS):
        jobs = workbench.experiments.prepare(study.study_id, arms, asked.budget)
        if not jobs:
            break
        _settle(workbench, study)
    training = workbench.experiments.usual_training(study.study_id, asked.start)
    wanted = Wanted(asked.name, arms, asked.seeds, sets, training, asked.start, asked.budget)
    plan = workbench.experiments.declare(study.study_id, wanted, asked.original)
    say(f"experiment {plan.experiment_id}: {', '.join(plan.arms)}; {len(plan.seeds)} seeds; {plan.budget} texts each")
    return plan


def _run(workbench: Workbench, study: Study, plan: ExperimentPlan) -> None:
    while not (found := workbench.experiments.progress(plan.experiment_id)).is_done:
        before = found.done
        _settle(workbench, study)
        found = workbench.experiments.progress(plan.experiment_id)
        if found.done > before:
            say(f"{found.done} of {found.total} trainings and looks at test done")
        elif workbench.active_job(study.study_id) is None and not found.is_done:
            raise NothingToDoError(f"experiment {plan.experiment_id} is held up; see the study's Jobs page")


def _settle(workbench: Workbench, study: Study) -> None:
    """Until no job is active. Raises JobError for one that stopped early."""
    workbench.tick(study.study_id)
    stop_on_failure(workbench.jobs(study.study_id))
    while workbench.active_job(study.study_id) is not None:
        workbench.tick(study.study_id)
        stop_on_failure(workbench.jobs(study.study_id))
        if workbench.active_job(study.study_id) is not None:
            time.sleep(0.2)
