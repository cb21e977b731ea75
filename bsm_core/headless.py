"""The main job without a browser: a preset through the whole loop, in one process, with progress bars.

The jobs are the app's own, in the same folders; the app opens the same workspace and shows every step.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from bsm_core.bootstrap import build_inline
from bsm_core.config import Settings, StudyConfig
from bsm_core.domain.arms import Arm
from bsm_core.domain.jobs import JobSpec, JobState, JobStatus
from bsm_core.domain.studies import StepName, Study
from bsm_core.errors import JobError, NothingToDoError
from bsm_core.report.summary import comparison_json, comparison_text
from bsm_core.workbench import Workbench

_RUN_EVENT = "headless-run"
_STEPS = (
    StepName.BASELINE,
    StepName.DISCOVER,
    StepName.HYPOTHESIZE,
    StepName.SYNTHESIZE,
    StepName.APPROVE,
    StepName.RETRAIN,
    StepName.COMPARE,
)


def run(settings: Settings, config: StudyConfig, *, resume: bool, json_path: Path | None) -> None:
    """Take ``config`` through the loop; print the comparison, and write it to ``json_path``.

    Raises JobError when a job fails, NothingToDoError when a step has no input; what was done stays, and ``resume``
    goes on with it.
    """
    bars = ProgressBars()
    workbench = build_inline(settings, bars)
    try:
        study = _study(workbench, config, resume)
        _say(f"study {study.study_id}: {study.name}, seed {config.seed}, workspace {settings.workspace}")
        for status in workbench.jobs(study.study_id):
            if status.state.is_resumable:
                _say(f"going on with: {status.spec.title}")
                workbench.resume(status.spec.job_id)
        _carry_out(workbench, study)
        judged = workbench.judging.of_baseline(study.study_id)
        print(comparison_text(workbench.store, study, judged))
        if json_path is not None:
            json_path.parent.mkdir(parents=True, exist_ok=True)
            told = comparison_json(workbench.store, study, judged)
            json_path.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
            _say(f"written to {json_path}")
    finally:
        bars.close()
        workbench.close()


def arms_for(settings: Settings, config: StudyConfig) -> tuple[Arm, ...]:
    """The controls and the rules; the language model as well when an endpoint is configured, and the curated set where
    the preset takes it."""
    arms = [Arm.ORIGINAL, Arm.MORE_TRAINING, Arm.RELABEL, Arm.HYPOTHESIS_RULE]
    if not settings.teacher.is_embedded:
        arms.append(Arm.HYPOTHESIS_LM)
    if config.curated:
        arms.append(Arm.HYPOTHESIS_AUTHORS)
    return tuple(arms)


def _study(workbench: Workbench, config: StudyConfig, resume: bool) -> Study:
    if resume:
        for study in reversed(workbench.store.studies.all()):
            if StudyConfig.from_dict(study.config) == config and workbench.store.latest(study.study_id, _RUN_EVENT):
                return study
        raise NothingToDoError(
            f"no run of preset {config.preset!r} with seed {config.seed} in {workbench.settings.workspace}; "
            "leave out --resume to start one"
        )
    study = workbench.create_study(config, f"{config.preset}, seed {config.seed}")
    workbench.store.record(study.study_id, _RUN_EVENT, {"preset": config.preset, "seed": config.seed})
    workbench.plans.make(study.study_id, _STEPS, arms_for(workbench.settings, config))
    return study


def _carry_out(workbench: Workbench, study: Study) -> None:
    by_hand: dict[StepName, Callable[[], None]] = {
        StepName.HYPOTHESIZE: lambda: _hypothesize(workbench, study),
        StepName.APPROVE: lambda: _approve(workbench, study),
    }
    while True:
        workbench.tick(study.study_id)
        _stop_on_failure(workbench.jobs(study.study_id))
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
        count = workbench.hypothesize(study.study_id, arm, lambda message: _say(f"no hypothesis: {message}"))
        if count == 0:
            raise NothingToDoError(f"{arm}: the teacher gave no usable hypothesis; see its answers in Settings")
        _say(f"{count} hypotheses for {arm}")
    if plan is not None and Arm.HYPOTHESIS_AUTHORS in plan.arms:
        found = workbench.curated.take(study.study_id, *workbench.curated.shipped(study.study_id))
        _say(f"{len(found.hypotheses)} hypotheses and {len(found.samples)} samples of the curated set")
    workbench.plans.mark_taken(study.study_id, StepName.HYPOTHESIZE)


def _approve(workbench: Workbench, study: Study) -> None:
    if workbench.start_gate(study.study_id) is not None:
        return  # the plan comes back to this step when its samples are checked
    approved = workbench.approve_by_policy(study.study_id)
    _say(f"{approved} samples approved by the policy 'gated' (everything that passes, up to the budget)")
    workbench.plans.mark_taken(study.study_id, StepName.APPROVE)


def _stop_on_failure(jobs: list[JobStatus]) -> None:
    for status in jobs:
        if status.state.is_resumable:
            raise JobError(f"{status.spec.title} {status.state}: {status.message}; mend it, then use --resume")


def _say(message: str) -> None:
    tqdm.write(message, file=sys.stderr)


class ProgressBars:
    """One bar a phase on stderr, from the jobs' events."""

    def __init__(self) -> None:
        self._bar: tqdm | None = None
        self._key: tuple[str, str] | None = None

    def __call__(self, spec: JobSpec, event: dict[str, object]) -> None:
        if event.get("type") == "log":
            _say(f"  {event.get('message')}")
        if event.get("type") != "progress":
            return
        key = (spec.job_id, str(event["phase"]))
        total, done = int(str(event["total"])), int(str(event["done"]))
        if key != self._key:
            self.close()
            self._bar = tqdm(total=total, desc=f"{spec.title}: {key[1]}", file=sys.stderr, dynamic_ncols=True)
            self._key = key
        if self._bar is not None:
            self._bar.total = total
            self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
