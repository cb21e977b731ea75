"""Plans: what a study does without further asking, one job after the other, across restarts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from bsm_core.config import TeacherConfig, TrainingConfig
from bsm_core.domain.arms import Arm, ArmPlan
from bsm_core.domain.studies import Plan, StepName
from bsm_core.domain.unknowns import AttackGoal, PerturbationRecipe
from bsm_core.ports import Store
from bsm_core.workbench.launch import ALL, Launcher
from bsm_core.workflow import extended_sets
from bsm_core.workflow.curate import requests_for_budget
from bsm_core.workflow.pipeline import NextStep, next_step
from bsm_core.workflow.retrain import arm_plans, common_budget
from bsm_core.workflow.specs import new_id

_PLAN_EVENT, _TAKEN_EVENT = "plan", "plan-step"


class Plans:
    """A study has one plan at a time, kept as an event."""

    def __init__(
        self, store: Store, launcher: Launcher, teacher: Callable[[], TeacherConfig], lock: threading.RLock
    ) -> None:
        self._store = store
        self._launcher = launcher
        self._teacher = teacher
        self._lock = lock

    def make(
        self,
        study_id: str,
        steps: Sequence[StepName],
        arms: Sequence[Arm] = (),
        training: TrainingConfig | None = None,
        budget: int | None = None,
    ) -> Plan:
        """Replace the study's plan; ``advance`` carries it out."""
        plan = Plan(new_id("plan"), tuple(steps), tuple(arms), training.to_dict() if training else None, budget)
        self._store.record(study_id, _PLAN_EVENT, plan.to_payload())
        return plan

    def current(self, study_id: str) -> Plan | None:
        payload = self._store.latest(study_id, _PLAN_EVENT)
        return Plan.from_payload(payload) if payload else None

    def next_step(self, study_id: str) -> NextStep | None:
        """None when there is no plan, or it is done, busy, or held up by a job that stopped early."""
        plan = self.current(study_id)
        if plan is None:
            return None
        return next_step(
            plan,
            self._store.studies.counts(study_id),
            self._store.jobs.all(study_id, limit=ALL),
            self._store.models.all(study_id),
            self._store.evaluations.all(study_id),
            self._taken(study_id, plan),
        )

    def mark_taken(self, study_id: str, name: StepName) -> None:
        """Note that the plan has taken a step that has no job of its own."""
        plan = self.current(study_id)
        if plan is not None:
            taken = [*self._taken(study_id, plan), name]
            self._store.record(study_id, _TAKEN_EVENT, {"plan_id": plan.plan_id, "taken": taken})

    def advance(self, study_id: str) -> str | None:
        """Start the plan's next job, and return its id; None when there is none to start."""
        with self._lock:
            plan, step = self.current(study_id), self.next_step(study_id)
            if plan is None or step is None:
                return None
            config = self._launcher.config(study_id)
            match step:
                case NextStep(StepName.BASELINE):
                    return self._launcher.baseline(study_id, None, plan.plan_id)
                case NextStep(StepName.DISCOVER):
                    recipe = PerturbationRecipe(config.recipe)
                    goal, size = AttackGoal(config.goal), config.attack_validation
                    return self._launcher.discovery(study_id, recipe, size, None, plan.plan_id, goal)
                case NextStep(StepName.SYNTHESIZE, arm=Arm() as arm):
                    return self._synthesize(study_id, arm, plan)
                case NextStep(StepName.RETRAIN, arm=Arm() as arm):
                    budget = plan.budget or self.budget(study_id, plan.arms)
                    training = TrainingConfig.from_dict(plan.training) if plan.training else None
                    return self._launcher.arm(study_id, arm, budget, training, plan.plan_id)
                case NextStep(StepName.COMPARE, model_id=str() as model_id):
                    return self._launcher.evaluation(study_id, model_id, plan.plan_id)
            return None  # a step for a human, or for the command line

    def arm_plans(self, study_id: str) -> list[ArmPlan]:
        """What each arm could add to the training set now, and why it cannot run."""
        found = extended_sets.available(self._store, study_id, self._store.studies.counts(study_id))
        return arm_plans(found, self.allowed(study_id))

    def budget(self, study_id: str, arms: Sequence[Arm]) -> int:
        """The number of texts that every one of ``arms`` can add, near-duplicates of test texts left out.

        Raises NothingToDoError when one has none.
        """
        pools, _ = self._launcher.pools(study_id)
        return common_budget(arm_plans(pools.available(), self.allowed(study_id)), arms)

    def allowed(self, study_id: str) -> int:
        """Texts that an arm may add: 2% of the training set (3.1)."""
        budget = self._store.samples.budget(study_id)
        return budget.allowed_abstraction + budget.allowed_extrapolation

    def teacher_of(self, arm: Arm) -> TeacherConfig:
        """Who writes for an arm: the embedded model for the rules, the configured teacher otherwise."""
        return TeacherConfig() if arm is Arm.HYPOTHESIS_RULE else self._teacher()

    def _synthesize(self, study_id: str, arm: Arm, plan: Plan) -> str:
        hypotheses = [h for h in self._store.hypotheses.all(study_id) if h.agent is arm.agent]
        budget = self._store.samples.budget(study_id, arm.agent)
        requests = requests_for_budget(hypotheses, budget, self._launcher.config(study_id).oversample)
        return self._launcher.synthesis(study_id, requests, self.teacher_of(arm), arm, plan.plan_id)

    def _taken(self, study_id: str, plan: Plan) -> list[StepName]:
        payload = self._store.latest(study_id, _TAKEN_EVENT)
        if payload is None or payload["plan_id"] != plan.plan_id:
            return []
        taken = payload["taken"]
        return [StepName(name) for name in taken] if isinstance(taken, list) else []
