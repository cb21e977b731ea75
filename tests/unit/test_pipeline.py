"""What a plan does next is a pure function of the study's state."""

from dataclasses import replace
from datetime import UTC, datetime

from bsm_core.domain.arms import Arm, Evaluation, Model
from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.domain.studies import Plan, StepName, StudyCounts
from bsm_core.workflow.pipeline import NextStep, next_step

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EMPTY = StudyCounts(10, 10, 10, None, None, 0, 0, 0, 0, 0, 0, 0, 0, 0, None, None, None)
TRAINED = replace(EMPTY, baseline_model_id="m0", baseline_accuracy=0.8)
ALL_STEPS = tuple(name for name in StepName if name is not StepName.DATA)
PLAN = Plan("plan1", ALL_STEPS, (Arm.ORIGINAL, Arm.RELABEL, Arm.HYPOTHESIS_RULE))
PREPARED = replace(TRAINED, perturbation_sets=1)
BY_HAND = (StepName.HYPOTHESIZE, StepName.APPROVE)


def job(kind: JobKind, state: JobState, **params: object) -> tuple[JobSpec, JobState]:
    spec = JobSpec(f"{kind}-{len(params)}", "st", kind, "", 0, {"plan_id": "plan1", **params}, NOW)
    return spec, state


def model(model_id: str, arm: Arm) -> Model:
    return Model(model_id, "st", arm, None, 0, 0, "", {}, None, NOW)


def evaluation(model_id: str) -> Evaluation:
    return Evaluation("ev" + model_id, "st", model_id, "set", "set", None, NOW)


SYNTHESIZED = job(JobKind.SYNTHESIZE, JobState.INGESTED, arm=Arm.HYPOTHESIS_RULE)


def test_next_step_without_baseline_trains_it_first() -> None:
    assert next_step(PLAN, EMPTY, [], [], [], ()) == NextStep(StepName.BASELINE)


def test_next_step_with_a_running_job_of_the_study_waits() -> None:
    assert next_step(PLAN, EMPTY, [job(JobKind.TRAIN, JobState.RUNNING)], [], [], ()) is None


def test_next_step_after_a_failed_job_of_the_plan_waits_for_the_user() -> None:
    for state in (JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED):
        assert next_step(PLAN, EMPTY, [job(JobKind.TRAIN, state)], [], [], ()) is None


def test_next_step_after_a_failed_job_of_another_plan_goes_on() -> None:
    failed = job(JobKind.TRAIN, JobState.FAILED, plan_id="older")
    assert next_step(PLAN, EMPTY, [failed], [], [], ()) == NextStep(StepName.BASELINE)


def test_next_step_goes_through_discovery_hypotheses_samples_and_approval_in_order() -> None:
    assert next_step(PLAN, TRAINED, [], [], [], ()) == NextStep(StepName.DISCOVER)
    assert next_step(PLAN, PREPARED, [], [], [], ()) == NextStep(StepName.HYPOTHESIZE)
    after = next_step(PLAN, PREPARED, [], [], [], (StepName.HYPOTHESIZE,))
    assert after == NextStep(StepName.SYNTHESIZE, Arm.HYPOTHESIS_RULE)
    after = next_step(PLAN, PREPARED, [SYNTHESIZED], [], [], (StepName.HYPOTHESIZE,))
    assert after == NextStep(StepName.APPROVE)


def test_next_step_evaluates_original_before_any_arm_is_trained() -> None:
    step = next_step(PLAN, PREPARED, [SYNTHESIZED], [model("m0", Arm.ORIGINAL)], [], BY_HAND)
    assert step == NextStep(StepName.COMPARE, Arm.ORIGINAL, "m0")


def test_next_step_trains_and_evaluates_each_arm_and_then_ends() -> None:
    models, evaluations, jobs = [model("m0", Arm.ORIGINAL)], [evaluation("m0")], [SYNTHESIZED]
    for arm, name in ((Arm.RELABEL, "m1"), (Arm.HYPOTHESIS_RULE, "m2")):
        assert next_step(PLAN, PREPARED, jobs, models, evaluations, BY_HAND) == NextStep(StepName.RETRAIN, arm)
        jobs.append(job(JobKind.TRAIN, JobState.INGESTED, model_id=name))
        models.append(model(name, arm))
        assert next_step(PLAN, PREPARED, jobs, models, evaluations, BY_HAND) == NextStep(StepName.COMPARE, arm, name)
        evaluations.append(evaluation(name))
    assert next_step(PLAN, PREPARED, jobs, models, evaluations, BY_HAND) is None


def test_next_step_retrains_an_arm_that_an_older_plan_trained() -> None:
    models = [model("m0", Arm.ORIGINAL), model("old", Arm.RELABEL)]
    step = next_step(PLAN, PREPARED, [SYNTHESIZED], models, [evaluation("m0"), evaluation("old")], BY_HAND)
    assert step == NextStep(StepName.RETRAIN, Arm.RELABEL)


def test_plan_payload_round_trip_keeps_everything() -> None:
    plan = replace(PLAN, training={"epochs": 1}, budget=7)
    assert Plan.from_payload(plan.to_payload()) == plan
