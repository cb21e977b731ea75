"""The language model at scale: what it has to write, what that will cost, and the job that has it written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bsm_core.config import TeacherConfig
from bsm_core.domain.authoring import Spent, WriteOrder
from bsm_core.domain.hypotheses import Hypothesis, HypothesisKind
from bsm_core.domain.synthesis import DecisionKind, SyntheticSample
from bsm_core.domain.teaching import Prompt
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import ConfigError, TeacherError
from bsm_core.ports import JobRunner, SampleFilter, Store, UnknownFilter
from bsm_core.workbench.launch import ALL, Launcher
from bsm_core.workflow import orders
from bsm_core.workflow.compare_prompts import COMPARISON_EVENT, Case, compare_job, prompt_for
from bsm_core.workflow.cross_check import TEMPLATE, cross_check_job
from bsm_core.workflow.estimate import Estimate, estimate
from bsm_core.workflow.hypothesize import spread_over_origins
from bsm_core.workflow.prompt_library import PromptLibrary, check
from bsm_core.workflow.prompts import label_check_prompt
from bsm_core.workflow.spending import Purse
from bsm_core.workflow.streams import read_records
from bsm_core.workflow.write import HYPOTHESIS, LIVE_HYPOTHESES, LIVE_SAMPLES, SAMPLE, WRITE_EVENT

_SPARE = 2
"""Groups of UUs given to a job for each hypothesis it is to write: some answers are unusable."""


@dataclass(frozen=True, slots=True)
class SoFar:
    """What a write job has written and spent up to now. Not in the store yet."""

    hypotheses: list[Hypothesis]
    samples: list[SyntheticSample]
    spent: Spent


class Authoring:
    """Everything here raises TeacherError for the embedded model, which cannot follow the paper's prompts."""

    def __init__(
        self, store: Store, runner: JobRunner, launcher: Launcher, teacher: Callable[[], TeacherConfig], workspace: Path
    ) -> None:
        self._store = store
        self._runner = runner
        self._launch = launcher
        self._teacher = teacher
        self._workspace = workspace
        self.prompts = PromptLibrary(workspace / "prompts")

    def room(self, study_id: str, samples_each: int = 1) -> orders.Room:
        """How much of the paper's budget is open. Raises NothingToDoError before there is a baseline."""
        study, _, model = self._launch.with_baseline(study_id)
        unknowns = self._store.unknowns.counts(UnknownFilter(model.model_id, study.tau)).total
        return orders.room(self._store, study_id, unknowns, samples_each)

    def estimate(self, study_id: str, order: WriteOrder, groups: Sequence[Sequence[str]] = ()) -> Estimate:
        """A dry run: calls, tokens and cost. Raises ConfigError for an order beyond the budget, or for a cap that
        cannot be watched."""
        teacher = self._real_teacher()
        self._check(study_id, order)
        Purse(teacher, order.cap_usd, order.cap_tokens)
        now = orders.standing(self._store, study_id)
        lacking = sum(max(0, order.samples_each - now.usable[one.hypothesis_id]) for one in now.hypotheses)
        return estimate(
            self._store.studies.get(study_id).task,
            order,
            self._groups(study_id, order, groups),
            lacking,
            teacher,
            self.prompts.current,
            self._store.calls.answer_tokens(study_id, teacher.model),
        )

    def start(self, study_id: str, order: WriteOrder, groups: Sequence[Sequence[str]] = ()) -> str:
        """Have the language model write; returns the job's id. ``groups`` are item ids, a list for each abstraction;
        without them every UU stands for itself, natural and adversarial in turn, the most confident first.

        Raises as ``estimate`` does, and NothingToDoError when nothing is missing.
        """
        teacher = self._real_teacher()
        self._check(study_id, order)
        Purse(teacher, order.cap_usd, order.cap_tokens)
        study, config, model = self._launch.with_baseline(study_id)
        templates = self.prompts.contents(orders.TEMPLATES)
        chosen = self._groups(study_id, order, groups)
        path = self._launch.path(model)
        return self._launch.submit(
            orders.write_job(self._store, study, config, model, path, teacher, order, chosen, templates)
        )

    def so_far(self, job_id: str) -> SoFar:
        """First results of a job that runs, or has stopped before its end."""
        partial = self._workspace / "jobs" / job_id / "partial"
        purse = Purse(TeacherConfig())
        purse.add(self._runner.calls(job_id))
        hypotheses = read_records(partial / LIVE_HYPOTHESES, HYPOTHESIS)
        return SoFar(hypotheses, read_records(partial / LIVE_SAMPLES, SAMPLE), purse.spent)

    def last_stop(self, study_id: str) -> str:
        """Why the study's latest write job stopped before the budget was full; empty when it did not, or there is
        none."""
        told = self._store.latest(study_id, WRITE_EVENT)
        return str(told["stopped"]) if told else ""

    def start_cross_check(self, study_id: str, model: str = "", at_once: int = 8) -> str:
        """Have ``model`` (empty: the teacher's own) label every sample blind that was not rejected; returns the job's
        id. Where it differs from the sample's label, a warning stands with the sample."""
        teacher = self._real_teacher()
        teacher = replace(teacher, model=model.strip() or teacher.model)
        study, config, _ = self._launch.with_baseline(study_id)
        page = self._store.samples.page(study_id, SampleFilter(), limit=ALL)
        samples = [one.sample for one in page.rows if one.status is not DecisionKind.REJECTED]
        template = self.prompts.newest(TEMPLATE).content
        return self._launch.submit(cross_check_job(study, teacher, samples, template, at_once, config.seed))

    def cases(self, study_id: str, template: str, size: int) -> list[Case]:
        """What a prompt can be tried on: UUs of the template's kind, with a hypothesis on them where it needs one.
        The most confident UUs first."""
        unknowns = self._launch.unknowns(study_id)
        if template == "abstraction_natural":
            chosen = [one for one in unknowns if one.perturbed_text is None]
        elif template == "abstraction":
            chosen = [one for one in unknowns if one.perturbed_text is not None]
        else:
            chosen = spread_over_origins(unknowns)
        if template not in ("extrapolation", "generation"):
            return [Case(one, None) for one in chosen[:size]]
        by_id = {one.item_id: one for one in unknowns}
        found = []
        for hypothesis in self._store.hypotheses.all(study_id):
            behind = next((by_id[item] for item in hypothesis.source_item_ids if item in by_id), None)
            if behind is not None and hypothesis.kind is HypothesisKind.ABSTRACTION:
                found.append(Case(behind, hypothesis))
        return found[:size]

    def preview(self, study_id: str, name: str, content: str, case: Case) -> Prompt:
        """The prompt that a template's content makes of a case. Raises ConfigError for an impossible template."""
        template = check(name, content, self.prompts.versions(name)[0].template)
        task = self._store.studies.get(study_id).task
        if name == "label_check":
            return label_check_prompt(task, case.unknown.text, case.unknown.label, lambda _: template)
        return prompt_for(name, task, case, 0, lambda _: template)

    def start_comparison(
        self,
        study_id: str,
        name: str,
        keys: tuple[str, str],
        size: int,
        cap_usd: float | None = None,
        cap_tokens: int | None = None,
    ) -> str:
        """Ask two versions of a prompt about the same UUs; returns the job's id. Raises NotFoundError for a version
        that is not there."""
        teacher = self._real_teacher()
        Purse(teacher, cap_usd, cap_tokens)
        versions = (self.prompts.version(name, keys[0]), self.prompts.version(name, keys[1]))
        study, config, _ = self._launch.with_baseline(study_id)
        cases = self.cases(study_id, name, size)
        return self._launch.submit(compare_job(study, teacher, versions, cases, cap_usd, cap_tokens, config.seed))

    def last_comparison(self, study_id: str) -> dict[str, Any] | None:
        """What the latest comparison of prompts came to: see ``workflow.compare_prompts``."""
        return self._store.latest(study_id, COMPARISON_EVENT)

    def _check(self, study_id: str, order: WriteOrder) -> None:
        left = self.room(study_id, order.samples_each)
        for name, wanted, most in (
            ("abstractions", order.abstractions, left.abstractions),
            ("extrapolations", order.extrapolations, left.extrapolations),
        ):
            if wanted > most:
                raise ConfigError(
                    f"{wanted:,} {name} are more than the budget has room for: {most:,} (1% of the training set, less "
                    "what is written; 3.1)"
                )

    def _groups(self, study_id: str, order: WriteOrder, groups: Sequence[Sequence[str]]) -> list[list[UnknownUnknown]]:
        found = self._launch.unknowns(study_id)
        if groups:
            by_id = {one.item_id: one for one in found}
            known = [[by_id[item_id] for item_id in group if item_id in by_id] for group in groups]
            return [group for group in known if group]
        now = orders.standing(self._store, study_id)
        used = {item for one in now.hypotheses for item in one.source_item_ids}
        fresh = [[one] for one in spread_over_origins([one for one in found if one.item_id not in used])]
        rest = [[one] for one in found if one.item_id in used]
        return [*fresh, *rest][: _SPARE * order.abstractions + order.rounds]

    def _real_teacher(self) -> TeacherConfig:
        teacher = self._teacher()
        if teacher.is_embedded:
            raise TeacherError(
                "the embedded model cannot follow the paper's prompts, so its hypotheses are made by rule; set a "
                "teacher endpoint on the Settings page"
            )
        return teacher


def within(order: WriteOrder, room: orders.Room) -> WriteOrder:
    """The order, cut to what the budget has room for and to as many UUs as there are."""
    return replace(
        order,
        abstractions=min(order.abstractions, room.abstractions, room.unknowns),
        extrapolations=min(order.extrapolations, room.extrapolations),
    )
