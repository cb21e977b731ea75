"""Experiments: declare one, prepare what its arms lack, and have it run, one job after the other, across restarts."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence

from bsm_core.config import TrainingConfig
from bsm_core.domain.arms import Arm
from bsm_core.domain.comparison import EvaluationScope
from bsm_core.domain.experiments import EvaluationSet, ExperimentPlan, Start
from bsm_core.domain.unknowns import AttackGoal, PerturbationRecipe
from bsm_core.ports import Store
from bsm_core.workbench.launch import ALL, Launcher
from bsm_core.workbench.plans import Plans
from bsm_core.workflow import declare
from bsm_core.workflow.declare import Wanted
from bsm_core.workflow.experiment import Evaluate, Progress, Train, next_action, progress
from bsm_core.workflow.extended_sets import pools
from bsm_core.workflow.retrain import common_budget
from bsm_core.workflow.specs import side_of

ATTACKS_A_TEXT = 2.5
"""Training texts attacked for each perturbed one that is needed: not every attack succeeds."""

MADE_ON_DEMAND = (Arm.UNTARGETED, Arm.ADVERSARIAL)
"""Arms whose texts nobody writes or approves: a job makes them."""
ENOUGH = 0.8


class Experiments:
    """Plans are frozen; a changed one is a new one, and the same one is the old one."""

    def __init__(self, store: Store, launcher: Launcher, plans: Plans, lock: threading.RLock) -> None:
        self._store = store
        self._launcher = launcher
        self._plans = plans
        self._lock = lock
        self._over: set[str] = set()

    def usual_set(
        self, study_id: str, recipe: PerturbationRecipe | None = None, size: int | None = None
    ) -> EvaluationSet:
        """The study's own attack on test, or that of another recipe; named after the recipe."""
        study, config = self._store.studies.get(study_id), self._launcher.config(study_id)
        recipe = recipe or PerturbationRecipe(config.recipe)
        side = side_of(study.task, recipe, config.side)
        size = config.attack_test if size is None else size
        return EvaluationSet(recipe.value, recipe, AttackGoal(config.goal), side, size, config.seed)

    def usual_training(self, study_id: str, start: Start) -> TrainingConfig:
        """How the baseline is trained on, or how it was trained itself."""
        _, config, baseline = self._launcher.with_baseline(study_id)
        if start is Start.CONTINUE:
            return config.retrain_from(baseline.card)
        made = baseline.card.get("config")
        return TrainingConfig.from_dict(made) if isinstance(made, dict) else config.baseline

    def usual_arms(self, study_id: str) -> tuple[Arm, ...]:
        """The controls, and every arm of samples that has about as many as the others; one with far fewer would cut the
        budget of all. UNTARGETED only where there is a teacher that can write for it."""
        plans = {plan.arm: plan for plan in self._plans.arm_plans(study_id)}
        sampled = {arm: min(plan.available, plan.budget) for arm, plan in plans.items() if arm.has_samples}
        most = max(sampled.values(), default=0)
        chosen = [arm for arm, count in sampled.items() if count and count >= ENOUGH * most]
        embedded = self._plans.teacher_of(Arm.UNTARGETED).is_embedded
        if not (embedded and self._store.studies.get(study_id).task.is_pair):
            chosen.append(Arm.UNTARGETED)
        return tuple(arm for arm in Arm if arm in {Arm.MORE_TRAINING, Arm.RELABEL, Arm.ADVERSARIAL, *chosen})

    def lacking(self, study_id: str, arms: Sequence[Arm], budget: int | None = None) -> dict[Arm, int]:
        """Texts that UNTARGETED and ADVERSARIAL, where they are among ``arms``, lack for ``budget``, or for what the
        others have."""
        plans = self._plans.arm_plans(study_id)
        others = [arm for arm in arms if arm not in MADE_ON_DEMAND and arm is not Arm.ORIGINAL]
        wanted = budget or (common_budget(plans, others) if others else plans[0].budget)
        found = {plan.arm: wanted - plan.available for plan in plans if plan.arm in arms}
        return {arm: count for arm, count in found.items() if count > 0 and arm in MADE_ON_DEMAND}

    def prepare(self, study_id: str, arms: Sequence[Arm], budget: int | None = None) -> list[str]:
        """Start what fills up UNTARGETED and ADVERSARIAL; returns the jobs' ids, none when nothing is lacking."""
        config, jobs = self._launcher.config(study_id), list[str]()
        for arm, count in self.lacking(study_id, arms, budget).items():
            if arm is Arm.UNTARGETED:
                written = math.ceil(count * config.oversample)
                jobs.append(self._launcher.untargeted(study_id, self._plans.teacher_of(arm), written))
            else:
                recipe, size = PerturbationRecipe(config.recipe), math.ceil(count * ATTACKS_A_TEXT)
                jobs.append(self._launcher.train_attack(study_id, recipe, size))
        return jobs

    def check(self, study_id: str, sets: Sequence[EvaluationSet], original: str | None = None) -> None:
        """What can be checked before the arms' texts are made. Raises as ``declare`` does."""
        study = self._store.studies.get(study_id)
        declare.check_original(self._store, study, original)
        declare.check_sets(self._store, study, sets)

    def declare(self, study_id: str, wanted: Wanted, original: str | None = None) -> ExperimentPlan:
        """Check and freeze; it starts by itself. A plan that differs in its name only is the one there is already.

        Raises a WorkbenchError that names the value and the remedy, and then nothing was begun.
        """
        study = self._store.studies.get(study_id)
        model = declare.check_original(self._store, study, original)
        unknowns, share = self._launcher.unknowns(study_id), self._launcher.config(study_id).gates.max_leak_share
        found = pools(self._store, model, unknowns)
        allowed = self._plans.allowed(study_id)
        with self._lock:
            plan, texts = declare.declare(self._store, study, model, wanted, found, allowed, share)
            for earlier in self._store.experiments.all(study_id):
                if earlier.fingerprint == plan.fingerprint:
                    return earlier
            self._store.experiments.add(plan, texts)
        return plan

    def progress(self, experiment_id: str) -> Progress:
        plan = self._store.experiments.get(experiment_id)
        return progress(
            plan,
            self._store.jobs.all(plan.study_id, limit=ALL),
            self._store.models.all(plan.study_id, experiment_id),
            self._store.evaluations.all(plan.study_id, experiment_id),
        )

    def advance(self, study_id: str) -> str | None:
        """Start the next job of an unfinished experiment, the oldest first; None when there is none to start."""
        with self._lock:
            for plan in self._store.experiments.all(study_id):
                if plan.experiment_id in self._over:
                    continue
                found = self.progress(plan.experiment_id)
                if found.is_done:
                    self._over.add(plan.experiment_id)
                    continue
                started = self._next(plan)
                if started is not None:  # one that is held up does not hold up the others
                    return started
        return None

    def scopes(self, plan: ExperimentPlan) -> list[EvaluationScope]:
        """One an evaluation set, the deciding one first."""
        return [EvaluationScope(plan.experiment_id, one.name) for one in plan.sets]

    def _next(self, plan: ExperimentPlan) -> str | None:
        action = next_action(
            plan,
            self._store.jobs.all(plan.study_id, limit=ALL),
            self._store.models.all(plan.study_id, plan.experiment_id),
            self._store.evaluations.all(plan.study_id, plan.experiment_id),
        )
        match action:
            case Train(cell):
                return self._launcher.cell(plan, cell)
            case Evaluate(model_id, _, tried):
                return self._launcher.look(plan, model_id, tried)
        return None
