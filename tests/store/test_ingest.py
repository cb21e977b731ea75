"""A finished job is taken in once, and wholly or not at all."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.jobs import JobState
from bsm_core.domain.tasks import Example, Split
from bsm_core.errors import StoreError
from bsm_core.ports import JobResult, UnknownFilter
from bsm_core.store import DuckStore, open_store
from tests.factories import (
    BASELINE_ID,
    STUDY_ID,
    answer,
    make_call,
    make_checks,
    make_evaluation,
    make_hypothesis,
    make_job,
    make_model,
    make_perturbation_set,
    make_sample,
    perturbation_table,
    prediction_table,
)
from tests.store.worlds import answers_of, attack_rows, start


def everything(examples: list[Example]) -> JobResult:
    """A result with something of every sort: predictions are about items of the same result too."""
    rows = attack_rows("set1", examples, "++-s", [0.9, 0.8, 0.7, 0.6])
    answers = answers_of(examples, "rwrr", [0.9, 0.9, 0.9, 0.9])
    return JobResult(
        "job1",
        models=(make_model(),),
        predictions=(
            (BASELINE_ID, prediction_table(list(answers), "example", list(answers.values()))),
            (
                BASELINE_ID,
                prediction_table(
                    [row.perturbation_id for row in rows], "perturbation", [row.perturbed_probabilities for row in rows]
                ),
            ),
            (BASELINE_ID, prediction_table(["s-1"], "sample", [answer(0, 0.8)])),
        ),
        sets=((make_perturbation_set(set_id="set1", size=4), perturbation_table(rows)),),
        samples=(make_sample("s-1"),),
        checks=tuple(make_checks("s-1")),
        calls=(make_call("c-1"),),
        evaluations=(make_evaluation(BASELINE_ID, "set1", "set1"),),
        events=(("trained", {"epochs": 3}),),
    )


@pytest.fixture
def examples(store: DuckStore) -> list[Example]:
    found = start(store, validation=4).of(Split.VALIDATION)
    store.hypotheses.add(make_hypothesis("h-human"))
    store.jobs.add(make_job("job1"))
    store.jobs.mark("job1", JobState.FINISHED)
    return found


TABLES = (
    "models",
    "predictions",
    "perturbation_sets",
    "perturbations",
    "samples",
    "checks",
    "teacher_calls",
    "evaluations",
    "events",
    "ingests",
)


def sizes(store: DuckStore) -> dict[str, int]:
    """Rows a table, past the port: the port shows no table of its own for some."""
    counts = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in TABLES)
    return store._database.rows(f"SELECT {counts}")[0]


def test_ingest_takes_everything_in_and_marks_the_job(store: DuckStore, examples: list[Example]) -> None:
    assert store.ingest(everything(examples)) is True
    assert sizes(store) == dict(zip(TABLES, (1, 9, 1, 4, 1, 4, 1, 1, 1, 1), strict=True))
    assert store.jobs.state("job1") is JobState.INGESTED
    assert store.unknowns.counts(UnknownFilter(BASELINE_ID, 0.65)).total == 3
    assert store.samples.get("s-1").passed is True
    assert store.samples.get("s-1").probabilities == pytest.approx(answer(0, 0.8))
    assert store.calls.get("c-1") == make_call("c-1")
    assert store.latest(STUDY_ID, "trained") == {"epochs": 3}


def test_second_ingest_is_refused_and_doubles_nothing(store: DuckStore, examples: list[Example]) -> None:
    result = everything(examples)
    store.ingest(result)
    before = sizes(store)
    assert store.ingest(result) is False
    assert store.ingest(replace(result, models=(make_model(Arm.RELABEL),))) is False
    assert sizes(store) == before


def test_second_ingest_is_refused_after_a_restart(store: DuckStore, examples: list[Example], database: Path) -> None:
    result = everything(examples)
    store.ingest(result)
    store.close()
    again = open_store(database)
    assert again.ingest(result) is False
    assert sizes(again)["predictions"] == 9
    again.close()


def test_threads_that_ingest_the_same_job_do_it_once(store: DuckStore, examples: list[Example]) -> None:
    result, answers = everything(examples), []
    threads = [threading.Thread(target=lambda: answers.append(store.ingest(result))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 5 + [True]
    assert sizes(store)["predictions"] == 9


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"predictions": (("m-nobody", prediction_table(["s-1"], "sample", [answer(0, 0.8)])),)}, "m-nobody"),
        ({"predictions": ((BASELINE_ID, prediction_table(["s-9"], "sample", [answer(0, 0.8)])),)}, "'s-9'"),
        ({"samples": (make_sample("s-1"), make_sample("s-1"))}, "'s-1' is in .* already"),
        ({"evaluations": (make_evaluation(BASELINE_ID, "set1", "set1"),) * 2}, "'ev-m-original' is in .* already"),
        ({"events": (("bad", {"text": "\ud800"}),)}, "unpaired surrogate"),
    ],
)
def test_failing_ingest_leaves_nothing_and_the_job_can_be_taken_in_later(
    store: DuckStore, examples: list[Example], changes: dict[str, object], message: str
) -> None:
    good, before = everything(examples), sizes(store)
    with pytest.raises(StoreError, match=message):
        store.ingest(replace(good, **changes))  # type: ignore[arg-type]
    assert sizes(store) == before
    assert store.jobs.state("job1") is JobState.FINISHED
    assert store.ingest(good) is True


def test_call_kept_when_its_job_stopped_comes_with_the_result_and_is_there_once(
    store: DuckStore, examples: list[Example]
) -> None:
    store.calls.add(make_call("c-1"))
    assert store.ingest(everything(examples)) is True
    assert sizes(store)["teacher_calls"] == 1


def test_events_of_a_job_the_store_does_not_know_are_refused(store: DuckStore, examples: list[Example]) -> None:
    with pytest.raises(StoreError, match="'job9' is not in the store"):
        store.ingest(replace(everything(examples), job_id="job9"))
    assert sizes(store)["models"] == 0


def test_same_attack_twice_under_one_set_id_is_refused(store: DuckStore, examples: list[Example]) -> None:
    result = everything(examples)
    store.ingest(result)
    with pytest.raises(StoreError, match=r"'set1' is in .* already"):
        store.ingest(JobResult("job2", sets=result.sets))


def test_empty_result_only_marks_the_job(store: DuckStore) -> None:
    assert store.ingest(JobResult("job1")) is True
    assert store.jobs.state("job1") is JobState.INGESTED


def test_empty_tables_are_taken_in(store: DuckStore, examples: list[Example]) -> None:
    empty = prediction_table([], "example", [])
    sets = ((make_perturbation_set(set_id="set1", size=0), perturbation_table([])),)
    assert store.ingest(JobResult("job1", models=(make_model(),), predictions=((BASELINE_ID, empty),), sets=sets))
    assert store.perturbations.rows("set1") == []
    assert len(examples) == 4
