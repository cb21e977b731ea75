"""The store's memory of jobs."""

from __future__ import annotations

from dataclasses import replace

from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.store import DuckStore
from tests.factories import STUDY_ID, make_job


def test_job_comes_back_as_it_was_made(store: DuckStore) -> None:
    spec = replace(make_job("job1", JobKind.GATE), params={"n": 1, "list": [0.5, None], "text": "é"})
    store.jobs.add(spec)
    assert store.jobs.all() == [(spec, JobState.QUEUED)]


def test_state_is_the_latest_mark(store: DuckStore) -> None:
    store.jobs.add(make_job("job1"))
    assert store.jobs.state("job1") is JobState.QUEUED
    for state in (JobState.RUNNING, JobState.INTERRUPTED, JobState.QUEUED, JobState.RUNNING, JobState.FAILED):
        store.jobs.mark("job1", state, "why")
        assert store.jobs.state("job1") is state
        assert store.jobs.all()[0][1] is state


def test_jobs_are_newest_first_of_one_study_or_all(store: DuckStore) -> None:
    for n in range(4):
        store.jobs.add(make_job(f"job{n}", at=n, study_id="st-other" if n == 2 else STUDY_ID))
    assert [spec.job_id for spec, _ in store.jobs.all()] == ["job3", "job2", "job1", "job0"]
    assert [spec.job_id for spec, _ in store.jobs.all(STUDY_ID)] == ["job3", "job1", "job0"]
    assert [spec.job_id for spec, _ in store.jobs.all(STUDY_ID, limit=2)] == ["job3", "job1"]


def test_filled_store_has_jobs_in_both_ends(filled: DuckStore) -> None:
    states = {spec.job_id: state for spec, state in filled.jobs.all(STUDY_ID)}
    assert states.pop("job-discover-failed") is JobState.FAILED
    assert set(states.values()) == {JobState.INGESTED}
