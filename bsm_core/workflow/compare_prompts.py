"""Two versions of a prompt on the same UUs: how many answers are usable, and what they say."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from bsm_core.config import TeacherConfig
from bsm_core.domain.authoring import WriteOrder
from bsm_core.domain.hypotheses import Hypothesis, HypothesisKind
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Task
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import NothingToDoError, TeacherError
from bsm_core.ports import JobContext, JobResult
from bsm_core.workflow.answer_cache import AnswerCache
from bsm_core.workflow.asking import Asker
from bsm_core.workflow.conversation import Conversation, OpenTeacher
from bsm_core.workflow.orders import request_for
from bsm_core.workflow.parsing import parse_hypothesis, parse_label, parse_sample
from bsm_core.workflow.prompt_library import TemplateVersion
from bsm_core.workflow.prompts import blind_label_prompt, generation_prompt, hypothesis_prompt
from bsm_core.workflow.specs import Job, new_job
from bsm_core.workflow.templates import LoadTemplate, read_template

COMPARISON_EVENT = "prompt-comparison"
PURPOSE = "prompt-comparison"
COMPARABLE = ("abstraction", "abstraction_natural", "extrapolation", "generation", "label_blind")
_TASK, _UNKNOWN, _HYPOTHESIS = TypeAdapter(Task), TypeAdapter(UnknownUnknown), TypeAdapter(Hypothesis)


@dataclass(frozen=True, slots=True)
class Case:
    """What one question is about: a UU, and for extrapolation and generation a hypothesis that rests on it."""

    unknown: UnknownUnknown
    hypothesis: Hypothesis | None


def prompt_for(name: str, task: Task, case: Case, seed: int, load: LoadTemplate) -> Prompt:
    """The template ``name`` filled with the case. Raises NothingToDoError when it needs a hypothesis and has none, or
    when the case is of the wrong kind (natural or perturbed)."""
    if name == "label_blind":
        return blind_label_prompt(task, case.unknown.text, load)
    if name in ("abstraction", "abstraction_natural"):
        if (case.unknown.perturbed_text is None) is not (name == "abstraction_natural"):
            raise NothingToDoError(f"the template {name!r} is for the other kind of UU; choose another text")
        return hypothesis_prompt(task, HypothesisKind.ABSTRACTION, [case.unknown], None, [], seed, load)
    if case.hypothesis is None:
        raise NothingToDoError(f"the template {name!r} starts from a hypothesis; write one first")
    if name == "extrapolation":
        return hypothesis_prompt(task, HypothesisKind.EXTRAPOLATION, (), case.hypothesis, [], seed, load)
    request = request_for(case.hypothesis, None, {case.unknown.item_id: case.unknown}, 1)
    return generation_prompt(task, case.hypothesis, None, request.sources or (case.unknown,), [], seed, load)


def compare_job(
    study: Study,
    teacher: TeacherConfig,
    versions: tuple[TemplateVersion, TemplateVersion],
    cases: Sequence[Case],
    cap_usd: float | None,
    cap_tokens: int | None,
    seed: int,
) -> Job:
    """Raises TeacherError for the embedded model, NothingToDoError without cases."""
    if teacher.is_embedded:
        raise TeacherError(
            "the embedded model cannot follow these prompts; set a teacher endpoint on the Settings page"
        )
    if not cases:
        raise NothingToDoError("there is nothing to ask about; find UUs, or write hypotheses first")
    params: dict[str, object] = {
        "task": _TASK.dump_python(study.task, mode="json"),
        "teacher": teacher.to_dict(),
        "template": versions[0].name,
        "versions": [{"key": one.key, "content": one.content} for one in versions],
        "cases": [
            {
                "unknown": _UNKNOWN.dump_python(one.unknown, mode="json"),
                "hypothesis": one.hypothesis and _HYPOTHESIS.dump_python(one.hypothesis, mode="json"),
            }
            for one in cases
        ],
        "cap_usd": cap_usd,
        "cap_tokens": cap_tokens,
        "plan_id": None,
    }
    title = f"Compare prompts: {versions[0].name}, {versions[0].key} and {versions[1].key}"
    return new_job(study, JobKind.COMPARE_PROMPTS, title, seed, params)


def compare_prompts(spec: JobSpec, context: JobContext, *, open_teacher: OpenTeacher, cache: AnswerCache) -> JobResult:
    """Job handler of kind COMPARE_PROMPTS: an event with every answer, side by side. Ends and resumes as WRITE does."""
    params: dict[str, Any] = spec.params
    task, name = _TASK.validate_python(params["task"]), params["template"]
    order = WriteOrder(0, 0, cap_usd=params["cap_usd"], cap_tokens=params["cap_tokens"])
    cases = [
        Case(
            _UNKNOWN.validate_python(one["unknown"]),
            one["hypothesis"] and _HYPOTHESIS.validate_python(one["hypothesis"]),
        )
        for one in params["cases"]
    ]
    sides = []
    with Conversation(
        context, TeacherConfig.from_dict(params["teacher"]), order, open_teacher, cache, order.at_once
    ) as talk:
        asker = Asker(talk.teacher, spec.study_id, order.at_once, context)
        for version in params["versions"]:
            template = read_template(version["content"].encode(), version["key"])
            seeds = [random.Random(f"{spec.seed}/{place}").randrange(2**31) for place in range(len(cases))]
            prompts = [
                prompt_for(name, task, case, seed, {name: template}.__getitem__)
                for case, seed in zip(cases, seeds, strict=True)
            ]
            answers = asker.ask(prompts, PURPOSE, lambda call: _told(name, call, task), f"version {version['key']}")
            sides.append(
                {
                    "key": version["key"],
                    "usable": sum(answer.value is not None for answer in answers),
                    "asked": sum(answer.was_asked for answer in answers),
                    "answers": [answer.value or f"(no usable answer: {answer.failure})" for answer in answers],
                }
            )
    told = {
        "template": name,
        "texts": [" / ".join(case.unknown.text) for case in cases],
        "sides": sides,
        "stopped": asker.stopped,
        "model": params["teacher"]["model"],
    }
    return JobResult(job_id=spec.job_id, calls=tuple(talk.calls), events=((COMPARISON_EVENT, told),))


def _told(name: str, call: TeacherCall, task: Task) -> str:
    """What the answer says, in one line. Raises TeacherAnswerError when it cannot be used."""
    if name == "generation":
        text, label, _ = parse_sample(call.answer, task)
        return f"[{task.label_names[label]}] {' / '.join(text)}"
    if name == "label_blind":
        label, reasoning = parse_label(call.answer, task)
        return f"[{task.label_names[label]}] {reasoning}"
    return parse_hypothesis(call.answer)[0]
