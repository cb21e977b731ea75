"""Which hypotheses earned their place: by a cheap head for all of them, by full retraining for chosen ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bsm_core.domain.arms import Arm, Model
from bsm_core.domain.attribution import Attribution, FullEffect
from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.errors import NothingToDoError
from bsm_core.ports import Store, UnknownFilter
from bsm_core.workbench.launch import Launcher
from bsm_core.workflow import attribute, specs
from bsm_core.workflow.ledger import LedgerEntry, entries
from bsm_core.workflow.locate import present_spots
from bsm_core.workflow.retrain import additions
from bsm_core.workflow.without import additions_without, asked_too, full_effects, run_name

_RUNS_EVENT = "retrained-without"
_ARM_OF = {arm.agent: arm for arm in Arm if arm.agent is not None}


@dataclass(frozen=True, slots=True)
class FullRun:
    """A retraining without a hypothesis' samples; ``effects`` are on its own blind spots and on all other UUs of
    validation, None until both models are trained."""

    hypothesis_id: str
    arm: Arm
    budget: int
    seed: int
    effects: tuple[FullEffect, FullEffect] | None


class Attributions:
    """``Workbench.attribution``."""

    def __init__(self, store: Store, launcher: Launcher, budget: Callable[[str, Sequence[Arm]], int]) -> None:
        self._store = store
        self._launcher = launcher
        self._budget = budget

    def start(self, study_id: str, resamples: int = attribute.RESAMPLES) -> str:
        """Weigh all hypotheses with approved samples; returns the job's id. Raises NothingToDoError when something is
        missing, or while it runs."""
        for spec, state in self._store.jobs.all(study_id):
            if spec.kind is JobKind.ATTRIBUTE and state.is_active:
                raise NothingToDoError("the hypotheses are being weighed right now; wait for it, or cancel it")
        study, config, model = self._launcher.with_baseline(study_id)
        unknowns, path = self._launcher.unknowns(study_id), self._launcher.path(model)
        return self._launcher.submit(
            attribute.attribute_job(self._store, study, model, path, unknowns, config.seed, resamples)
        )

    def latest(self, study_id: str) -> Attribution | None:
        return attribute.latest(self._store, study_id)

    def is_stale(self, study_id: str) -> bool:
        """Whether samples, blind spots, tau or the baseline changed since."""
        found, model = self.latest(study_id), self._store.models.baseline(study_id)
        if found is None or model is None:
            return False
        clustering = self._store.blind_spots.latest(model.model_id)
        now = (
            model.model_id,
            clustering.clustering_id if clustering else None,
            self._store.studies.get(study_id).tau,
            len(self._store.samples.approved(study_id)),
        )
        return now != (found.model_id, found.clustering_id, found.tau, found.samples)

    def retrain_without(self, study_id: str, hypothesis_id: str) -> list[str]:
        """Retrain fully without the samples of one hypothesis, and, where that was not done yet, with all of them, by
        the study's own settings and seed. Both models then answer the baseline's UUs on validation; test is not looked
        at. Returns the jobs' ids.

        Raises NothingToDoError when its arm adds none of its samples, or when it is under way or done already.
        """
        study, config, parent = self._launcher.with_baseline(study_id)
        entry = self._entry(study_id, hypothesis_id)
        states = [
            state for state in self._store.samples.approved(study_id) if state.sample.hypothesis_id in entry.version_ids
        ]
        if not states:
            raise NothingToDoError("none of its samples is approved, so there is nothing to leave out")
        arm = _ARM_OF[states[0].sample.agent]
        pools, _ = self._launcher.pools(study_id)
        budget = self._arm_budget(study_id, arm)
        extra = additions(arm, budget, pools, config.seed)
        ids = {state.sample.sample_id for state in states}
        less = additions_without(extra, ids, pools.train, config.seed)
        runs = self._runs(study_id)
        whole = run_name(extra, arm, config.seed)
        name = run_name(extra, arm, config.seed, entry.hypothesis.hypothesis_id)
        jobs = []
        for texts, one, title in ((extra, whole, f"{arm} again"), (less, name, f"{arm} without {entry.number}")):
            if self._is_there(study_id, one):
                continue
            job = specs.train_job(
                self._store, study, arm, config.retrain, config.seed, texts, parent, str(self._launcher.path(parent))
            )
            jobs.append(self._launcher.submit(asked_too(self._store, job, parent, one, f"Retrain: {title}")))
        if name in [run["without"] for run in runs] and not jobs:
            raise NothingToDoError(f"the retraining without {entry.number} is under way or done already")
        made = {"hypothesis_id": entry.hypothesis.hypothesis_id, "arm": arm.value, "budget": str(budget)}
        runs = [run for run in runs if run["without"] != name]
        runs.append({**made, "seed": str(config.seed), "with": whole, "without": name})
        self._store.record(study_id, _RUNS_EVENT, {"runs": runs})
        return jobs

    def full_runs(self, study_id: str) -> list[FullRun]:
        """In the order they were started, the latest of each hypothesis."""
        model = self._store.models.baseline(study_id)
        latest = {run["hypothesis_id"]: run for run in self._runs(study_id)}
        if model is None or not latest:
            return []
        tau = self._store.studies.get(study_id).tau
        unknowns = [unknown.item_id for unknown in self._launcher.unknowns(study_id)]
        return [
            FullRun(
                hypothesis_id=name,
                arm=Arm(run["arm"]),
                budget=int(run["budget"]),
                seed=int(run["seed"]),
                effects=self._effects(study_id, run, model, unknowns, tau),
            )
            for name, run in latest.items()
        ]

    def _effects(
        self, study_id: str, run: dict[str, str], model: Model, unknowns: Sequence[str], tau: float
    ) -> tuple[FullEffect, FullEffect] | None:
        trained = [self._store.models.all(study_id, run[name]) for name in ("with", "without")]
        if not all(trained):
            return None
        ledger = entries(self._store, study_id, model.model_id)
        sources = set(attribute.sources(ledger).get(run["hypothesis_id"], ()))
        clustering = self._store.blind_spots.latest(model.model_id)
        spots = present_spots(self._store, clustering) if clustering else []
        own = {item for spot in spots if sources & set(spot.item_ids) for item in spot.item_ids} - sources
        fooled = [self._store.unknowns.ids(UnknownFilter(models[-1].model_id, tau)) for models in trained]
        return full_effects([item for item in unknowns if item not in sources], own, *fooled)

    def _entry(self, study_id: str, hypothesis_id: str) -> LedgerEntry:
        model = self._store.models.baseline(study_id)
        for entry in entries(self._store, study_id, model.model_id if model else None):
            if hypothesis_id in entry.version_ids:
                return entry
        raise NothingToDoError(f"there is no hypothesis {hypothesis_id!r} in this study; reload the page")

    def _arm_budget(self, study_id: str, arm: Arm) -> int:
        """What it could add, but no more than when the arm was trained last."""
        trained = [model.budget for model in self._store.models.all(study_id) if model.arm is arm]
        return min([self._budget(study_id, [arm]), *trained[-1:]])

    def _is_there(self, study_id: str, name: str) -> bool:
        """Trained, or to be."""
        under_way = [
            spec
            for spec, state in self._store.jobs.all(study_id)
            if (state.is_active or state is JobState.FINISHED) and spec.params.get("experiment_id") == name
        ]
        return bool(under_way or self._store.models.all(study_id, name))

    def _runs(self, study_id: str) -> list[dict[str, str]]:
        payload = self._store.latest(study_id, _RUNS_EVENT)
        runs = payload["runs"] if payload else []
        return [dict(run) for run in runs] if isinstance(runs, list) else []
