"""Starting jobs: each method gathers what a job needs from the study, and submits it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from bsm_core.config import StudyConfig, TeacherConfig, TrainingConfig
from bsm_core.domain.arms import Arm, Model
from bsm_core.domain.blind_spots import Spot, SpotSettings
from bsm_core.domain.experiments import Cell, EvaluationSet, ExperimentPlan, Start
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.tasks import Split, example_id
from bsm_core.domain.unknowns import AttackGoal, PerturbationRecipe, PerturbationSet, UnknownUnknown, Verdict
from bsm_core.errors import NothingToDoError
from bsm_core.ports import JobRunner, QuestionText, Store, UnknownFilter
from bsm_core.workflow import extended_sets, gate_rules, specs
from bsm_core.workflow.cluster import cluster_job
from bsm_core.workflow.judge_texts import judge_job
from bsm_core.workflow.pairs import Pair
from bsm_core.workflow.replay import replay_job
from bsm_core.workflow.retrain import Pools, additions
from bsm_core.workflow.untargeted import untargeted_job

ALL = 1_000_000
"""More rows than any study has."""


class Launcher:
    """All methods return the new job's id, and raise NothingToDoError when a job would have no input."""

    def __init__(self, store: Store, runner: JobRunner, workspace: Path, lock: threading.RLock) -> None:
        self._store = store
        self._runner = runner
        self._workspace = workspace
        self._lock = lock

    def baseline(self, study_id: str, training: TrainingConfig | None, plan_id: str | None = None) -> str:
        study, config = self._store.studies.get(study_id), self.config(study_id)
        training = training or config.baseline
        return self._submit(specs.train_job(self._store, study, Arm.ORIGINAL, training, config.seed, plan_id=plan_id))

    def discovery(
        self,
        study_id: str,
        recipe: PerturbationRecipe,
        size: int,
        seed: int | None,
        plan_id: str | None = None,
        goal: AttackGoal = AttackGoal.UNTARGETED,
        side: str | None = None,
        model_id: str | None = None,
    ) -> str:
        """``model_id`` None is the baseline."""
        study, config, model = self.with_baseline(study_id)
        model = model if model_id is None else self._store.models.get(model_id)
        seed = config.seed if seed is None else seed
        side = config.side if side is None else side
        path = self._path(model)
        job = specs.discover_job(self._store, study, model, path, recipe, size, seed, plan_id, goal, side)
        return self._submit(job)

    def replay(self, study_id: str, model: Model, chosen: PerturbationSet) -> str:
        """Ask the model about the set's successful texts."""
        study = self._store.studies.get(study_id)
        return self._submit(replay_job(self._store, study, model, self._path(model), chosen))

    def judging(self, study_id: str, teacher: TeacherConfig, asked: Sequence[QuestionText]) -> str:
        """Have ``teacher`` judge the labels of these texts. Raises TeacherError for the embedded teacher."""
        return self._submit(judge_job(self._store.studies.get(study_id), teacher, asked, self.config(study_id).seed))

    def pairs(self, study_id: str, name: str, pairs: Sequence[Pair]) -> str:
        """Ask the baseline about pairs from the file ``name``. Those whose texts stand in test stay out: it is sealed.

        Raises NothingToDoError when none is left.
        """
        study, config, model = self.with_baseline(study_id)
        sealed = set(self._store.examples.table(study_id, Split.TEST)["example_id"].to_pylist())
        kept = [pair for pair in pairs if sealed.isdisjoint(map(example_id, pair.texts))]
        if not kept:
            raise NothingToDoError(f"all {len(pairs):,} pairs of {name} are of the study's sealed test texts")
        left_out = len(pairs) - len(kept)
        return self._submit(specs.import_job(study, model, self._path(model), name, kept, left_out, config.seed))

    def clustering(self, study_id: str, settings: SpotSettings, before: Sequence[Spot]) -> str:
        """Cluster the baseline's UUs; names in ``before`` go over to the spots that go on from them."""
        study, config, model = self.with_baseline(study_id)
        unknowns = self.unknowns(study_id)
        path = self._path(model)
        return self._submit(cluster_job(self._store, study, model, path, unknowns, settings, before, config.seed))

    def synthesis(
        self,
        study_id: str,
        requests: Sequence[tuple[str, int]],
        teacher: TeacherConfig,
        arm: Arm | None = None,
        plan_id: str | None = None,
    ) -> str:
        study, config, model = self.with_baseline(study_id)
        wanted = [self._sample_request(model, hypothesis_id, count) for hypothesis_id, count in requests]
        path = self._path(model)
        return self._submit(
            specs.synthesize_job(self._store, study, config, model, path, teacher, wanted, arm, plan_id)
        )

    def gate(self, study_id: str, samples: Sequence[SyntheticSample] | None = None) -> str | None:
        """Check the samples; those that no gate has seen where none are given. None when there are none."""
        if samples is None:
            samples = self._store.samples.unchecked(study_id)
        if not samples:
            return None
        study, config, model = self.with_baseline(study_id)
        sources = gate_rules.source_texts(self._store, model, samples)
        return self._submit(specs.gate_job(self._store, study, config, model, self._path(model), samples, sources))

    def arm(self, study_id: str, arm: Arm, budget: int, training: TrainingConfig | None, plan_id: str) -> str:
        """Retrain the baseline with what the arm adds."""
        study, config, parent = self.with_baseline(study_id)
        extra = additions(arm, budget, self.pools(study_id)[0], config.seed)
        job = specs.train_job(
            self._store,
            study,
            arm,
            training or config.retrain_from(parent.card),
            config.seed,
            extra,
            parent,
            base=str(self._path(parent)),
            plan_id=plan_id,
        )
        return self._submit(job)

    def evaluation(self, study_id: str, model_id: str, plan_id: str) -> str:
        """Look at test. The baseline comes first: its attack is everybody's frozen set."""
        study, config, baseline = self.with_baseline(study_id)
        model = self._store.models.get(model_id)
        frozen = None
        if model.model_id != baseline.model_id:
            sets = [e.frozen_set_id for e in self._store.evaluations.all(study_id) if e.model_id == baseline.model_id]
            if not sets:
                raise NothingToDoError("the baseline is not evaluated yet, so there is no frozen set to replay")
            frozen = sets[-1]
        tried, path = specs.own_set(study, config), self._path(model)
        return self._submit(specs.evaluate_job(self._store, study, tried, config.tau, model, path, frozen, plan_id))

    def cell(self, plan: ExperimentPlan, cell: Cell) -> str:
        """Train one model of an experiment on what was frozen for it."""
        study, parent = self._store.studies.get(plan.study_id), self._store.models.get(plan.baseline_model_id)
        extra, training = (
            self._store.experiments.texts(plan.experiment_id, cell),
            TrainingConfig.from_dict(plan.training),
        )
        going_on = plan.start is Start.CONTINUE
        job = specs.train_job(
            self._store,
            study,
            cell.arm,
            training,
            cell.seed,
            extra,
            parent if going_on else None,
            base=str(self._path(parent)) if going_on else None,
            experiment=plan,
        )
        return self._submit(job)

    def look(self, plan: ExperimentPlan, model_id: str, tried: EvaluationSet) -> str:
        """Look at test with a model of an experiment, or with its ORIGINAL, which comes first."""
        study, model = self._store.studies.get(plan.study_id), self._store.models.get(model_id)
        frozen = tried.frozen_set_id
        if frozen is None and model_id != plan.baseline_model_id:
            looks = self._store.evaluations.all(plan.study_id, plan.experiment_id)
            first = next(one for one in looks if one.model_id == plan.baseline_model_id and one.set_name == tried.name)
            frozen = first.frozen_set_id
        path = self._path(model)
        return self._submit(
            specs.evaluate_job(self._store, study, tried, plan.tau, model, path, frozen, experiment=plan)
        )

    def untargeted(self, study_id: str, teacher: TeacherConfig, count: int) -> str:
        """Have ``teacher`` write ``count`` texts that know of no hypothesis."""
        study, config, model = self.with_baseline(study_id)
        return self._submit(untargeted_job(self._store, study, config, model, self._path(model), teacher, count))

    def train_attack(self, study_id: str, recipe: PerturbationRecipe, size: int) -> str:
        """Attack the next ``size`` training texts. Raises NothingToDoError when all were attacked."""
        study, config, model = self.with_baseline(study_id)
        first = extended_sets.attacked_train(self._store, model)
        if first >= self._store.studies.counts(study_id).train:
            raise NothingToDoError(f"all {first:,} training texts were attacked already; lower the budget")
        goal, side, path = AttackGoal(config.goal), config.side, self._path(model)
        return self._submit(
            specs.discover_job(
                self._store, study, model, path, recipe, size, config.seed, None, goal, side, Split.TRAIN, first
            )
        )

    def pools(self, study_id: str) -> tuple[Pools, dict[Arm, int]]:
        """What arms draw from now, near-duplicates of test texts left out; and how many of each arm's those were."""
        _, config, model = self.with_baseline(study_id)
        found = extended_sets.pools(self._store, model, self.unknowns(study_id))
        return found.without_leaks(extended_sets.sealed(self._store, study_id), config.gates.max_leak_share)

    def unknowns(self, study_id: str) -> list[UnknownUnknown]:
        """The baseline's UUs on validation at the study's tau, most confident first, without those judged invalid."""
        study, _, model = self.with_baseline(study_id)
        page = self._store.unknowns.page(UnknownFilter(model.model_id, study.tau), limit=ALL)
        return [unknown for unknown in page.rows if unknown.verdict is not Verdict.NO]

    def config(self, study_id: str) -> StudyConfig:
        """As the study was made, with the gates as they were set since."""
        made = StudyConfig.from_dict(self._store.studies.get(study_id).config)
        return gate_rules.present(self._store, made, study_id)

    def with_baseline(self, study_id: str) -> tuple[Study, StudyConfig, Model]:
        model = self._store.models.baseline(study_id)
        if model is None:
            raise NothingToDoError("this study has no baseline yet; train it on the Baseline page first")
        return self._store.studies.get(study_id), self.config(study_id), model

    def submit(self, job: specs.Job) -> str:
        """A job that was made elsewhere."""
        return self._submit(job)

    def path(self, model: Model) -> Path:
        """Of the model's folder."""
        return self._path(model)

    def _path(self, model: Model) -> Path:
        return self._workspace / model.path

    def _sample_request(self, model: Model, hypothesis_id: str, count: int) -> specs.SampleRequest:
        hypothesis = self._store.hypotheses.get(hypothesis_id)
        parent_id = hypothesis.parent_hypothesis_id
        parent = self._store.hypotheses.get(parent_id) if parent_id else None
        ids = hypothesis.source_item_ids or (parent.source_item_ids if parent else ())
        sources = tuple(self._store.unknowns.get(model.model_id, item_id) for item_id in ids)
        return specs.SampleRequest(hypothesis, parent.text if parent else None, sources, count)

    def _submit(self, job: specs.Job) -> str:
        with self._lock:  # else a tick between the two lines would see a job without its folder
            self._store.jobs.add(job.spec)
            self._runner.submit(job.spec, job.tables)
            self._runner.start_waiting()
        return job.spec.job_id
