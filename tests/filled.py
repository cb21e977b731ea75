"""A store with a whole study in it, at every stage at once: what page tests look at."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from bsm_core.domain.arms import Arm
from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.domain.synthesis import CheckName, DecisionKind, SyntheticSample
from bsm_core.domain.tasks import Dataset, Split
from bsm_core.domain.unknowns import UUOrigin, Verdict
from bsm_core.ports import JobResult, UnknownFilter
from bsm_core.store import DuckStore, open_store
from tests.agent_records import (
    make_call,
    make_checks,
    make_decision,
    make_hypothesis,
    make_judgement,
    make_sample,
)
from tests.answers import Answers, attack, changed, clean_answers
from tests.records import (
    STUDY_ID,
    make_dataset,
    make_evaluation,
    make_job,
    make_model,
    make_perturbation_set,
    make_study,
)
from tests.tables import answer, perturbation_table, prediction_table

ARMS = (Arm.MORE_TRAINING, Arm.RELABEL, Arm.HYPOTHESIS_RULE)
BASELINE_ID = "m-original"
VALIDATION_SET_ID = "set-validation"
FROZEN_SET_ID = "set-test-m-original"


def make_filled_store(path: Path, *, train: int = 400, validation: int = 60, test: int = 60) -> DuckStore:
    """Make ``path``, filled through the Store port alone, and open it. The same arguments give the same rows.

    Ids: study ``st-reviews``; models ``m-original``, ``m-more_training``, ``m-relabel``, ``m-hypothesis_rule``;
    sets ``set-validation`` and ``set-test-<model>``; hypotheses ``h-human`` (revises ``h-human-first``), ``h-rule``,
    ``h-lm`` and the extrapolations ``h-human-ext``, ``h-rule-ext``; samples and jobs as below.
    Sizes of 0 leave the steps that need them out.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_template(train, validation, test), path)
    return open_store(path)


