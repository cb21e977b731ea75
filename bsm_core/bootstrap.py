"""The one place where ports meet adapters: ``build_workbench(settings)`` for the server and the command line,
``worker_handlers()`` for job processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bsm_core.config import Settings, StudyConfig, TeacherConfig, TrainingConfig
from bsm_core.domain.arms import Arm
from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.jobs import JobKind, JobStatus
from bsm_core.domain.studies import Step, Study
from bsm_core.domain.synthesis import DecisionKind, SyntheticSample
from bsm_core.domain.tasks import Text
from bsm_core.domain.teaching import TeacherCall
from bsm_core.domain.unknowns import PerturbationRecipe, Verdict
from bsm_core.ports import JobRunner, Store


@dataclass(frozen=True, slots=True)
class HypothesisDraft:
    """What an agent proposes before a human keeps it. ``call_id`` is the teacher call, None for a rule."""

    kind: HypothesisKind
    agent: Agent
    text: str
    reasoning: str
    pattern: str | None
    call_id: str | None


@dataclass(frozen=True, slots=True)
class ArmPlan:
    """What an arm would train on now. ``available`` samples of ``budget`` allowed; ``problem`` says why it cannot
    run, or is empty."""

    arm: Arm
    available: int
    budget: int
    problem: str


class Workbench:
    """Everything a page or a command can do. Reading goes through ``store``; doing goes through these verbs.

    Every verb raises a WorkbenchError subclass whose message says the value and the remedy.
    """

    settings: Settings
    store: Store
    runner: JobRunner

    # -- studies
    def create_study(self, config: StudyConfig, name: str) -> Study: ...
    def ensure_demo(self) -> Study | None:
        """On an empty workspace make the demo study and plan its preparation; else None."""

    def config(self, study_id: str) -> StudyConfig: ...
    def steps(self, study_id: str) -> list[Step]:
        """The path of the Overview, in order, with states, figures and hints."""

    # -- jobs (one runs at a time; others wait in QUEUED)
    def start_baseline(self, study_id: str, training: TrainingConfig | None = None) -> str:
        """Job id. ``training`` None takes the study's."""

    def start_discovery(self, study_id: str, recipe: PerturbationRecipe, size: int, seed: int | None = None) -> str:
        """Attack ``size`` validation texts (0: all) of the baseline."""

    def start_synthesis(self, study_id: str, requests: Sequence[tuple[str, int]]) -> str:
        """Have the teacher write (hypothesis_id, count) samples and gate them."""

    def start_gate(self, study_id: str) -> str | None:
        """Check the samples no gate has seen; None when there are none."""

    def arm_plans(self, study_id: str) -> list[ArmPlan]: ...
    def start_comparison(self, study_id: str, arms: Sequence[Arm], training: TrainingConfig | None = None) -> str:
        """Plan: evaluate ORIGINAL, then train and evaluate each arm at equal budget. Returns the first job's id;
        the others follow by themselves as each finishes."""

    def jobs(self, study_id: str | None = None) -> list[JobStatus]:
        """Newest first, with live progress."""

    def job(self, job_id: str) -> JobStatus: ...
    def active_job(self, study_id: str, kinds: Sequence[JobKind] = ()) -> JobStatus | None: ...
    def cancel(self, job_id: str) -> None: ...
    def resume(self, job_id: str) -> None: ...
    def tick(self) -> None:
        """Ingest what has finished, mark the dead, start what waits, advance plans. Called by the server's thread
        every second and by the command line."""

    # -- the agent
    def judge(self, study_id: str, item_id: str, verdict: Verdict) -> None: ...
    def draft_hypothesis(
        self, study_id: str, kind: HypothesisKind, item_ids: Sequence[str], parent_hypothesis_id: str | None = None
    ) -> HypothesisDraft:
        """Ask the teacher (a real endpoint), or the rules (embedded). Not stored until kept."""

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
        """Agent HUMAN without a draft; the draft's agent when its text is unchanged; else HYBRID."""

    def revise_hypothesis(self, hypothesis_id: str, text: str, reasoning: str) -> Hypothesis:
        """A new version by a human: HUMAN stays HUMAN, anything else becomes HYBRID."""

    def write_sample(self, hypothesis_id: str, text: Text, label: int) -> SyntheticSample:
        """By hand: agent HUMAN."""

    def revise_sample(self, sample_id: str, text: Text, label: int) -> SyntheticSample:
        """Edit or relabel: a new version; its checks and its decision start afresh."""

    def decide(self, sample_ids: Sequence[str], kind: DecisionKind, reason: str = "") -> None:
        """A human's decision on one or many samples."""

    def approve_by_policy(self, study_id: str) -> int:
        """Policy ``gated``: approve every undecided sample that passed all gates, up to the budget; returns how many.
        The decisions carry the policy's name, so that nobody takes them for a human's."""

    # -- teacher
    def set_teacher(self, teacher: TeacherConfig) -> None: ...
    def try_teacher(self, study_id: str) -> TeacherCall:
        """One short question, for the Settings page."""

    def key_found(self) -> bool:
        """Whether the teacher's key variable has a value. Never the value."""

    def close(self) -> None: ...


def build_workbench(settings: Settings) -> Workbench:
    """Open the workspace (made if need be). Raises WorkspaceLockedError or WorkspaceCorruptError."""
    raise NotImplementedError
