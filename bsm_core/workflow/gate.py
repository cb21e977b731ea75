"""The gates every synthetic sample passes through before anyone approves it (3.3), and the job that applies them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from bsm_core.config import GateConfig
from bsm_core.domain.jobs import JobSpec
from bsm_core.domain.synthesis import Check, CheckName
from bsm_core.domain.tasks import Text
from bsm_core.errors import NothingToDoError
from bsm_core.ports import Classifier, JobContext, JobResult, Similarity, SimilarityScale
from bsm_core.workflow.nonsense import NonsenseJudge
from bsm_core.workflow.repeats import inner_repeat, repeat_shares
from bsm_core.workflow.tables import predictions_table, texts

MAX_CHARACTERS = 10_000
"""Longer than almost every review; what is longer is a run-away answer."""
MAX_INNER_REPEAT = 0.5
"""Share of a text's word trigrams that it may have used already; of 4,000 real sentences none reaches it."""

SCALE_EVENT = "similarity-scale"
"""What a similarity score meant in a job: the pass mark, and which texts reach it."""

SimilarityFor = Callable[[Sequence[Text], int], Similarity]
LoadClassifier = Callable[[Path], Classifier]


@dataclass(frozen=True, slots=True)
class Gated:
    """``checks``: four a sample, in the order of the samples. ``scale`` is None when the pass mark was set by hand."""

    checks: tuple[Check, ...]
    scale: SimilarityScale | None


def gate(
    spec: JobSpec, context: JobContext, *, load_classifier: LoadClassifier, similarity_for: SimilarityFor
) -> JobResult:
    """Job handler of kind GATE: checks, and the baseline's present answers, for ``samples.parquet``.

    Raises NothingToDoError without samples, ClassifierError for an unusable model.
    """
    table = pq.read_table(context.inputs / "samples.parquet")
    if len(table) == 0:
        raise NothingToDoError("there are no samples to check; write or generate some on the Samples page")
    ids = table["sample_id"].to_pylist()
    return gated_result(spec, context, ids, texts(table), load_classifier, similarity_for)


def gated_result(
    spec: JobSpec,
    context: JobContext,
    ids: Sequence[str],
    samples: Sequence[Text],
    load_classifier: LoadClassifier,
    similarity_for: SimilarityFor,
) -> JobResult:
    """The result of a gate job, or the second half of a synthesize job: checks and predictions."""
    params: dict[str, Any] = spec.params
    references = texts(pq.read_table(context.inputs / "references.parquet"))
    existing = texts(pq.read_table(context.inputs / "existing.parquet"))
    context.log(f"checking {len(samples):,} samples against {len(references):,} training texts")
    config = GateConfig.from_dict(params["gates"])
    found = apply_gates(ids, samples, references, existing, config, spec.seed, similarity_for, context)
    failed = {check.sample_id for check in found.checks if not check.passed}
    context.log(f"{len(ids) - len(failed):,} of {len(ids):,} samples pass every gate")
    probabilities = load_classifier(Path(params["model_path"])).probabilities(samples, context)
    return JobResult(
        job_id=spec.job_id,
        predictions=((params["model_id"], predictions_table(ids, "sample", probabilities)),),
        checks=found.checks,
        events=((SCALE_EVENT, _scale_payload(found.scale)),) if found.scale else (),
    )


def apply_gates(
    ids: Sequence[str],
    samples: Sequence[Text],
    references: Sequence[Text],
    existing: Sequence[Text],
    config: GateConfig,
    seed: int,
    similarity_for: SimilarityFor,
    context: JobContext,
) -> Gated:
    """All four gates, in the order of CheckName. ``existing`` are the study's other samples."""
    context.check_cancelled()
    judge = NonsenseJudge(references, seed)
    context.check_cancelled()
    shares = repeat_shares(samples, [*references, *existing])
    scores, threshold, scale = _similarities(samples, references, config, seed, similarity_for, context)
    now = datetime.now(UTC)
    checks = []
    for index, (sample_id, text) in enumerate(zip(ids, samples, strict=True)):
        checks += [
            length_check(sample_id, text, config, now),
            repetition_check(sample_id, text, *shares[index], config, now),
            nonsense_check(sample_id, text, judge, now),
            similarity_check(sample_id, float(scores[index]), threshold, scale, now),
        ]
    return Gated(tuple(checks), scale)