@cache
def _template(train: int, validation: int, test: int) -> Path:
    """A closed database to copy: filling takes a second, a copy a moment."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    path = folder / "filled.duckdb"
    store = open_store(path)
    _fill(store, make_dataset(train=train, validation=validation, test=test))
    store.close()
    return path


def _fill(store: DuckStore, data: Dataset) -> None:
    sizes: dict[str, Any] = {f"{split}_size": len(data.of(split)) for split in Split}
    store.studies.create(make_study(data, **sizes), data)
    _train(store, data, Arm.ORIGINAL, at=10)
    _discover(store, data)
    _judge(store)
    _hypothesize(store)
    _synthesize(store)
    _decide(store)
    for number, arm in enumerate(ARMS):
        _train(store, data, arm, at=80 + number)
    frozen = _evaluate(store, data, Arm.ORIGINAL, {}, at=90)
    for number, arm in enumerate(ARMS):
        _evaluate(store, data, arm, frozen, at=100 + number)


def _run(store: DuckStore, job_id: str, kind: JobKind, title: str, at: float, result: JobResult) -> None:
    store.jobs.add(make_job(job_id, kind, title=title, at=at - 4))
    store.jobs.mark(job_id, JobState.RUNNING)
    store.ingest(result)


def _train(store: DuckStore, data: Dataset, arm: Arm, at: float) -> None:
    model = make_model(arm, at=at)
    answers = clean_answers(arm, data.of(Split.VALIDATION))
    table = prediction_table(list(answers), "example", list(answers.values()))
    title = "Train the baseline" if arm is Arm.ORIGINAL else f"Retrain: {arm}"
    job_id = f"job-train-{model.model_id}"
    result = JobResult(job_id, models=(model,), predictions=((model.model_id, table),))
    _run(store, job_id, JobKind.TRAIN, title, at, result)


def _discover(store: DuckStore, data: Dataset) -> None:
    """A first try fails; the second attacks all of validation."""
    title = "Attack validation: deepwordbug"
    store.jobs.add(make_job("job-discover-failed", JobKind.DISCOVER, title=title, at=15))
    store.jobs.mark("job-discover-failed", JobState.RUNNING)
    store.jobs.mark("job-discover-failed", JobState.FAILED, "the disk is full; make room, then resume the job")
    examples = data.of(Split.VALIDATION)
    rows = attack(Arm.ORIGINAL, VALIDATION_SET_ID, examples, clean_answers(Arm.ORIGINAL, examples))
    perturbations = make_perturbation_set(set_id=VALIDATION_SET_ID, size=len(rows))
    table = prediction_table(
        [row.perturbation_id for row in rows], "perturbation", [row.perturbed_probabilities for row in rows]
    )
    result = JobResult(
        "job-discover",
        sets=((perturbations, perturbation_table(rows)),),
        predictions=((BASELINE_ID, table),),
    )
    _run(store, "job-discover", JobKind.DISCOVER, title, 24, result)


def _unknown_ids(store: DuckStore, origin: UUOrigin) -> list[str]:
    page = store.unknowns.page(UnknownFilter(BASELINE_ID, 0.65, origin=origin))
    return [unknown.item_id for unknown in page.rows]


def _judge(store: DuckStore) -> None:
    """The most confident adversarial UUs: yes, no, unsure; the most confident natural one: first no, then yes."""
    verdicts = (Verdict.YES, Verdict.NO, Verdict.UNSURE)
    for item_id, verdict in zip(_unknown_ids(store, UUOrigin.ADVERSARIAL), verdicts, strict=False):
        store.judgements.add(make_judgement(item_id, verdict))
    for item_id in _unknown_ids(store, UUOrigin.NATURAL)[:1]:
        store.judgements.add(make_judgement(item_id, Verdict.NO, at=31))
        store.judgements.add(make_judgement(item_id, Verdict.YES, at=32))


def _hypothesize(store: DuckStore) -> None:
    adversarial, natural = (_unknown_ids(store, origin) for origin in (UUOrigin.ADVERSARIAL, UUOrigin.NATURAL))
    store.calls.add(make_call())
    store.calls.add(make_call("call-refused", error="the answer has no hypothesis", at=36))
    first = "The model fails on typing errors."
    negation = "It should also fail when the opinion word is negated."
    contrast = "The model overlooks the half of the sentence after the comma."
    for hypothesis in (
        make_hypothesis("h-human-first", sources=adversarial[:1], text=first),
        make_hypothesis("h-human", sources=adversarial[:2], revises="h-human-first", at=41),
        make_hypothesis(
            "h-rule", Agent.RULE, sources=adversarial[2:5], text="Swapped letters hide the opinion word.", at=42
        ),
        make_hypothesis("h-lm", Agent.LM, sources=natural[:2], text=contrast, at=43),
        make_hypothesis("h-human-ext", parent="h-human", text=negation, at=44),
        make_hypothesis("h-rule-ext", Agent.RULE, parent="h-rule", text="Doubled letters should do the same.", at=45),
    ):
        store.hypotheses.add(hypothesis)


def _samples() -> list[SyntheticSample]:
    rule = [make_sample(f"s-rule-{n}", "h-rule", Agent.RULE, label=n % 2, at=50 + n / 10) for n in range(1, 5)]
    further = [make_sample(f"s-rule-ext-{n}", "h-rule-ext", Agent.RULE, label=n % 2, at=51 + n / 10) for n in (1, 2)]
    return [
        make_sample("s-human-first", text=("a wondreful film",), at=49),
        make_sample("s-human-1", revises="s-human-first", at=50),
        *rule,
        *further,
        make_sample("s-human-2", label=0, text=("a drealy slow story that forgets its own hero halfway",), at=52),
        make_sample("s-human-ext", "h-human-ext", text=("not a dull moment in these two breezy hours",), at=53),
        make_sample("s-short", "h-rule", Agent.RULE, text=("a gerat film",), at=54),
        make_sample("s-bland", "h-rule", Agent.RULE, text=("the film was good and the film was good again",), at=55),
        make_sample("s-taken-back", "h-rule", Agent.RULE, label=0, at=56),
        make_sample(
            "s-lm-far", "h-lm", Agent.LM, label=0, text=("the invoice is due, though nobody will pay it",), at=57
        ),
    ]


def _synthesize(store: DuckStore) -> None:
    """A job brings samples with their checks and the baseline's answers; two by hand follow, unchecked."""
    samples = _samples()
    failing = {"s-short": CheckName.LENGTH, "s-lm-far": CheckName.SIMILARITY}
    checks = [check for one in samples for check in make_checks(one.sample_id, failing.get(one.sample_id))]
    ids = [sample.sample_id for sample in samples]
    table = prediction_table(ids, "sample", [answer(n % 2, 0.55 + n / 50) for n in range(len(ids))])
    calls = (make_call("call-sample", at=47), make_call("call-timeout", error="no answer within 60 s", at=48))
    result = JobResult(
        "job-synthesize",
        samples=tuple(samples),
        checks=tuple(checks),
        calls=calls,
        predictions=((BASELINE_ID, table),),
    )
    _run(store, "job-synthesize", JobKind.SYNTHESIZE, f"Write {len(samples)} samples", 60, result)
    store.samples.add(
        [
            make_sample(
                "s-unchecked-1", label=0, text=("a teriffic cure for sleeplessness, and for nothing else",), at=65
            ),
            make_sample("s-unchecked-2", "h-human-ext", text=("hardly a scene that is not a joy to behold",), at=66),
        ]
    )


