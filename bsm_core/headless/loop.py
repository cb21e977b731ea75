"""The main job without a browser: a preset through the whole loop, in one process, with progress bars.

The jobs are the app's own, in the same folders; the app opens the same workspace and shows every step.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bsm_core.bootstrap import build_inline
from bsm_core.config import Settings, StudyConfig
from bsm_core.domain.arms import Arm
from bsm_core.domain.jobs import JobState, JobStatus
from bsm_core.domain.studies import StepName, Study
from bsm_core.errors import JobError, NothingToDoError
from bsm_core.headless.bars import ProgressBars, say
from bsm_core.report.summary import comparison_json, comparison_text
from bsm_core.workbench import Workbench

_RUN_EVENT = "headless-run"
TO_SAMPLES = (
    StepName.BASELINE,
    StepName.DISCOVER,
    StepName.HYPOTHESIZE,
    StepName.SYNTHESIZE,
    StepName.APPROVE,
)
_STEPS = (*TO_SAMPLES, StepName.RETRAIN, StepName.COMPARE)


def run(settings: Settings, config: StudyConfig, *, resume: bool, json_path: Path | None) -> None:
    """Take ``config`` through the loop; print the comparison, and write it to ``json_path``.

    Raises JobError when a job fails, NothingToDoError when a step has no input; what was done stays, and ``resume``
    goes on with it.
    """
    bars = ProgressBars()
    workbench = build_inline(settings, bars)
    try:
        study = study_of_run(workbench, config, resume, _RUN_EVENT, _STEPS)
        say(f"study {study.study_id}: {study.name}, seed {config.seed}, workspace {settings.workspace}")
        resume_jobs(workbench, study)
        carry_out(workbench, study)
        judged = workbench.judging.of_baseline(study.study_id)
        print(comparison_text(workbench.store, study, judged))
        if json_path is not None:
            write_told(json_path, comparison_json(workbench.store, study, judged))
    finally:
        bars.close()
        workbench.close()


def write_told(path: Path, told: dict[str, Any]) -> None:
    """As JSON; a file that is there is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    say(f"written to {path}")


def arms_for(settings: Settings, config: StudyConfig) -> tuple[Arm, ...]:
    """The controls and the rules; the language model as well when an endpoint is configured, and the curated set where
    the preset takes it."""
    arms = [Arm.ORIGINAL, Arm.MORE_TRAINING, Arm.RELABEL, Arm.HYPOTHESIS_RULE]
    if not settings.teacher.is_embedded:
        arms.append(Arm.HYPOTHESIS_LM)
    if config.curated:
        arms.append(Arm.HYPOTHESIS_AUTHORS)
    return tuple(arms)


def study_of_run(
    workbench: Workbench, config: StudyConfig, resume: bool, event: str, steps: tuple[StepName, ...]
) -> Study:
    """A new study with a plan of ``steps``; or, to ``resume``, the last one that a run left with this ``event``.

    Raises NothingToDoError when there is none to resume.
    """
    if resume:
        for study in reversed(workbench.store.studies.all()):
            if StudyConfig.from_dict(study.config) == config and workbench.store.latest(study.study_id, event):
                return study
        raise NothingToDoError(
            f"no run of preset {config.preset!r} with seed {config.seed} in {workbench.settings.workspace}; "
            "leave out --resume to start one"
        )
    study = workbench.create_study(config, f"{config.preset}, seed {config.seed}")
    workbench.store.record(study.study_id, event, {"preset": config.preset, "seed": config.seed})
    workbench.plans.make(study.study_id, steps, arms_for(workbench.settings, config))
    return study


def resume_jobs(workbench: Workbench, study: Study) -> None:
    """Go on with every job that stopped early."""
    for status in workbench.jobs(study.study_id):
        if status.state.is_resumable:
            say(f"going on with: {status.spec.title}")
            workbench.resume(status.spec.job_id)


def carry_out(workbench: Workbench, study: Study) -> None:
    """The study's plan to its end. Raises JobError when a job stops early."""
    by_hand: dict[StepName, Callable[[], None]] = {
        StepName.HYPOTHESIZE: lambda: _hypothesize(workbench, study),
        StepName.APPROVE: lambda: _approve(workbench, study),
    }
    while True:
        workbench.tick(study.study_id)
        stop_on_failure(workbench.jobs(study.study_id))
        step = workbench.plans.next_step(study.study_id)
        if step is None:
            active = workbench.active_job(study.study_id)
            if active is None:
                return
            if active.state is JobState.RUNNING:
                time.sleep(1)  # a worker that the app left behind is still at it
        if step is not None and step.name in by_hand:
            by_hand[step.name]()


def _hypothesize(workbench: Workbench, study: Study) -> None:
    plan = workbench.plans.current(study.study_id)
    for arm in plan.writing_arms if plan else ():
        count = workbench.hypothesize(study.study_id, arm, lambda message: say(f"no hypothesis: {message}"))
        if count == 0:
            raise NothingToDoError(f"{arm}: the teacher gave no usable hypothesis; see its answers in Settings")
        say(f"{count} hypotheses for {arm}")
    if plan is not None and Arm.HYPOTHESIS_AUTHORS in plan.arms:
        found = workbench.curated.take(study.study_id, *workbench.curated.shipped(study.study_id))
        say(f"{len(found.hypotheses)} hypotheses and {len(found.samples)} samples of the curated set")
    workbench.plans.mark_taken(study.study_id, StepName.HYPOTHESIZE)


def _approve(workbench: Workbench, study: Study) -> None:
    if workbench.start_gate(study.study_id) is not None:
        return  # the plan comes back to this step when its samples are checked
    approved = workbench.approve_by_policy(study.study_id)
    say(f"{approved} samples approved by the policy 'gated' (everything that passes, up to the budget)")
    workbench.plans.mark_taken(study.study_id, StepName.APPROVE)


def stop_on_failure(jobs: list[JobStatus]) -> None:
    """Raises JobError for a job that stopped early."""
    for status in jobs:
        if status.state.is_resumable:
            raise JobError(f"{status.spec.title} {status.state}: {status.message}; mend it, then use --resume")
