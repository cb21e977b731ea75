"""The verbs of the workbench over a real store: what they start, what they refuse, what they keep."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from bsm_core.answering.scripted import ScriptedAnswers
from bsm_core.config import Settings, TrainingConfig, load_preset
from bsm_core.domain.arms import Arm
from bsm_core.domain.hypotheses import Agent, HypothesisDraft, HypothesisKind
from bsm_core.domain.jobs import JobKind, JobSpec, JobState, JobStatus
from bsm_core.domain.studies import StepName, StepState
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.domain.tasks import Split
from bsm_core.domain.teaching import TeacherCall
from bsm_core.domain.unknowns import PerturbationRecipe, Verdict
from bsm_core.errors import ConfigError, JobError, NotFoundError, NothingToDoError
from bsm_core.ports import JobResult, SampleFilter, Store, UnknownFilter
from bsm_core.store import open_store
from bsm_core.workbench import Workbench
from bsm_core.workflow.pipeline import NextStep
from tests.factories import STUDY_ID, make_dataset, make_filled_store, make_model, make_task


class Shelf:
    """A JobRunner that takes jobs and leaves them where the test puts them."""

    def __init__(self) -> None:
        self.specs: dict[str, JobSpec] = {}
        self.tables: dict[str, dict[str, pa.Table]] = {}
        self.states: dict[str, JobState] = {}
        self.results: dict[str, JobResult] = {}

    def submit(self, spec: JobSpec, tables: dict[str, pa.Table]) -> None:
        self.specs[spec.job_id], self.tables[spec.job_id] = spec, tables
        self.states[spec.job_id] = JobState.RUNNING

    def status(self, job_id: str) -> JobStatus:
        if job_id not in self.specs:
            raise JobError(f"no folder of job {job_id!r}")
        return JobStatus(self.specs[job_id], self.states[job_id])

    def cancel(self, job_id: str) -> None:
        self.states[job_id] = JobState.CANCELLED

    def resume(self, job_id: str) -> None:
        self.states[job_id] = JobState.RUNNING

    def start_waiting(self) -> None: ...

    def job_ids(self) -> list[str]:
        return list(self.specs)

    def calls(self, _job_id: str) -> list[TeacherCall]:
        return []

    def result(self, job_id: str) -> JobResult:
        if job_id not in self.results:
            raise JobError(f"job {job_id!r} has no result")
        return self.results[job_id]

    def close(self) -> None: ...

    def finish(self, job_id: str, result: JobResult | None = None) -> None:
        self.states[job_id] = JobState.FINISHED
        self.results[job_id] = result or JobResult(job_id)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def filled(tmp_path: Path, shelf: Shelf) -> Iterator[Workbench]:
    store = make_filled_store(tmp_path / "workbench.duckdb")
    workbench = bench(tmp_path, store, shelf)
    yield workbench
    workbench.close()


@pytest.fixture
def empty(tmp_path: Path, shelf: Shelf) -> Iterator[Workbench]:
    workbench = bench(tmp_path, open_store(tmp_path / "workbench.duckdb"), shelf)
    yield workbench
    workbench.close()


def bench(workspace: Path, store: Store, shelf: Shelf) -> Workbench:
    return Workbench(
        Settings(workspace),
        store,
        shelf,
        load_dataset=lambda _: make_dataset(),
        teacher_for=lambda *_: pytest.fail("no teacher is asked here"),
        read_key=lambda _: None,
        tasks=lambda: [make_task()],
        answers=ScriptedAnswers(),
        opinions=dict,
    )


# ---------------------------------------------------------------- the first start


def test_ensure_demo_on_an_empty_workspace_trains_the_baseline_by_itself(empty: Workbench, shelf: Shelf) -> None:
    study = empty.ensure_demo()
    assert study is not None
    empty.tick()
    (job,) = empty.jobs(study.study_id)
    assert job.spec.kind is JobKind.TRAIN
    assert len(shelf.tables[job.spec.job_id]["train"]) == len(empty.store.examples.table(study.study_id, Split.TRAIN))
    assert empty.ensure_demo() is None


def test_plan_goes_on_to_discovery_when_the_baseline_is_ingested_and_then_rests(empty: Workbench, shelf: Shelf) -> None:
    study = empty.ensure_demo()
    assert study is not None
    empty.tick()
    (train,) = empty.jobs(study.study_id)
    model = make_model(Arm.ORIGINAL, study_id=study.study_id, model_id=str(train.spec.params["model_id"]))
    shelf.finish(train.spec.job_id, JobResult(train.spec.job_id, models=(model,)))
    empty.tick()
    discover, _ = empty.jobs(study.study_id)
    assert discover.spec.kind is JobKind.DISCOVER
    shelf.states[discover.spec.job_id] = JobState.FAILED
    empty.tick()
    assert len(empty.jobs(study.study_id)) == 2, "a plan waits for its failed job to be resumed"


def test_failed_plan_goes_on_after_resume(empty: Workbench, shelf: Shelf) -> None:
    study = empty.ensure_demo()
    assert study is not None
    empty.tick()
    (train,) = empty.jobs(study.study_id)
    shelf.states[train.spec.job_id] = JobState.INTERRUPTED
    empty.tick()
    states = {step.name: step.state for step in empty.steps(study.study_id)}
    assert states[StepName.BASELINE] is StepState.FAILED
    empty.resume(train.spec.job_id)
    states = {step.name: step.state for step in empty.steps(study.study_id)}
    assert states[StepName.BASELINE] is StepState.RUNNING


# ---------------------------------------------------------------- refusals


def test_discovery_without_a_baseline_is_refused(empty: Workbench) -> None:
    study = empty.create_study(load_preset("smoke"), "new")
    with pytest.raises(NothingToDoError, match="Baseline page"):
        empty.attacks.start(study.study_id, None, PerturbationRecipe.DEEPWORDBUG, 10)


def test_comparison_without_approved_samples_is_refused_and_starts_nothing(filled: Workbench, shelf: Shelf) -> None:
    with pytest.raises(NothingToDoError, match="no approved samples by agent lm"):
        filled.start_comparison(STUDY_ID, [Arm.HYPOTHESIS_LM])
    assert shelf.specs == {}


def test_comparison_without_an_arm_is_refused(filled: Workbench) -> None:
    with pytest.raises(NothingToDoError, match="at least one"):
        filled.start_comparison(STUDY_ID, [Arm.ORIGINAL])


def test_unknown_job_is_refused(filled: Workbench) -> None:
    with pytest.raises(NotFoundError, match="'nope'"):
        filled.job("nope")


def test_set_tau_outside_its_range_is_refused_and_keeps_the_old(filled: Workbench) -> None:
    before = filled.store.studies.get(STUDY_ID).tau
    for impossible in (0.5, 1.01, -1.0):
        with pytest.raises(ConfigError, match=r"paper uses 0\.65"):
            filled.store.studies.set_tau(STUDY_ID, impossible)
    assert filled.store.studies.get(STUDY_ID).tau == before


def test_empty_validation_split_is_refused_by_name(tmp_path: Path, shelf: Shelf) -> None:
    workbench = bench(tmp_path, open_store(tmp_path / "workbench.duckdb"), shelf)
    workbench._load_dataset = lambda _: make_dataset(validation=0)
    study = workbench.create_study(load_preset("smoke"), "new")
    with pytest.raises(NothingToDoError, match="validation"):
        workbench.start_baseline(study.study_id)
    workbench.close()


# ---------------------------------------------------------------- arms at equal budget


def test_comparison_trains_the_arm_on_exactly_the_common_budget_more(filled: Workbench, shelf: Shelf) -> None:
    plans = {plan.arm: plan for plan in filled.arm_plans(STUDY_ID)}
    arms = [Arm.MORE_TRAINING, Arm.HYPOTHESIS_RULE]
    budget = min(plans[arm].available for arm in arms)
    job_id = filled.start_comparison(STUDY_ID, arms, TrainingConfig(epochs=2))
    spec = shelf.specs[job_id]
    assert spec.kind is JobKind.TRAIN
    assert spec.params["budget"] == min(budget, plans[Arm.MORE_TRAINING].budget)
    train = len(filled.store.examples.table(STUDY_ID, Split.TRAIN))
    assert len(shelf.tables[job_id]["train"]) == train + int(str(spec.params["budget"]))


def test_second_comparison_while_one_runs_is_refused(filled: Workbench) -> None:
    filled.start_comparison(STUDY_ID, [Arm.MORE_TRAINING])
    with pytest.raises(NothingToDoError, match="another job of this study is running"):
        filled.start_comparison(STUDY_ID, [Arm.RELABEL])


# ---------------------------------------------------------------- the agents stay honest


def a_draft(agent: Agent) -> HypothesisDraft:
    return HypothesisDraft(HypothesisKind.ABSTRACTION, agent, "It trips over typos.", "Pieces.", "typo", None)


@pytest.mark.parametrize(
    ("draft", "text", "agent"),
    [
        (None, "It trips over typos.", Agent.HUMAN),
        (a_draft(Agent.LM), "It trips over typos.", Agent.LM),
        (a_draft(Agent.LM), "It trips over swapped letters.", Agent.HYBRID),
        (a_draft(Agent.RULE), "It trips over typos.", Agent.RULE),
        (a_draft(Agent.RULE), "It trips over swapped letters.", Agent.HYBRID),
    ],
)
def test_kept_hypothesis_carries_its_agent(
    filled: Workbench, draft: HypothesisDraft | None, text: str, agent: Agent
) -> None:
    kept = filled.keep_hypothesis(STUDY_ID, HypothesisKind.ABSTRACTION, text, "Pieces.", ["e1"], draft=draft)
    assert kept.agent is agent
    assert filled.store.hypotheses.get(kept.hypothesis_id) == kept
    versions = [(old.agent, old.text) for old in filled.store.hypotheses.history(kept.hypothesis_id)]
    assert versions == ([(draft.agent, draft.text)] if draft is not None and agent is Agent.HYBRID else [])


def test_judgement_no_leaves_the_count_and_yes_brings_it_back(filled: Workbench) -> None:
    model = filled.store.models.baseline(STUDY_ID)
    assert model is not None
    uus = UnknownFilter(model.model_id, 0.65, verdict="unjudged")
    item = filled.store.unknowns.page(uus).rows[0].item_id
    everything = UnknownFilter(model.model_id, 0.65)
    before = filled.store.unknowns.counts(everything).total
    filled.judge(STUDY_ID, item, Verdict.NO)
    assert filled.store.unknowns.counts(everything).total == before - 1
    filled.judge(STUDY_ID, item, Verdict.YES)
    assert filled.store.unknowns.counts(everything).total == before


def test_policy_approvals_are_named_and_stay_within_the_budget(filled: Workbench) -> None:
    open_before = filled.store.samples.page(STUDY_ID, SampleFilter(status=DecisionKind.PENDING, passed=True)).rows
    approved = filled.approve_by_policy(STUDY_ID)
    assert 0 < approved <= len(open_before)
    for state in filled.store.samples.approved(STUDY_ID)[-approved:]:
        assert state.decision is not None
        assert (state.decision.policy, state.decision.agent) == ("gated", Agent.RULE)


def test_edited_sample_starts_afresh_and_the_approved_one_is_kept_in_history(filled: Workbench) -> None:
    old = filled.store.samples.approved(STUDY_ID)[0].sample
    new = filled.revise_sample(old.sample_id, ("A text that somebody thought about for a while.",), old.label)
    state = filled.store.samples.get(new.sample_id)
    assert state.status is DecisionKind.PENDING
    assert state.checks == ()
    assert state.sample.revises_id == old.sample_id
    assert state.sample.created_at <= datetime.now(UTC)


def test_hypothesize_without_unknown_unknowns_says_what_to_change(filled: Workbench) -> None:
    filled.store.studies.set_tau(STUDY_ID, 1.0)
    with pytest.raises(NothingToDoError, match="no UUs were found on validation at tau 1; lower tau"):
        filled.hypothesize(STUDY_ID, Arm.HYPOTHESIS_RULE, pytest.fail)


def test_comparison_with_no_approved_sample_at_all_is_refused(filled: Workbench) -> None:
    approved = [state.sample.sample_id for state in filled.store.samples.approved(STUDY_ID)]
    filled.decide(approved, DecisionKind.REJECTED, "read again")
    with pytest.raises(NothingToDoError, match="approve some on the Samples page"):
        filled.start_comparison(STUDY_ID, [Arm.HYPOTHESIS_RULE])


def test_activity_reads_jobs_and_next_step_of_one_moment(empty: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that saw no job and then no next step would stop watching in the middle of a plan."""
    study = empty.ensure_demo()
    assert study is not None
    next_step, ticking = empty.plans.next_step, threading.Thread(target=empty.tick)

    def after_a_tick_tried(study_id: str) -> NextStep | None:
        if not ticking.ident:
            ticking.start()
            ticking.join(0.5)
        return next_step(study_id)

    monkeypatch.setattr(empty.plans, "next_step", after_a_tick_tried)
    jobs, step = empty.activity(study.study_id)
    assert jobs == []
    assert step is not None
    ticking.join()
    jobs, step = empty.activity(study.study_id)
    assert (len(jobs), step) == (1, None)