def _decide(store: DuckStore) -> None:
    """Pending at the end: s-taken-back, s-human-ext, s-lm-far and the unchecked ones."""
    gated = ["s-rule-1", "s-rule-2", "s-rule-3", "s-rule-4", "s-rule-ext-1", "s-rule-ext-2"]
    store.samples.decide([make_decision(sample_id, policy="gated") for sample_id in gated])
    store.samples.decide([make_decision(sample_id, at=71) for sample_id in ("s-human-2", "s-human-1", "s-taken-back")])
    store.samples.decide([make_decision("s-taken-back", DecisionKind.PENDING, at=72)])
    store.samples.decide([make_decision(name, DecisionKind.REJECTED, at=73) for name in ("s-short", "s-bland")])


def _evaluate(store: DuckStore, data: Dataset, arm: Arm, frozen: Answers, at: float) -> Answers:
    """Clean test texts, the frozen set replayed, and a fresh attack; returns what the attack's successes answer.

    ``frozen``: ORIGINAL's answers on its successful perturbations, by perturbation id.
    """
    examples = data.of(Split.TEST)
    if not examples:
        return {}
    model_id = make_model(arm).model_id
    label_of = {row.perturbation_id: row.label for row in store.perturbations.rows(FROZEN_SET_ID)}
    clean = clean_answers(arm, examples)
    replayed = {item_id: changed(arm, item_id, label_of[item_id], before) for item_id, before in frozen.items()}
    fresh = make_perturbation_set(model_id, Split.TEST, f"set-test-{model_id}", size=len(examples), at=at)
    rows = attack(arm, fresh.set_id, examples, clean)
    attacked = {row.perturbation_id: row.perturbed_probabilities for row in rows}
    tables = [
        prediction_table(list(clean), "example", list(clean.values())),
        prediction_table(list(replayed), "perturbation", list(replayed.values())),
        prediction_table(list(attacked), "perturbation", list(attacked.values())),
    ]
    job_id = f"job-evaluate-{model_id}"
    evaluation = make_evaluation(model_id, FROZEN_SET_ID, fresh.set_id, at=at)
    result = JobResult(
        job_id,
        sets=((fresh, perturbation_table(rows)),),
        predictions=tuple((model_id, table) for table in tables),
        evaluations=(evaluation,),
    )
    _run(store, job_id, JobKind.EVALUATE, f"Evaluate on test: {arm}", at, result)
    successful = store.perturbations.successful(fresh.set_id)["perturbation_id"].to_pylist()
    return {item_id: attacked[item_id] for item_id in successful}


__all__ = ["ARMS", "BASELINE_ID", "FROZEN_SET_ID", "STUDY_ID", "VALIDATION_SET_ID", "make_filled_store"]
