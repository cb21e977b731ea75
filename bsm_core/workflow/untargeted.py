"""Texts for the control UNTARGETED: the same teacher, the same gates and the same number, but no hypothesis."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bsm_core.config import StudyConfig, TeacherConfig
from bsm_core.domain.arms import Model
from bsm_core.domain.experiments import UntargetedText
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Task, Text
from bsm_core.errors import NothingToDoError, TeacherAnswerError
from bsm_core.ports import JobContext, JobResult, Store, Teacher
from bsm_core.workflow import prompts
from bsm_core.workflow.gate import LoadClassifier, SimilarityFor, gated_result
from bsm_core.workflow.parsing import parse_sample
from bsm_core.workflow.plain_sentences import PURPOSE, PlainWriter
from bsm_core.workflow.side_by_side import side_by_side
from bsm_core.workflow.specs import Job, gate_params, gate_tables, new_id, new_job
from bsm_core.workflow.streams import RecordStream, call_stream
from bsm_core.workflow.synthesize import AT_ONCE, PHASE, TeacherFor

TRIES = 6
_TEXT, _TASK = TypeAdapter(UntargetedText), TypeAdapter(Task)

Write = Callable[[int, random.Random, Sequence[Text]], tuple[Text, str]]
"""(label, random state, texts so far) to (text, call id)."""


def untargeted_job(
    store: Store, study: Study, config: StudyConfig, model: Model, path: Path, teacher: TeacherConfig, count: int
) -> Job:
    """Have ``teacher`` write ``count`` labelled texts, knowing of no UU. Raises NothingToDoError for none."""
    if count < 1:
        raise NothingToDoError("there are enough untargeted texts for the budget; nothing is to be written")
    params = gate_params(study, config, model, path, None) | {"count": count, "teacher": teacher.to_dict()}
    known = {one.text for one in store.experiments.untargeted(study.study_id)}
    tables = gate_tables(store, study, set())
    title = f"Write {count:,} untargeted texts"
    seed = config.seed + len(known)  # else a second job would write the first one's texts again
    return new_job(study, JobKind.UNTARGETED, title, seed, params, **tables)


def write_untargeted(
    spec: JobSpec,
    context: JobContext,
    *,
    teacher_for: TeacherFor,
    load_classifier: LoadClassifier,
    similarity_for: SimilarityFor,
) -> JobResult:
    """Job handler of kind UNTARGETED: as many texts of each label, and of them those that pass every gate.

    Texts and calls are streamed to ``partial/``; a killed job goes on behind them.
    """
    params: dict[str, Any] = spec.params
    task = _TASK.validate_python(params["task"])
    calls = call_stream(context.partial)
    stream = RecordStream(context.partial / "texts.jsonl", _TEXT)
    teacher = teacher_for(TeacherConfig.from_dict(params["teacher"]), calls.add)
    try:
        write = _writer(task, teacher, spec.study_id)
        places = range(len(stream.records), params["count"])
        context.progress(PHASE, len(stream.records), params["count"])

        def one(place: int, stop: threading.Event) -> None:
            if stop.is_set():
                return
            label = place % len(task.label_names)
            # The embedded model's threads would find different texts in every run.
            before = [] if teacher.is_embedded else [record.text for record in stream.records]
            for attempt in range(TRIES):
                try:
                    text, call_id = write(label, random.Random(f"{spec.seed}/untargeted/{place}/{attempt}"), before)
                except TeacherAnswerError as error:
                    context.log(f"no text: {error}")
                    continue
                stream.add(UntargetedText(new_id("u"), spec.study_id, text, label, call_id, datetime.now(UTC)))
                break
            context.progress(PHASE, len(stream.records), params["count"])

        side_by_side(context, places, one, at_once=AT_ONCE)
    finally:
        stream.close()
        calls.close()
        teacher.close()
    kept, shown = _gated(spec, context, stream.records, load_classifier, similarity_for)
    context.log(f"{len(kept):,} of {len(stream.records):,} untargeted texts pass every gate")
    return JobResult(job_id=spec.job_id, untargeted=tuple(kept), calls=tuple(calls.records), events=shown)


def _gated(
    spec: JobSpec,
    context: JobContext,
    texts: Sequence[UntargetedText],
    load_classifier: LoadClassifier,
    similarity_for: SimilarityFor,
) -> tuple[list[UntargetedText], tuple[tuple[str, dict[str, object]], ...]]:
    if not texts:
        return [], ()
    ids = [one.text_id for one in texts]
    found = gated_result(
        spec, context, ids, [one.text for one in texts], [[] for _ in texts], load_classifier, similarity_for
    )
    failed = {check.sample_id for check in found.checks if not check.passed and not check.advisory}
    return [one for one in texts if one.text_id not in failed], found.events


def _writer(task: Task, teacher: Teacher, study_id: str) -> Write:
    if teacher.is_embedded:
        plain = PlainWriter(task, teacher, study_id)

        def sentence(label: int, drawn: random.Random, _: Sequence[Text]) -> tuple[Text, str]:
            found = plain.write(None, label, drawn)
            return (found.text,), found.call_id

        return sentence

    def sample(label: int, drawn: random.Random, before: Sequence[Text]) -> tuple[Text, str]:
        call = teacher.ask(prompts.untargeted_prompt(task, label, before, drawn.randrange(2**31)), PURPOSE, study_id)
        text, given, _ = parse_sample(call.answer, task)
        if given != label:
            raise TeacherAnswerError(
                f"asked for {task.label_names[label]!r}, the teacher wrote a text of {task.label_names[given]!r}"
            )
        return text, call.call_id

    return sample
