"""The teacher writes samples for hypotheses, and the gates look at them: one job (2.3, 3.3)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from bsm_core.config import GateConfig, TeacherConfig
from bsm_core.domain.jobs import JobSpec
from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.tasks import Task, Text
from bsm_core.domain.teaching import TeacherCall
from bsm_core.errors import TeacherAnswerError
from bsm_core.ports import JobContext, JobResult, Teacher
from bsm_core.workflow.best_of import best_of
from bsm_core.workflow.gate import LoadClassifier, SimilarityFor, gated_result
from bsm_core.workflow.sample_stream import Outcome, SampleStream
from bsm_core.workflow.side_by_side import side_by_side
from bsm_core.workflow.specs import SampleRequest, new_id
from bsm_core.workflow.templates import LoadTemplate
from bsm_core.workflow.writers import RuleWriter, Slot, TeacherWriter, Writer, Written, planned_slots, sample_agent

PHASE = "writing samples"
AT_ONCE = 4
"""Requests to the teacher under way together; the embedded server has as many places."""

TeacherFor = Callable[[TeacherConfig, Callable[[TeacherCall], None]], Teacher]
_REQUESTS, _TASK = TypeAdapter(list[SampleRequest]), TypeAdapter(Task)


@dataclass(frozen=True, slots=True)
class _Work:
    """What the writing threads share."""

    spec: JobSpec
    context: JobContext
    writer: Writer
    embedded: bool
    requests: Sequence[SampleRequest]
    stream: SampleStream
    total: int


def synthesize(
    spec: JobSpec,
    context: JobContext,
    *,
    teacher_for: TeacherFor,
    load_classifier: LoadClassifier,
    similarity_for: SimilarityFor,
    load: LoadTemplate | None = None,
) -> JobResult:
    """Job handler of kind SYNTHESIZE: writes the samples asked for, gates them, and asks the baseline about them.

    Samples and calls are streamed to ``partial/``; a killed job goes on behind them, to the same texts. An unusable
    answer is logged and stays in its call's record; it never becomes a sample. A refused key, an unreachable endpoint
    or a rate limit ends the job, which can be resumed. The result may hold no sample at all, but always the calls.
    """
    params: dict[str, Any] = spec.params
    task, requests = _TASK.validate_python(params["task"]), _REQUESTS.validate_python(params["requests"])
    stream = SampleStream(context.partial)
    teacher = teacher_for(TeacherConfig.from_dict(params["teacher"]), stream.add_call)
    try:
        writer: Writer = TeacherWriter(task, teacher, spec.study_id, spec.seed, load)
        if teacher.is_embedded:
            gates = GateConfig.from_dict(params["gates"])
            writer = RuleWriter(task, teacher, spec.study_id, spec.seed, gates)
        slots = planned_slots(task, requests, teacher.is_embedded, spec.seed)
        work = _Work(spec, context, writer, teacher.is_embedded, requests, stream, len(slots))
        _write_all(work, slots)
    finally:
        stream.close()
        teacher.close()
    outcomes = [stream.outcomes[slot.request, slot.number] for slot in slots]
    choices = [(outcome.sample, *outcome.others) for outcome in outcomes if outcome.sample is not None]
    samples = [sample for some in choices for sample in some]
    context.log(f"{len(choices):,} of {len(slots):,} samples written, in {len(stream.calls):,} calls of the teacher")
    if len(samples) > len(choices):
        context.log(f"the gates choose among {len(samples):,} texts")
    if not samples:
        return JobResult(job_id=spec.job_id, calls=tuple(stream.calls))
    ids, written = [sample.sample_id for sample in samples], [sample.text for sample in samples]
    behind = {one.hypothesis.hypothesis_id: [source.text for source in one.sources] for one in requests}
    sources = [behind[sample.hypothesis_id] for sample in samples]
    gated = gated_result(spec, context, ids, written, sources, load_classifier, similarity_for)
    return replace(best_of(choices, gated), calls=tuple(stream.calls))


def _write_all(work: _Work, slots: Sequence[Slot]) -> None:
    """Every slot that is not done yet, AT_ONCE at a time. The embedded model's samples know nothing of each other; a
    real teacher is shown what it wrote for the hypothesis so far, so its slots of one request follow each other."""
    done = len(work.stream.outcomes)
    if done:
        work.context.log(f"{done:,} of {len(slots):,} samples were written before; going on")
    work.context.progress(PHASE, done, len(slots))
    missing = [slot for slot in slots if (slot.request, slot.number) not in work.stream.outcomes]
    groups = [[slot] for slot in missing] if work.embedded else _by_request(missing)

    def write(group: list[Slot], stop: threading.Event) -> None:
        for slot in group:
            if stop.is_set():
                return
            _write_one(work, slot)

    side_by_side(work.context, groups, write, at_once=AT_ONCE)


def _write_one(work: _Work, slot: Slot) -> None:
    request = work.requests[slot.request]
    samples: list[SyntheticSample] = []
    failure = ""
    try:
        samples = [_sample(work, request, one) for one in work.writer.write(request, slot, _previous(work, slot))]
    except TeacherAnswerError as error:
        failure = str(error)
        work.context.log(f"no sample for {_short(request.hypothesis.text)}: {failure}")
    first = samples[0] if samples else None
    done = work.stream.add(Outcome(slot.request, slot.number, first, failure, tuple(samples[1:])))
    work.context.progress(PHASE, done, work.total)


def _previous(work: _Work, slot: Slot) -> list[Text]:
    """The texts already written for the same hypothesis. None for the embedded model, whose threads would find
    different ones in every run."""
    if work.embedded:
        return []
    outcomes = (work.stream.outcomes.get((slot.request, number)) for number in range(slot.number))
    return [outcome.sample.text for outcome in outcomes if outcome is not None and outcome.sample is not None]


def _sample(work: _Work, request: SampleRequest, written: Written) -> SyntheticSample:
    return SyntheticSample(
        sample_id=new_id("s"),
        study_id=work.spec.study_id,
        hypothesis_id=request.hypothesis.hypothesis_id,
        text=written.text,
        label=written.label,
        agent=sample_agent(request.hypothesis.agent, work.embedded),
        reasoning=written.reasoning,
        call_id=written.call_id,
        revises_id=None,
        created_at=datetime.now(UTC),
    )


def _by_request(slots: Sequence[Slot]) -> list[list[Slot]]:
    groups: dict[int, list[Slot]] = {}
    for slot in slots:
        groups.setdefault(slot.request, []).append(slot)
    return list(groups.values())


def _short(text: str, limit: int = 80) -> str:
    line = " ".join(text.split())
    return f"{line!r}" if len(line) <= limit else f"{line[: limit - 1]!r}…"
