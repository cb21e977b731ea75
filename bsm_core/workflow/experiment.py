"""What an experiment does next, and how far it is: seen from the store alone, so that a restart just asks again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median

from bsm_core.domain.arms import Evaluation, Model
from bsm_core.domain.experiments import Cell, EvaluationSet, ExperimentPlan
from bsm_core.domain.jobs import JobKind, JobSpec, JobState

Jobs = Sequence[tuple[JobSpec, JobState]]


@dataclass(frozen=True, slots=True)
class Train:
    """Train this cell."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Try this model on this set; ``cell`` None is ORIGINAL."""

    model_id: str
    cell: Cell | None
    tried: EvaluationSet


def next_action(
    plan: ExperimentPlan, jobs: Jobs, models: Sequence[Model], evaluations: Sequence[Evaluation]
) -> Train | Evaluate | None:
    """None when it is done, busy, or held up by a job that stopped early. ``models`` and ``evaluations`` are the
    experiment's own; what is finished is never done again."""
    own = [state for spec, state in jobs if spec.params.get("experiment_id") == plan.experiment_id]
    if any(state.is_active for _, state in jobs) or any(state.is_resumable for state in own):
        return None
    looked = {(one.model_id, one.set_name) for one in evaluations}
    for tried in plan.sets:  # first: ORIGINAL's attack is what the others are shown again
        if (plan.baseline_model_id, tried.name) not in looked:
            return Evaluate(plan.baseline_model_id, None, tried)
    trained = {Cell(model.arm, model.seed): model.model_id for model in models}
    for cell in plan.cells:
        if cell not in trained:
            return Train(cell)
        for tried in plan.sets:
            if (trained[cell], tried.name) not in looked:
                return Evaluate(trained[cell], cell, tried)
    return None


class CellState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    """Its job failed, was cancelled or was interrupted; it can be resumed."""
    TRAINED = "trained"
    """But not yet evaluated on every set."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """``cells`` has every cell, and None for ORIGINAL."""

    plan: ExperimentPlan
    cells: dict[Cell | None, CellState]
    done: int
    total: int
    """Jobs: trainings and looks at test."""
    stopped_job_id: str | None
    running_job_id: str | None
    seconds_left: float | None
    """Reckoned from what was done so far; None before the first model is trained and tried."""

    @property
    def is_done(self) -> bool:
        return self.done == self.total

    @property
    def seeds_done(self) -> list[int]:
        """Seeds of which every arm is done."""
        return [
            seed
            for seed in self.plan.seeds
            if all(self.cells[Cell(arm, seed)] is CellState.DONE for arm in self.plan.arms)
        ]


def progress(plan: ExperimentPlan, jobs: Jobs, models: Sequence[Model], evaluations: Sequence[Evaluation]) -> Progress:
    own = [(spec, state) for spec, state in jobs if spec.params.get("experiment_id") == plan.experiment_id]
    trained = {Cell(model.arm, model.seed): model.model_id for model in models}
    looked = {(one.model_id, one.set_name) for one in evaluations}
    running = [spec for spec, state in own if state.is_active]
    stopped = [spec for spec, state in own if state.is_resumable]
    states: dict[Cell | None, CellState] = {}
    names: list[tuple[Cell | None, str | None]] = [(None, plan.baseline_model_id)]
    for cell, model_id in names + [(cell, trained.get(cell)) for cell in plan.cells]:
        looks = sum((model_id, tried.name) in looked for tried in plan.sets) if model_id else 0
        if looks == len(plan.sets):
            states[cell] = CellState.DONE
        elif any(_is_of(spec, cell, model_id) for spec in running):
            states[cell] = CellState.RUNNING
        elif any(_is_of(spec, cell, model_id) for spec in stopped):
            states[cell] = CellState.STOPPED
        else:
            states[cell] = CellState.TRAINED if model_id and cell else CellState.WAITING
    return Progress(
        plan=plan,
        cells=states,
        done=len(trained) + len(looked),
        total=len(plan.cells) + (len(plan.cells) + 1) * len(plan.sets),
        stopped_job_id=stopped[0].job_id if stopped else None,
        running_job_id=running[0].job_id if running else None,
        seconds_left=_seconds_left(plan, models, evaluations),
    )


def _seconds_left(plan: ExperimentPlan, models: Sequence[Model], evaluations: Sequence[Evaluation]) -> float | None:
    """The median training and the median look so far, times those that are left. Each is taken to have begun when the
    one before it ended."""
    ends = sorted([(one.created_at, True) for one in models] + [(one.created_at, False) for one in evaluations])
    gaps: dict[bool, list[float]] = {True: [], False: []}
    for (before, _), (after, is_training) in pairwise(ends):
        gaps[is_training].append((after - before).total_seconds())
    if not gaps[True] or not gaps[False]:
        return None
    trainings, looks = len(plan.cells) - len(models), (len(plan.cells) + 1) * len(plan.sets) - len(evaluations)
    return trainings * median(gaps[True]) + looks * median(gaps[False])


def _is_of(spec: JobSpec, cell: Cell | None, model_id: str | None) -> bool:
    if spec.kind is JobKind.EVALUATE:
        return spec.params.get("model_id") == model_id
    return cell is not None and spec.params.get("arm") == cell.arm and spec.seed == cell.seed
