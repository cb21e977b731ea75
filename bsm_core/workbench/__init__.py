"""Everything a page or a command can do. Reading goes through ``Workbench.store``; doing goes through its verbs.

Every verb raises a WorkbenchError subclass whose message states the value and the remedy.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bsm_core.config import Settings, StudyConfig, TeacherConfig, TrainingConfig, load_preset, save_settings
from bsm_core.domain.arms import Arm, ArmPlan, Model
from bsm_core.domain.hypotheses import Hypothesis, HypothesisDraft, HypothesisKind
from bsm_core.domain.jobs import JobKind, JobState, JobStatus
from bsm_core.domain.studies import Step, StepName, Study
from bsm_core.domain.synthesis import DecisionKind, SyntheticSample
from bsm_core.domain.tasks import Dataset, Task, Text
from bsm_core.domain.teaching import TeacherCall
from bsm_core.domain.unknowns import Verdict
from bsm_core.errors import NotFoundError, NothingToDoError
from bsm_core.ports import Answers, JobRunner, Store, Teacher
from bsm_core.workbench.attacks import Attacks
from bsm_core.workbench.attribution import Attributions
from bsm_core.workbench.authoring import Authoring
from bsm_core.workbench.controlled import CheckData, ControlledChecks
from bsm_core.workbench.costing import Costing
from bsm_core.workbench.curated import CuratedSets
from bsm_core.workbench.curation import Curation
from bsm_core.workbench.desk import Desk
from bsm_core.workbench.experiments import Experiments
from bsm_core.workbench.exports import Exports
from bsm_core.workbench.gating import Gating
from bsm_core.workbench.judging import HUMAN, Judging
from bsm_core.workbench.launch import ALL, Launcher
from bsm_core.workbench.ledger import Ledger
from bsm_core.workbench.locating import Locator
from bsm_core.workbench.making import Making
from bsm_core.workbench.plans import Plans
from bsm_core.workbench.spots import BlindSpots
from bsm_core.workbench.survey import Surveys
from bsm_core.workflow import curate, hypothesize, textattack_csv
from bsm_core.workflow.pairs import read_pairs
from bsm_core.workflow.path import steps
from bsm_core.workflow.pipeline import NextStep
from bsm_core.workflow.specs import new_id, side_of
from bsm_core.workflow.supervise import JobWatch

TeacherFor = Callable[[TeacherConfig, Callable[[TeacherCall], None]], Teacher]


class Workbench:
    """One workspace, opened. Safe to use from several threads; ``tick`` is called by one of them."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        runner: JobRunner,
        load_dataset: Callable[[StudyConfig], Dataset],
        teacher_for: TeacherFor,
        read_key: Callable[[str], str | None],
        tasks: Callable[[], list[Task]],
        answers: Answers,
        opinions: Callable[[], Mapping[str, float]],
    ) -> None:
        self.settings = settings
        self.store = store
        self.runner = runner
        self._load_dataset = load_dataset
        self._teacher_for = teacher_for
        self._read_key = read_key
        self._tasks = tasks
        self._teacher: Teacher | None = None
        self._lock = threading.RLock()  # submitting, ticking and planning take turns
        self._watch = JobWatch(store, runner)
        self._launch = Launcher(store, runner, settings.workspace, self._lock)
        self.attacks = Attacks(store, self._launch, settings.jobs)
        self.judging = Judging(store, self._launch, lambda: self.settings.teacher)
        self.curated = CuratedSets(store, self._launch)
        self.curation = Curation(store)
        self.ledger = Ledger(store)
        self.desk = Desk(store, self._launch, answers, settings.workspace)
        self.spots = BlindSpots(store, self._launch)
        self.locating = Locator(store, self._launch)
        self.costing = Costing(store)
        self.exports = Exports(store, settings, self.judging)
        self.making = Making(self.exports, settings.workspace)
        self.survey = Surveys(store)
        self.controlled = ControlledChecks(store, self._launch, CheckData(load_dataset, opinions))
        self.authoring = Authoring(store, runner, self._launch, lambda: self.settings.teacher, settings.workspace)
        self.gating = Gating(store, self._launch)
        self.plans = Plans(store, self._launch, lambda: self.settings.teacher, self._lock)
        self.attribution = Attributions(store, self._launch, self.plans.budget)
        self.experiments = Experiments(store, self._launch, self.plans, self._lock)

    # ------------------------------------------------------------ studies

    def tasks(self) -> list[Task]:
        """The tasks that a study can be made of."""
        return self._tasks()

    def create_study(self, config: StudyConfig, name: str) -> Study:
        """Import, deduplicate and split the data. Raises TaskError when they cannot be had, ConfigError for a side of
        pairs where texts are single."""
        dataset = self._load_dataset(config)
        side_of(dataset.task, config.recipe, config.side)
        study = Study(
            study_id=new_id("st"),
            name=name.strip() or config.preset,
            task=dataset.task,
            config=config.to_dict(),
            tau=config.tau,
            data_hash=dataset.data_hash,
            dropped={
                "empty": dataset.dropped_empty,
                "duplicate": dataset.dropped_duplicate,
                "conflicting": dataset.dropped_conflicting,
            },
            created_at=datetime.now(UTC),
        )
        self.store.studies.create(study, dataset)
        return study

    def ensure_demo(self) -> Study | None:
        """On an empty workspace make the demo study and plan its preparation; else None."""
        if self.store.studies.all():
            return None
        preset = load_preset(self.settings.first_study)
        study = self.create_study(preset, f"{preset.preset.capitalize()}: movie-review sentences")
        self.plans.make(study.study_id, (StepName.BASELINE, StepName.DISCOVER))
        return study

    def config(self, study_id: str) -> StudyConfig:
        return self._launch.config(study_id)

    def steps(self, study_id: str) -> list[Step]:
        """The path of the Overview, in order, with states, figures and hints."""
        active, failed = set(), set()
        seen = set()
        for status in self.jobs(study_id):
            if status.state.is_active:
                active.add(status.spec.kind)
            elif status.spec.kind not in seen and status.state.is_resumable:
                failed.add(status.spec.kind)
            seen.add(status.spec.kind)
        return steps(self.store.studies.counts(study_id), active, failed)

    # ------------------------------------------------------------ jobs

    def start_baseline(self, study_id: str, training: TrainingConfig | None = None) -> str:
        """Train the classifier that is audited; returns the job's id."""
        return self._launch.baseline(study_id, training)

    def import_pairs(self, study_id: str, name: str, content: bytes, section: str | None = None) -> str:
        """Take the pairs of a file as a perturbation set of the baseline; returns the job's id.

        Raises TaskError with the row and the column of a file that does not read.
        """
        return self._launch.pairs(
            study_id, name, read_pairs(name, content, self.store.studies.get(study_id).task, section)
        )

    def export_pairs(self, study_id: str, set_id: str) -> str:
        """A perturbation set as TextAttack's CSV log. Raises NotFoundError for a set the study does not have."""
        if set_id not in [one.set_id for one in self.store.perturbations.sets(study_id)]:
            raise NotFoundError(f"no perturbation set {set_id!r} in study {study_id!r}")
        return textattack_csv.write(self.store.perturbations.rows(set_id), self.store.studies.get(study_id).task)

    def start_synthesis(self, study_id: str, requests: Sequence[tuple[str, int]]) -> str:
        """Have the teacher write (hypothesis id, count) samples, and gate them; returns the job's id."""
        return self._launch.synthesis(study_id, requests, self.settings.teacher)

    def start_gate(self, study_id: str) -> str | None:
        """Check the samples no gate has seen; None when there are none."""
        return self._launch.gate(study_id)

    def arm_plans(self, study_id: str) -> list[ArmPlan]:
        """What each arm could add to the training set now, and why it cannot run."""
        return self.plans.arm_plans(study_id)

    def start_comparison(self, study_id: str, arms: Sequence[Arm], training: TrainingConfig | None = None) -> str:
        """Plan: evaluate ORIGINAL, then train and evaluate each arm at equal budget.

        Returns the first job's id; the others follow by themselves as each finishes. Raises NothingToDoError when an
        arm has nothing to add.
        """
        self._launch.with_baseline(study_id)
        budget = self.plans.budget(study_id, arms)
        with self._lock:
            if self.active_job(study_id) is not None:
                raise NothingToDoError("another job of this study is running; wait for it, or cancel it")
            self.plans.make(study_id, (StepName.RETRAIN, StepName.COMPARE), arms, training, budget)
            job_id = self.plans.advance(study_id)
        if job_id is None:
            raise NothingToDoError("every chosen arm is trained and evaluated already")
        return job_id

    def jobs(self, study_id: str | None = None) -> list[JobStatus]:
        """Newest first, with live progress."""
        return [self._watch.status(spec, state) for spec, state in self.store.jobs.all(study_id)]

    def activity(self, study_id: str) -> tuple[list[JobStatus], NextStep | None]:
        """The jobs, newest first, and what the plan starts next: of one moment, so that none slips through between."""
        with self._lock:
            return self.jobs(study_id), self.plans.next_step(study_id)

    def job(self, job_id: str) -> JobStatus:
        """Raises NotFoundError."""
        for spec, state in self.store.jobs.all(limit=ALL):
            if spec.job_id == job_id:
                return self._watch.status(spec, state)
        raise NotFoundError(f"no job {job_id!r} in this workspace; see the Jobs page for those there are")

    def active_job(self, study_id: str, kinds: Sequence[JobKind] = ()) -> JobStatus | None:
        """The running job, else the one that waits longest; of the given kinds, if any are given."""
        active = [
            status
            for spec, state in self.store.jobs.all(study_id)
            if state.is_active and (not kinds or spec.kind in kinds)
            for status in [self._watch.status(spec, state)]
            if status.state.is_active
        ]
        running = [status for status in active if status.state is not JobState.QUEUED]
        candidates = running or active
        return candidates[-1] if candidates else None

    def cancel(self, job_id: str) -> None:
        """Takes effect within 5 s; work so far is kept, and ``resume`` goes on with it."""
        self.runner.cancel(job_id)

    def resume(self, job_id: str) -> None:
        with self._lock:
            self._watch.resume(job_id)
            self.runner.start_waiting()

    def tick(self, study_id: str | None = None) -> None:
        """Ingest what has finished, mark the dead, start what waits, go on with plans: of one study, or of all.

        Called every second by the server, and between jobs by the command line.
        """
        with self._lock:
            self.runner.start_waiting()
            self._watch.collect()
            for study in self.store.studies.all():
                if study_id in (None, study.study_id):
                    self.plans.advance(study.study_id)
                    self.experiments.advance(study.study_id)

    # ------------------------------------------------------------ the agent

    def judge(self, study_id: str, item_id: str, verdict: Verdict, judge: str = HUMAN) -> None:
        """A human's answer to "is the label still right?" (condition 3). Other judges: ``judging``."""
        self.judging.record(study_id, item_id, verdict, judge)

    def draft_hypothesis(
        self,
        study_id: str,
        kind: HypothesisKind,
        item_ids: Sequence[str],
        parent_hypothesis_id: str | None = None,
    ) -> HypothesisDraft:
        """Ask the teacher (a real endpoint), or the rules (embedded). Not stored until it is kept."""
        study, _, model = self._launch.with_baseline(study_id)
        parent = self.store.hypotheses.get(parent_hypothesis_id) if parent_hypothesis_id else None
        ids = item_ids or (parent.source_item_ids if parent else ())
        items = [self.store.unknowns.get(model.model_id, item_id) for item_id in ids]
        return hypothesize.draft(
            study,
            kind,
            items,
            parent,
            self.store.hypotheses.all(study_id),
            self._current_teacher(),
            self.authoring.prompts.current,
        )

    def keep_hypothesis(
        self,
        study_id: str,
        kind: HypothesisKind,
        text: str,
        reasoning: str,
        item_ids: Sequence[str],
        parent_hypothesis_id: str | None = None,
        draft: HypothesisDraft | None = None,
    ) -> Hypothesis:
        """Agent HUMAN without a draft; the draft's agent when it is unchanged; else HYBRID, and the draft is kept as
        the version that it revises."""
        hypothesis = curate.new_hypothesis(study_id, kind, text, reasoning, item_ids, parent_hypothesis_id, draft)
        if draft is not None and hypothesis.agent is not draft.agent:
            drafted = curate.new_hypothesis(
                study_id, kind, draft.text, draft.reasoning, item_ids, parent_hypothesis_id, draft
            )
            self.store.hypotheses.add(drafted)
            hypothesis = replace(hypothesis, revises_id=drafted.hypothesis_id)
        self.store.hypotheses.add(hypothesis)
        return hypothesis

    def revise_hypothesis(self, hypothesis_id: str, text: str, reasoning: str) -> Hypothesis:
        """A new version by a human: HUMAN stays HUMAN, anything else becomes HYBRID."""
        hypothesis = curate.revised_hypothesis(self.store.hypotheses.get(hypothesis_id), text, reasoning)
        self.store.hypotheses.add(hypothesis)
        return hypothesis

    def write_sample(self, hypothesis_id: str, text: Text, label: int) -> SyntheticSample:
        """By hand."""
        return self.curation.write(hypothesis_id, text, label)

    def revise_sample(self, sample_id: str, text: Text, label: int) -> SyntheticSample:
        """Edit or relabel: a new version, whose checks and decision start afresh."""
        return self.curation.revise(sample_id, text, label)

    def decide(self, sample_ids: Sequence[str], kind: DecisionKind, reason: str = "") -> None:
        """A human's decision on one or many samples."""
        self.curation.decide(sample_ids, kind, reason)

    def approve_by_policy(self, study_id: str) -> int:
        """Policy ``gated``: approve every undecided sample that passed all gates, up to the budget; returns how many.

        The decisions carry the policy's name, so that nobody takes them for a human's.
        """
        return len(self.curation.approve_by_policy(study_id).decided)

    def hypothesize(self, study_id: str, arm: Arm, on_failure: Callable[[str], None]) -> int:
        """Headless: have the arm's agent write hypotheses for the UUs, up to the budget; returns how many there are.

        An answer of the teacher that cannot be used goes to ``on_failure`` and to its call record, and the next UU
        is taken. Raises NothingToDoError when there are no UUs.
        """
        study, _, _ = self._launch.with_baseline(study_id)
        unknowns = self._launch.unknowns(study_id)
        if not unknowns:
            raise NothingToDoError(
                f"no UUs were found on validation at tau {study.tau:g}; lower tau, or attack more texts"
            )
        budget = self.store.samples.budget(study_id, arm.agent)
        own = [h for h in self.store.hypotheses.all(study_id) if h.agent is arm.agent]
        teacher = self._teacher_for(self.plans.teacher_of(arm), self.store.calls.add)
        sizes = {
            HypothesisKind.ABSTRACTION: budget.allowed_abstraction,
            HypothesisKind.EXTRAPOLATION: budget.allowed_extrapolation,
        }
        count = len(own)
        try:
            for hypothesis in hypothesize.hypotheses(study, unknowns, own, teacher, sizes, on_failure):
                self.store.hypotheses.add(hypothesis)  # each as it comes: a kill loses none
                count += 1
        finally:
            teacher.close()
        return count

    # ------------------------------------------------------------ teacher

    def set_teacher(self, teacher: TeacherConfig) -> None:
        with self._lock:
            self.settings = replace(self.settings, teacher=teacher)
            save_settings(self.settings)
            self._close_teacher()

    def try_teacher(self, study_id: str) -> TeacherCall:
        """One short question, for the Settings page. Raises a TeacherError that says what is wrong."""
        return self._current_teacher().ask(hypothesize.trial_prompt(), "trial", study_id)

    def key_found(self) -> bool:
        """Whether the teacher's key variable has a value. Never the value."""
        return bool(self._read_key(self.settings.teacher.key_variable))

    def _current_teacher(self) -> Teacher:
        with self._lock:
            if self._teacher is None:
                self._teacher = self._teacher_for(self.settings.teacher, self.store.calls.add)
            return self._teacher

    def _close_teacher(self) -> None:
        if self._teacher is not None:
            self._teacher.close()
            self._teacher = None

    def close(self) -> None:
        """Stop the embedded teacher, let the workers run on, and close the store."""
        with self._lock:
            self._close_teacher()
            self.desk.close()
            self.making.close()
            self.runner.close()
            self.store.close()

    # ------------------------------------------------------------ reading

    def model_path(self, model: Model) -> Path:
        return self.settings.workspace / model.path