def length_check(sample_id: str, text: Text, config: GateConfig, now: datetime) -> Check:
    """At least ``min_characters`` (3.3: 40), over both sides of a pair; no side empty; not run away."""
    size = sum(len(side.strip()) for side in text)
    passed, threshold, reason = True, config.min_characters, f"{size:,} characters"
    if not all(side.strip() for side in text):
        passed, reason = False, "a text is empty"
    elif size < config.min_characters:
        passed, reason = False, f"{size} characters; at least {config.min_characters} are needed"
    elif size > MAX_CHARACTERS:
        passed, threshold, reason = (
            False,
            MAX_CHARACTERS,
            f"{size:,} characters; at most {MAX_CHARACTERS:,} are allowed",
        )
    return Check(sample_id, CheckName.LENGTH, passed, float(size), float(threshold), reason, now)


def repetition_check(
    sample_id: str, text: Text, share: float, other: Text | None, config: GateConfig, now: datetime
) -> Check:
    """``share`` of the text's word trigrams are in ``other``, the training text or sample most like it."""
    inner = inner_repeat(text)
    if inner > MAX_INNER_REPEAT:
        reason = f"it repeats itself: {inner:.0%} of its word triples were there before"
        return Check(sample_id, CheckName.REPETITION, False, inner, MAX_INNER_REPEAT, reason, now)
    passed = share <= config.max_repeat_share
    quoted = f" with: {_short(other)}" if other is not None and share > 0 else ""
    reason = (
        f"{share:.0%} of its word triples are shared{quoted}" if quoted else "shares no word triple with another text"
    )
    return Check(sample_id, CheckName.REPETITION, passed, share, config.max_repeat_share, reason, now)


def nonsense_check(sample_id: str, text: Text, judge: NonsenseJudge, now: datetime) -> Check:
    found = judge.judge(text)
    return Check(sample_id, CheckName.NONSENSE, found.passed, found.value, found.threshold, found.reason, now)


def similarity_check(
    sample_id: str, score: float, threshold: float, scale: SimilarityScale | None, now: datetime
) -> Check:
    """BERTScore F1 with the closest training text against the pass mark (3.3: S_min)."""
    reason = f"{score:.2f} to the closest training text; the pass mark is {threshold:.2f}"
    if scale is not None:
        reason += f", which {scale.passes_real:.0%} of real texts reach"
    return Check(sample_id, CheckName.SIMILARITY, score >= threshold, score, threshold, reason, now)


def _similarities(
    samples: Sequence[Text],
    references: Sequence[Text],
    config: GateConfig,
    seed: int,
    similarity_for: SimilarityFor,
    context: JobContext,
) -> tuple[npt.NDArray[np.float64], float, SimilarityScale | None]:
    """Scores, the pass mark, and its scale unless the mark was set."""
    size = min(config.similarity_references, len(references))
    similarity = similarity_for(random.Random(f"{seed}/similarity").sample(references, size), seed)
    context.check_cancelled()
    scores = similarity.scores(samples, context)  # first: it reads the references with progress and cancellation
    if config.min_similarity is not None:
        return scores, config.min_similarity, None
    scale = similarity.calibrate()
    context.log(
        f"similarity pass mark {scale.threshold:.3f} ({scale.encoder}, layer {scale.layer}): {scale.passes_real:.0%} "
        f"of real and {scale.passes_shuffled:.0%} of shuffled texts reach it"
    )
    return scores, scale.threshold, scale


def _scale_payload(scale: SimilarityScale) -> dict[str, object]:
    return {name: getattr(scale, name) for name in SimilarityScale.__slots__}


def _short(text: Text, limit: int = 80) -> str:
    joined = " / ".join(" ".join(side.split()) for side in text)
    return joined if len(joined) <= limit else joined[: limit - 1] + "…"
