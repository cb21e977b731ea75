"""What the write job is told: which UUs, which hypotheses are there already, how much is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from bsm_core.config import StudyConfig, TeacherConfig
from bsm_core.domain.arms import Model
from bsm_core.domain.authoring import WriteOrder
from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import NothingToDoError
from bsm_core.ports import SampleFilter, Store
from bsm_core.workflow import specs
from bsm_core.workflow.specs import SampleRequest

TEMPLATES = ("abstraction", "abstraction_natural", "extrapolation", "generation")
"""The prompt templates that a write job fills."""

_HYPOTHESES, _UNKNOWNS = TypeAdapter(list[Hypothesis]), TypeAdapter(list[UnknownUnknown])
_REQUESTS = TypeAdapter(list[SampleRequest])


@dataclass(frozen=True, slots=True)
class Room:
    """How much the budget has left for the language model: 1% of the training set for each kind (3.1), less what it
    has written that was not rejected, by a gate or by a human."""

    abstractions: int
    extrapolations: int
    allowed_abstractions: int
    allowed_extrapolations: int
    unknowns: int
    """UUs that there are to write about."""
    lacking: int
    """Its hypotheses without a sample that passes."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the language model has written so far. ``usable``: samples of each hypothesis that were not rejected."""

    hypotheses: tuple[Hypothesis, ...]
    usable: Counter[str]

    def of_kind(self, kind: HypothesisKind) -> list[Hypothesis]:
        return [one for one in self.hypotheses if one.kind is kind]

    def filled(self, kind: HypothesisKind, samples_each: int) -> int:
        """Places of the budget that are taken: samples, or hypotheses that are to get theirs."""
        return sum(max(samples_each, self.usable[one.hypothesis_id]) for one in self.of_kind(kind))


def standing(store: Store, study_id: str) -> Standing:
    own = tuple(one for one in store.hypotheses.all(study_id) if one.agent is Agent.LM)
    marks = store.samples.marks(study_id, SampleFilter(agent=Agent.LM))
    usable = Counter(
        mark.hypothesis_id
        for mark in marks
        if mark.status is not DecisionKind.REJECTED
        and (mark.passed is not False or mark.status is DecisionKind.APPROVED)
    )
    return Standing(own, usable)


def room(store: Store, study_id: str, unknowns: int, samples_each: int = 1) -> Room:
    budget, now = store.samples.budget(study_id, Agent.LM), standing(store, study_id)
    each = max(1, samples_each)
    allowed = {
        HypothesisKind.ABSTRACTION: budget.allowed_abstraction,
        HypothesisKind.EXTRAPOLATION: budget.allowed_extrapolation,
    }
    left = {kind: max(0, size - now.filled(kind, each)) // each for kind, size in allowed.items()}
    return Room(
        abstractions=left[HypothesisKind.ABSTRACTION],
        extrapolations=left[HypothesisKind.EXTRAPOLATION],
        allowed_abstractions=budget.allowed_abstraction,
        allowed_extrapolations=budget.allowed_extrapolation,
        unknowns=unknowns,
        lacking=sum(now.usable[one.hypothesis_id] == 0 for one in now.hypotheses),
    )


def write_job(
    store: Store,
    study: Study,
    config: StudyConfig,
    model: Model,
    model_path: Path,
    teacher: TeacherConfig,
    order: WriteOrder,
    groups: Sequence[Sequence[UnknownUnknown]],
    templates: dict[str, str],
) -> specs.Job:
    """``groups`` are the UUs to write about, the most telling first: more than ``order.abstractions``, since some
    answers are unusable. ``templates`` holds the prompt templates' files.

    Raises NothingToDoError when there is nothing to write about, or no room in the budget.
    """
    now = standing(store, study.study_id)
    behind = {item.item_id: item for item in _sources(store, model, now.hypotheses)}
    lacking = _lacking(now, behind, order.samples_each)
    if not (order.abstractions or order.extrapolations or lacking):
        raise NothingToDoError("nothing is missing: the language model's budget is full (1% of training each, 3.1)")
    if order.abstractions and not groups:
        raise NothingToDoError("there are no UUs to write about; attack more texts on the Discover page, or lower tau")
    params = specs.gate_params(study, config, model, model_path, None) | {
        "order": asdict(order),
        "teacher": teacher.to_dict(),
        "templates": templates,
        "groups": [_UNKNOWNS.dump_python(list(group), mode="json") for group in groups],
        "own": _HYPOTHESES.dump_python(list(now.hypotheses), mode="json"),
        "behind": _UNKNOWNS.dump_python(list(behind.values()), mode="json"),
        "lacking": _REQUESTS.dump_python(lacking, mode="json"),
    }
    count = order.abstractions + order.extrapolations
    noun = "hypothesis" if count == 1 else "hypotheses"
    title = f"Language model: {count:,} {noun} and their samples" if count else "Language model: missing samples"
    tables = specs.gate_tables(store, study, set())
    return specs.new_job(study, JobKind.WRITE, title, config.seed, params, **tables)


def _lacking(now: Standing, behind: dict[str, UnknownUnknown], each: int) -> list[SampleRequest]:
    by_id = {one.hypothesis_id: one for one in now.hypotheses}
    requests = []
    for one in now.hypotheses:
        missing = each - now.usable[one.hypothesis_id]
        if missing > 0:
            requests.append(request_for(one, by_id.get(one.parent_hypothesis_id or ""), behind, missing))
    return requests


def request_for(
    hypothesis: Hypothesis, parent: Hypothesis | None, behind: dict[str, UnknownUnknown], count: int
) -> SampleRequest:
    """An extrapolation without UUs of its own shows those of the abstraction it starts from."""
    ids = hypothesis.source_item_ids or (parent.source_item_ids if parent else ())
    sources = tuple(behind[item_id] for item_id in ids if item_id in behind)
    return SampleRequest(hypothesis, parent.text if parent else None, sources, count)


def _sources(store: Store, model: Model, hypotheses: Sequence[Hypothesis]) -> list[UnknownUnknown]:
    ids = dict.fromkeys(item_id for one in hypotheses for item_id in one.source_item_ids)
    return [store.unknowns.get(model.model_id, item_id) for item_id in ids]
