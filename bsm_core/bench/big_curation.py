"""Hypotheses and samples by the thousand in the big study, to measure the Samples page over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from bsm_core.bench.big_study import MODEL_ID, STUDY_ID
from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.synthesis import Check, CheckName, SyntheticSample
from bsm_core.ports import FloatArray, JobResult, Store, UnknownFilter
from bsm_core.store import open_store
from bsm_core.workflow.tables import predictions_table

_SAMPLES_EACH = 10
_AGENTS = (Agent.HUMAN, Agent.LM, Agent.RULE, Agent.HYBRID)
_FAILED_SHARE = 0.1


def add_curation(path: Path, samples: int, seed: int = 0) -> None:
    """``samples`` open samples of a tenth as many hypotheses, checked by the gates and answered by the model."""
    generator = np.random.default_rng(seed)
    store = open_store(path)
    try:
        _add(store, samples, generator)
    finally:
        store.close()


def _add(store: Store, count: int, generator: np.random.Generator) -> None:
    start = datetime.now(UTC)
    unknowns = store.unknowns.page(UnknownFilter(MODEL_ID, 0.65), limit=2 * count).rows
    ids = [one.item_id for one in unknowns]
    hypotheses = [_hypothesis(number, ids[number::count], start) for number in range(max(1, count // _SAMPLES_EACH))]
    for hypothesis in hypotheses:
        store.hypotheses.add(hypothesis)
    samples = [_sample(number, hypotheses[number % len(hypotheses)], start) for number in range(count)]
    failed = generator.random(count) < _FAILED_SHARE
    checks = [
        _check(one, name, bool(bad), start) for one, bad in zip(samples, failed, strict=True) for name in CheckName
    ]
    right: FloatArray = generator.random(count).astype(np.float32)
    answers = np.stack([right, 1 - right], axis=1)
    table = predictions_table([one.sample_id for one in samples], "sample", answers)
    store.jobs.add(JobSpec("job-write", STUDY_ID, JobKind.SYNTHESIZE, "Write samples", 0, {}, start))
    store.ingest(JobResult("job-write", samples=tuple(samples), checks=tuple(checks), predictions=((MODEL_ID, table),)))


def _hypothesis(number: int, sources: list[str], start: datetime) -> Hypothesis:
    return Hypothesis(
        hypothesis_id=f"h-{number}",
        study_id=STUDY_ID,
        kind=HypothesisKind.ABSTRACTION,
        agent=_AGENTS[number % len(_AGENTS)],
        text=f"The classifier trusts the word that stands last in the sentence, case {number}.",
        reasoning="",
        source_item_ids=tuple(sources),
        parent_hypothesis_id=None,
        revises_id=None,
        call_id=None,
        pattern=None,
        created_at=start + timedelta(seconds=number),
    )


def _sample(number: int, hypothesis: Hypothesis, start: datetime) -> SyntheticSample:
    return SyntheticSample(
        sample_id=f"s-{number:05d}",
        study_id=STUDY_ID,
        hypothesis_id=hypothesis.hypothesis_id,
        text=(f"sample {number}: a long and patient film that keeps its one good joke for the very last scene",),
        label=number % 2,
        agent=hypothesis.agent,
        reasoning="",
        call_id=None,
        revises_id=None,
        created_at=start + timedelta(seconds=number),
    )


def _check(sample: SyntheticSample, name: CheckName, failed: bool, start: datetime) -> Check:
    passed = not (failed and name is CheckName.SIMILARITY)
    return Check(sample.sample_id, name, passed, 0.5, 0.4, "", start)
