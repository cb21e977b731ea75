"""The language model writes at scale: abstractions, extrapolations, samples, within a budget and a cap (2.2, 2.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import pyarrow.parquet as pq
from pydantic import TypeAdapter

from bsm_core.config import TeacherConfig
from bsm_core.domain.authoring import WriteOrder
from bsm_core.domain.hypotheses import Hypothesis, HypothesisKind
from bsm_core.domain.jobs import JobSpec
from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.tasks import Task
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.ports import JobContext, JobResult, Similarity, SimilarityScale
from bsm_core.workflow.answer_cache import AnswerCache
from bsm_core.workflow.asking import Asker
from bsm_core.workflow.conversation import Conversation, OpenBatch, OpenTeacher
from bsm_core.workflow.gate import LoadClassifier, SimilarityFor, gated_result
from bsm_core.workflow.nearness import Compass, LoadEmbedder
from bsm_core.workflow.orders import request_for
from bsm_core.workflow.specs import SampleRequest
from bsm_core.workflow.streams import RecordStream
from bsm_core.workflow.tables import texts
from bsm_core.workflow.templates import read_template
from bsm_core.workflow.write_hypotheses import Desk, write_hypotheses
from bsm_core.workflow.write_samples import Samples, write_samples

WRITE_EVENT = "write"
"""How a write job went: what was spent, and why it stopped before the budget was full, if it did."""
LIVE_HYPOTHESES, LIVE_SAMPLES = "hypotheses.jsonl", "samples.jsonl"
"""In ``partial/``: what the job has so far, for the page to show."""

HYPOTHESIS, SAMPLE = TypeAdapter(Hypothesis), TypeAdapter(SyntheticSample)
_TASK, _ORDER, _UNKNOWNS = TypeAdapter(Task), TypeAdapter(WriteOrder), TypeAdapter(list[UnknownUnknown])
_REQUESTS = TypeAdapter(list[SampleRequest])
Made = TypeVar("Made")


def write(
    spec: JobSpec,
    context: JobContext,
    *,
    open_teacher: OpenTeacher,
    cache: AnswerCache,
    load_classifier: LoadClassifier,
    similarity_for: SimilarityFor,
    load_embedder: LoadEmbedder | None,
    open_batch: OpenBatch | None = None,
) -> JobResult:
    """Job handler of kind WRITE.

    Every answer goes into ``cache``, and every run of the job asks the same questions in the same order of rounds: a
    resumed job gets back what was answered before, and asks only what was not. A used-up cap ends the job as finished,
    with what there is. A refused key, a used-up quota or an endpoint that keeps failing ends it as failed; it can be
    resumed.
    """
    params: dict[str, Any] = spec.params
    order, config = _ORDER.validate_python(params["order"]), TeacherConfig.from_dict(params["teacher"])
    batch = open_batch if order.batch else None
    with Conversation(context, config, order, open_teacher, cache, order.at_once, batch) as talk:
        templates = {name: read_template(text.encode(), name) for name, text in params["templates"].items()}
        desk = Desk(
            spec=spec,
            context=context,
            task=_TASK.validate_python(params["task"]),
            order=order,
            load=templates.__getitem__,
            asker=Asker(talk.teacher, spec.study_id, order.at_once, context, talk.ahead),
            compass=Compass(load_embedder),
            live=_fresh(context.partial / LIVE_HYPOTHESES, HYPOTHESIS),
            made=[HYPOTHESIS.validate_python(one) for one in params["own"]],
        )
        groups = [_UNKNOWNS.validate_python(group) for group in params["groups"]]
        write_hypotheses(desk, HypothesisKind.ABSTRACTION, order.abstractions, groups)
        write_hypotheses(desk, HypothesisKind.EXTRAPOLATION, order.extrapolations, ())
        requests = _requests(desk, _REQUESTS.validate_python(params["lacking"]), groups, params["behind"])
        gates = _gates(spec, context, requests, load_classifier, similarity_for)
        existing = texts(pq.read_table(context.inputs / "existing.parquet"))
        samples = Samples(existing, gates, _fresh(context.partial / LIVE_SAMPLES, SAMPLE))
        write_samples(desk, requests, samples)
    told = {**asdict(talk.purse.spent), "stopped": desk.asker.stopped}
    context.log(_summary(desk, samples, told))
    return JobResult(
        job_id=spec.job_id,
        hypotheses=tuple(desk.new),
        nearness=tuple(desk.nearness),
        rejected=tuple(desk.rejected),
        samples=tuple(samples.made),
        checks=tuple(check for result in samples.results for check in result.checks),
        predictions=tuple(one for result in samples.results for one in result.predictions),
        calls=tuple(talk.calls),
        events=(*(event for result in samples.results[-1:] for event in result.events), (WRITE_EVENT, told)),
    )


def _fresh(path: Path, adapter: TypeAdapter[Any]) -> RecordStream[Any]:
    """A stream that begins anew: a resumed job comes to the same records again."""
    path.unlink(missing_ok=True)
    return RecordStream(path, adapter)


def _requests(
    desk: Desk, lacking: Sequence[SampleRequest], groups: Sequence[Sequence[UnknownUnknown]], behind: Any
) -> list[SampleRequest]:
    """Those that earlier hypotheses lack, then those of the new ones."""
    if desk.order.samples_each == 0:
        return []
    known = {item.item_id: item for item in _UNKNOWNS.validate_python(behind)}
    known |= {item.item_id: item for group in groups for item in group}
    by_id = {one.hypothesis_id: one for one in desk.made}
    new = [
        request_for(one, by_id.get(one.parent_hypothesis_id or ""), known, desk.order.samples_each) for one in desk.new
    ]
    return [*lacking, *new]


def _gates(
    spec: JobSpec,
    context: JobContext,
    requests: Sequence[SampleRequest],
    load_classifier: LoadClassifier,
    similarity_for: SimilarityFor,
) -> Callable[[Sequence[SyntheticSample]], JobResult]:
    """The gates as the job of that name applies them, with models that are loaded once for all rounds."""
    sources = {one.hypothesis.hypothesis_id: [item.text for item in one.sources] for one in requests}
    classifier, similarity = _once(load_classifier), _once(lambda *given: _Calibrated(similarity_for(*given)))

    def gates(new: Sequence[SyntheticSample]) -> JobResult:
        ids, written = [one.sample_id for one in new], [one.text for one in new]
        behind = [sources[one.hypothesis_id] for one in new]
        return gated_result(spec, context, ids, written, behind, classifier, similarity)

    return gates


class _Calibrated:
    """A Similarity that is calibrated in the first round only: that takes longer than a round's samples."""

    def __init__(self, similarity: Similarity) -> None:
        self._similarity = similarity
        self.scores, self.nearness = similarity.scores, similarity.nearness
        self._scale: SimilarityScale | None = None

    def calibrate(
        self, quantile: float = 0.02, threshold: float | None = None, context: JobContext | None = None
    ) -> SimilarityScale:
        if self._scale is None:
            self._scale = self._similarity.calibrate(quantile, threshold, context)
        return self._scale


def _once(make: Callable[..., Made]) -> Callable[..., Made]:
    made: list[Made] = []

    def get(*given: object) -> Made:
        if not made:
            made.append(make(*given))
        return made[0]

    return get


def _summary(desk: Desk, samples: Samples, told: dict[str, Any]) -> str:
    passed = sum(samples.passed.values())
    return (
        f"{len(desk.new):,} hypotheses and {len(samples.made):,} samples ({passed:,} pass the gates); "
        f"{len(desk.rejected):,} drafts rejected as too near to another; {told['calls']:,} calls, "
        f"{told['reused']:,} answers from the cache, {told['tokens']:,} tokens, ${told['cost']:.4f}"
    )
