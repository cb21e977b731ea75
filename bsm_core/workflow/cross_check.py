"""A second opinion on labels: a language model labels each sample blind; where it differs, that is told (3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from bsm_core.config import TeacherConfig
from bsm_core.domain.authoring import WriteOrder
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import Check, CheckName, SyntheticSample
from bsm_core.domain.tasks import Task
from bsm_core.errors import NothingToDoError, TeacherError
from bsm_core.ports import JobContext, JobResult
from bsm_core.workflow.answer_cache import AnswerCache
from bsm_core.workflow.asking import Asker
from bsm_core.workflow.conversation import Conversation, OpenTeacher
from bsm_core.workflow.parsing import parse_label
from bsm_core.workflow.prompts import blind_label_prompt
from bsm_core.workflow.specs import Job, new_job
from bsm_core.workflow.tables import text_table, texts
from bsm_core.workflow.templates import read_template

TEMPLATE = "label_blind"
PURPOSE = "cross-check"
_TASK = TypeAdapter(Task)


def cross_check_job(
    study: Study, teacher: TeacherConfig, samples: Sequence[SyntheticSample], template: str, at_once: int, seed: int
) -> Job:
    """``template`` is the prompt template's file. Raises TeacherError for the embedded model, and NothingToDoError
    without samples."""
    if teacher.is_embedded:
        raise TeacherError(
            "the embedded model is too small to label texts; set a teacher endpoint on the Settings page"
        )
    if not samples:
        raise NothingToDoError("every sample has been cross-checked by this model already")
    table = text_table([one.text for one in samples])
    table = table.append_column("sample_id", pa.array([one.sample_id for one in samples], pa.string()))
    table = table.append_column("label", pa.array([one.label for one in samples], pa.int64()))
    params: dict[str, object] = {
        "task": _TASK.dump_python(study.task, mode="json"),
        "teacher": teacher.to_dict(),
        "template": template,
        "at_once": at_once,
        "plan_id": None,
    }
    noun = "sample" if len(samples) == 1 else "samples"
    title = f"Cross-check {len(samples):,} {noun} by {teacher.model}"
    return new_job(study, JobKind.CROSS_CHECK, title, seed, params, samples=table)


def cross_check(spec: JobSpec, context: JobContext, *, open_teacher: OpenTeacher, cache: AnswerCache) -> JobResult:
    """Job handler of kind CROSS_CHECK: one advisory check LABEL for each sample that the model could label.

    The check fails where the labels differ; it changes no label and rejects nothing. Ends and resumes as WRITE does.
    """
    params: dict[str, Any] = spec.params
    task, config = _TASK.validate_python(params["task"]), TeacherConfig.from_dict(params["teacher"])
    template = read_template(params["template"].encode(), TEMPLATE)
    table = pq.read_table(context.inputs / "samples.parquet")
    prompts = [blind_label_prompt(task, text, lambda _: template) for text in texts(table)]
    with Conversation(context, config, WriteOrder(0, 0), open_teacher, cache, params["at_once"]) as talk:
        asker = Asker(talk.teacher, spec.study_id, params["at_once"], context)
        answers = asker.ask(prompts, PURPOSE, lambda call: parse_label(call.answer, task), "labelling blind")
    checks = []
    for sample_id, own, answer in zip(table["sample_id"].to_pylist(), table["label"].to_pylist(), answers, strict=True):
        if answer.value is not None:
            label, reasoning = answer.value
            checks.append(_check(sample_id, own, label, reasoning, task, config.model))
    differing = sum(not check.passed for check in checks)
    context.log(f"{len(checks):,} of {len(prompts):,} samples labelled blind; {differing:,} labels differ")
    return JobResult(job_id=spec.job_id, checks=tuple(checks), calls=tuple(talk.calls))


def _check(sample_id: str, own: int, label: int, reasoning: str, task: Task, model: str) -> Check:
    """``value`` is the blind label's number."""
    names = task.label_names
    verdict = (
        f"{model} says {names[label]}, blind"
        if label == own
        else (f"{model} says {names[label]}, blind; the sample's label is {names[own]}")
    )
    reason = f"{verdict}. {reasoning}".strip()
    return Check(sample_id, CheckName.LABEL, label == own, float(label), None, reason, datetime.now(UTC), advisory=True)
