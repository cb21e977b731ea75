"""The gates every synthetic sample passes through before anyone approves it (3.3), and the job that applies them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pydantic import TypeAdapter

from bsm_core.config import GateConfig
from bsm_core.domain.jobs import JobSpec
from bsm_core.domain.synthesis import Check, CheckName
from bsm_core.domain.tasks import Split, Task, Text
from bsm_core.errors import NothingToDoError
from bsm_core.ports import Classifier, JobContext, JobResult, Similarity, SimilarityScale
from bsm_core.workflow import verdicts
from bsm_core.workflow.nonsense import Judgment, NonsenseJudge
from bsm_core.workflow.repeats import repeat_shares
from bsm_core.workflow.shingles import nearest
from bsm_core.workflow.tables import predictions_table, texts

SCALE_EVENT = "similarity-scale"
"""What a similarity score meant in a job: the pass mark, and which texts reach it. SimilarityScale as a dict."""

SimilarityFor = Callable[[Sequence[Text], int, GateConfig], Similarity]
LoadClassifier = Callable[[Path], Classifier]
_TASK = TypeAdapter(Task)


@dataclass(frozen=True, slots=True)
class Compared:
    """What samples are held against. ``sealed``: validation and test texts, each with its split; nothing of them ever
    reaches a verdict. ``sources``: for each sample the texts that its hypothesis rests on."""

    references: Sequence[Text]
    existing: Sequence[Text]
    sealed: Sequence[tuple[Text, Split]]
    sources: Sequence[Sequence[Text]]


@dataclass(frozen=True, slots=True)
class Gated:
    """``checks``: of each sample in turn, in the order of CheckName."""

    checks: tuple[Check, ...]
    scale: SimilarityScale


def gate(
    spec: JobSpec, context: JobContext, *, load_classifier: LoadClassifier, similarity_for: SimilarityFor
) -> JobResult:
    """Job handler of kind GATE: checks, and the baseline's present answers, for ``samples.parquet``.

    Raises NothingToDoError without samples, ClassifierError for an unusable model.
    """
    table = pq.read_table(context.inputs / "samples.parquet")
    if len(table) == 0:
        raise NothingToDoError("there are no samples to check; write or generate some on the Samples page")
    behind: dict[str, list[Text]] = {}
    rows = pq.read_table(context.inputs / "sources.parquet")
    for hypothesis_id, text in zip(rows["hypothesis_id"].to_pylist(), texts(rows), strict=True):
        behind.setdefault(hypothesis_id, []).append(text)
    sources = [behind.get(hypothesis_id, []) for hypothesis_id in table["hypothesis_id"].to_pylist()]
    ids = table["sample_id"].to_pylist()
    return gated_result(spec, context, ids, texts(table), sources, load_classifier, similarity_for)


def gated_result(
    spec: JobSpec,
    context: JobContext,
    ids: Sequence[str],
    samples: Sequence[Text],
    sources: Sequence[Sequence[Text]],
    load_classifier: LoadClassifier,
    similarity_for: SimilarityFor,
) -> JobResult:
    """The result of a gate job, or the second half of a synthesize job: checks and predictions."""
    params: dict[str, Any] = spec.params
    compared = _read_compared(context, sources)
    context.log(f"checking {len(samples):,} samples against {len(compared.references):,} training texts")
    config = GateConfig.from_dict(params["gates"])
    task = _TASK.validate_python(params["task"])
    found = apply_gates(ids, samples, compared, task, config, spec.seed, similarity_for, context)
    failed = {check.sample_id for check in found.checks if not check.passed and not check.advisory}
    context.log(f"{len(ids) - len(failed):,} of {len(ids):,} samples pass every gate")
    probabilities = load_classifier(Path(params["model_path"])).probabilities(samples, context)
    return JobResult(
        job_id=spec.job_id,
        predictions=((params["model_id"], predictions_table(ids, "sample", probabilities)),),
        checks=found.checks,
        events=((SCALE_EVENT, asdict(found.scale)),),
    )


def apply_gates(
    ids: Sequence[str],
    samples: Sequence[Text],
    compared: Compared,
    task: Task,
    config: GateConfig,
    seed: int,
    similarity_for: SimilarityFor,
    context: JobContext,
) -> Gated:
    """All gates but the label's, which a teacher answers (``label_check``)."""
    context.check_cancelled()
    judge = NonsenseJudge(compared.references, seed)
    context.check_cancelled()
    shares = repeat_shares(samples, [*compared.references, *compared.existing])
    context.check_cancelled()
    leaks = nearest(samples, [text for text, _ in compared.sealed])
    similarity = _similarity(compared.references, config, seed, similarity_for)
    scores = similarity.scores(samples, context)  # first: it reads the references with progress and cancellation
    fits = similarity.nearness(samples, compared.sources, context) if config.check_fit else [None] * len(samples)
    scale = similarity.calibrate(threshold=config.min_similarity, context=context)
    context.log(_scale_in_words(scale))
    now, checks = datetime.now(UTC), []
    for index, (sample_id, text) in enumerate(zip(ids, samples, strict=True)):
        place = leaks[index].place
        split = None if place is None else compared.sealed[place][1]
        found: dict[CheckName, Judgment] = {
            CheckName.LENGTH: verdicts.length(text, config),
            CheckName.NONSENSE: judge.judge(text),
            CheckName.REPETITION: verdicts.repetition(*shares[index], config),
            CheckName.LEAKAGE: verdicts.leakage(leaks[index], split, config),
            CheckName.FORMAT: verdicts.form(text, task),
            CheckName.SIMILARITY: verdicts.similarity(float(scores[index]), scale),
            CheckName.FIT: verdicts.fit(fits[index], config),  # also when it is off: an earlier verdict must not count
        }
        checks += [_check(sample_id, name, one, config, now) for name, one in found.items()]
    return Gated(tuple(checks), scale)


def _check(sample_id: str, name: CheckName, found: Judgment, config: GateConfig, now: datetime) -> Check:
    return Check(
        sample_id=sample_id,
        name=name,
        passed=found.passed,
        value=found.value,
        threshold=found.threshold,
        reason=found.reason,
        created_at=now,
        advisory=name is CheckName.FIT and config.min_fit is None,
        rules=config.fingerprint,
    )


def _similarity(references: Sequence[Text], config: GateConfig, seed: int, similarity_for: SimilarityFor) -> Similarity:
    size = min(config.similarity_references, len(references))
    return similarity_for(random.Random(f"{seed}/similarity").sample(references, size), seed, config)


def _read_compared(context: JobContext, sources: Sequence[Sequence[Text]]) -> Compared:
    sealed = pq.read_table(context.inputs / "sealed.parquet")
    return Compared(
        references=texts(pq.read_table(context.inputs / "references.parquet")),
        existing=texts(pq.read_table(context.inputs / "existing.parquet")),
        sealed=[(text, Split(name)) for text, name in zip(texts(sealed), sealed["split"].to_pylist(), strict=True)],
        sources=sources,
    )


def _scale_in_words(scale: SimilarityScale) -> str:
    return (
        f"similarity pass mark {scale.threshold:.3f} ({scale.encoder}, layer {scale.layer}): {scale.passes_real:.0%} "
        f"of real and {scale.passes_shuffled:.0%} of shuffled texts reach it"
    )
