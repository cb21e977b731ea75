"""What a plan does next, seen from the state of the study alone: a restart, or ``--resume``, just asks again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bsm_core.domain.arms import Arm, Evaluation, Model
from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.domain.studies import Plan, StepName, StudyCounts


@dataclass(frozen=True, slots=True)
class NextStep:
    """``arm`` is the arm to write samples for, or to train; ``model_id`` the model to evaluate for COMPARE."""

    name: StepName
    arm: Arm | None = None
    model_id: str | None = None


def next_step(
    plan: Plan,
    counts: StudyCounts,
    jobs: Sequence[tuple[JobSpec, JobState]],
    models: Sequence[Model],
    evaluations: Sequence[Evaluation],
    done: Collection[StepName],
) -> NextStep | None:
    """The plan's next step, or None when it is finished, busy, or held up by a job that stopped early.

    ``done`` names the steps without a job of their own (hypothesize, approve) that the plan has taken already.
    """
    own = [(spec, state) for spec, state in jobs if spec.params.get("plan_id") == plan.plan_id]
    if any(state.is_active for _, state in jobs) or any(state.is_resumable for _, state in own):
        return None
    ingested = [spec for spec, state in own if state is JobState.INGESTED]
    wanted = set(plan.steps)
    if StepName.BASELINE in wanted and counts.baseline_model_id is None:
        return NextStep(StepName.BASELINE)
    if StepName.DISCOVER in wanted and counts.perturbation_sets == 0:
        return NextStep(StepName.DISCOVER)
    if StepName.HYPOTHESIZE in wanted and StepName.HYPOTHESIZE not in done:
        return NextStep(StepName.HYPOTHESIZE)
    written = {spec.params.get("arm") for spec in ingested if spec.kind is JobKind.SYNTHESIZE}
    for arm in plan.writing_arms:
        if StepName.SYNTHESIZE in wanted and arm not in written:
            return NextStep(StepName.SYNTHESIZE, arm)
    if StepName.APPROVE in wanted and StepName.APPROVE not in done:
        return NextStep(StepName.APPROVE)
    return _next_arm(plan, counts, ingested, models, evaluations) if StepName.COMPARE in wanted else None


def _next_arm(
    plan: Plan,
    counts: StudyCounts,
    ingested: Sequence[JobSpec],
    models: Sequence[Model],
    evaluations: Sequence[Evaluation],
) -> NextStep | None:
    evaluated = {evaluation.model_id for evaluation in evaluations}
    if counts.baseline_model_id not in evaluated:  # its attack is everybody's frozen set
        return NextStep(StepName.COMPARE, Arm.ORIGINAL, counts.baseline_model_id)
    trained_by = {spec.params.get("model_id") for spec in ingested if spec.kind is JobKind.TRAIN}
    ours = {model.arm: model.model_id for model in models if model.model_id in trained_by}
    for arm in plan.arms:
        if arm is Arm.ORIGINAL:
            continue
        if arm not in ours:
            return NextStep(StepName.RETRAIN, arm)
        if ours[arm] not in evaluated:
            return NextStep(StepName.COMPARE, arm, ours[arm])
    return None
