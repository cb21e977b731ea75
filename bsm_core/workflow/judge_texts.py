"""The teacher judges labels: one job, one question a text (condition 3)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from bsm_core.config import TeacherConfig
from bsm_core.domain.foils import FoilJudgement, FoilKind, Question
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Task
from bsm_core.domain.teaching import TeacherCall
from bsm_core.domain.unknowns import Judgement
from bsm_core.errors import NothingToDoError, TeacherAnswerError, TeacherError
from bsm_core.ports import JobContext, JobResult, QuestionText, Teacher
from bsm_core.workflow.judge import parse_verdict
from bsm_core.workflow.judge_stream import Answer, JudgeStream
from bsm_core.workflow.prompts import label_check_prompt
from bsm_core.workflow.side_by_side import side_by_side
from bsm_core.workflow.specs import Job, new_job
from bsm_core.workflow.tables import text_table, texts
from bsm_core.workflow.templates import LoadTemplate

PHASE = "judging labels"
UNUSABLE_EVENT = "judge-unusable"
"""The texts on which a job's teacher gave no verdict, and why."""
AT_ONCE = 4
"""Requests to the teacher under way together."""
_GRACE = 2.0
"""Seconds for answers under way when the job stops: they were paid for."""

TeacherFor = Callable[[TeacherConfig, Callable[[TeacherCall], None]], Teacher]
_TASK = TypeAdapter(Task)


def judge_job(study: Study, teacher: TeacherConfig, asked: Sequence[QuestionText], seed: int) -> Job:
    """Raises TeacherError for the embedded teacher, which cannot judge, and NothingToDoError without texts."""
    if teacher.is_embedded:
        raise TeacherError(
            "the embedded model is too small to judge labels; set a teacher endpoint on the Settings page"
        )
    if not asked:
        raise NothingToDoError("this teacher has judged all of these texts already")
    table = text_table([one.text for one in asked])
    table = table.append_column("item_id", pa.array([one.question.item_id for one in asked], pa.string()))
    table = table.append_column("foil", pa.array([one.question.foil for one in asked], pa.string()))
    table = table.append_column("label", pa.array([one.label for one in asked], pa.int64()))
    params: dict[str, object] = {
        "task": _TASK.dump_python(study.task, mode="json"),
        "teacher": teacher.to_dict(),
        "plan_id": None,
    }
    noun = "label" if len(asked) == 1 else "labels"
    return new_job(study, JobKind.JUDGE, f"Judge {len(asked):,} {noun}", seed, params, texts=table)


def judge_texts(
    spec: JobSpec, context: JobContext, *, teacher_for: TeacherFor, load: LoadTemplate | None = None
) -> JobResult:
    """Job handler of kind JUDGE: the teacher's verdict on each text of ``texts.parquet``, and every call.

    Answers and calls are streamed to ``partial/``; a stopped job goes on behind them. An answer that is no verdict is
    logged, stays in its call's record and is told in an event; the job goes on. A refused key, an unreachable endpoint
    or a rate limit ends the job, which can be resumed.
    """
    params: dict[str, Any] = spec.params
    task, config = _TASK.validate_python(params["task"]), TeacherConfig.from_dict(params["teacher"])
    asked = _asked(pq.read_table(context.inputs / "texts.parquet"))
    stream = JudgeStream(context.partial)
    teacher = teacher_for(config, stream.add_call)
    try:
        _ask_all(spec, context, task, teacher, asked, stream, load)
    finally:
        stream.close()
        teacher.close()
    given = stream.answers
    answers = [given[one.question] for one in asked]
    unusable = {one.question.item_id: one.failure for one in answers if one.verdict is None}
    context.log(f"{len(asked) - len(unusable):,} of {len(asked):,} labels judged, {len(unusable):,} without a verdict")
    told: dict[str, object] = {"agent": lm_agent(config), "items": unusable}
    return JobResult(
        job_id=spec.job_id,
        judgements=_judgements(spec, config, answers),
        foil_judgements=_foil_judgements(spec, config, answers),
        calls=tuple(stream.calls),
        events=((UNUSABLE_EVENT, told),) if unusable else (),
    )


def lm_agent(teacher: TeacherConfig) -> str:
    """``lm:<model>``: the judge's name in the ledger."""
    return f"lm:{teacher.model}"


def _ask_all(
    spec: JobSpec,
    context: JobContext,
    task: Task,
    teacher: Teacher,
    asked: Sequence[QuestionText],
    stream: JudgeStream,
    load: LoadTemplate | None,
) -> None:
    given = stream.answers
    missing = [one for one in asked if one.question not in given]
    if len(missing) < len(asked):
        context.log(f"{len(asked) - len(missing):,} of {len(asked):,} labels were judged before; going on")
    context.progress(PHASE, len(asked) - len(missing), len(asked))

    def ask(one: QuestionText, stop: threading.Event) -> None:
        if stop.is_set():
            return
        verdict, failure = None, ""
        try:
            call = teacher.ask(label_check_prompt(task, one.text, one.label, load), "judge", spec.study_id)
            verdict = parse_verdict(call.answer)
        except TeacherAnswerError as error:
            failure = str(error)
        done = stream.add(Answer(one.question, verdict, failure, datetime.now(UTC)))
        if stop.is_set():
            return  # the job is over, and its log closed
        if failure:
            context.log(f"no verdict on {one.question.item_id}: {failure}")
        context.progress(PHASE, done, len(asked))

    side_by_side(context, missing, ask, at_once=AT_ONCE, grace=_GRACE)


def _asked(table: pa.Table) -> list[QuestionText]:
    return [
        QuestionText(Question(item_id, None if foil is None else FoilKind(foil)), text, label)
        for item_id, foil, text, label in zip(
            table["item_id"].to_pylist(),
            table["foil"].to_pylist(),
            texts(table),
            table["label"].to_pylist(),
            strict=True,
        )
    ]


def _judgements(spec: JobSpec, config: TeacherConfig, answers: Sequence[Answer]) -> tuple[Judgement, ...]:
    return tuple(
        Judgement(spec.study_id, one.question.item_id, one.verdict, lm_agent(config), one.created_at)
        for one in answers
        if one.verdict is not None and one.question.foil is None
    )


def _foil_judgements(spec: JobSpec, config: TeacherConfig, answers: Sequence[Answer]) -> tuple[FoilJudgement, ...]:
    return tuple(
        FoilJudgement(
            spec.study_id, one.question.item_id, one.question.foil, one.verdict, lm_agent(config), one.created_at
        )
        for one in answers
        if one.verdict is not None and one.question.foil is not None
    )
