"""Jobs between folders and store: exactly once, and one bad job harms no other. A real store, real folders."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.errors import JobError, NotFoundError
from bsm_core.jobs.inline import InlineRunner
from bsm_core.ports import JobContext, JobResult
from bsm_core.store import DuckStore
from bsm_core.workflow.supervise import JobWatch
from tests.factories import make_filled_store
from tests.job_world import TABLES, make_spec
from tests.records import STUDY_ID, make_example, make_model
from tests.tables import answer, prediction_table


class World:
    """A store and a jobs folder; ``result`` is what the next jobs bring, ``error`` what they raise."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "jobs"
        self.store: DuckStore = make_filled_store(folder / "workbench.duckdb", train=4, validation=0, test=0)
        self.runner = InlineRunner(self.root, {JobKind.TRAIN: self._handle})
        self.watch = JobWatch(self.store, self.runner)
        self.result = JobResult("", models=(make_model(model_id="m-new"),), events=(("trained", {"by": "job"}),))
        self.error: BaseException | None = None
        self.runs = 0

    def _handle(self, spec: JobSpec, _context: JobContext) -> JobResult:
        self.runs += 1
        if self.error is not None:
            raise self.error
        result = self.result
        return JobResult(spec.job_id, result.models, result.predictions, events=result.events)

    def submit(self, job_id: str = "job-1") -> JobSpec:
        spec = make_spec(job_id=job_id)
        self.store.jobs.add(spec)
        self.runner.submit(spec, TABLES)
        return spec

    def seen(self, job_id: str = "job-1") -> tuple[JobState, str]:
        status = self.watch.status(make_spec(job_id=job_id), self.store.jobs.state(job_id))
        return status.state, status.message

    def new_models(self) -> list[str]:
        return [model.model_id for model in self.store.models.all(STUDY_ID) if model.model_id == "m-new"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.store.close()


def test_finished_job_is_ingested_once_however_often_it_is_collected(world: World) -> None:
    world.submit()
    assert world.seen()[0] is JobState.FINISHED
    for _ in range(3):
        world.watch.collect()
    assert world.seen() == (JobState.INGESTED, "finished")
    assert world.new_models() == ["m-new"]
    assert world.store.latest(STUDY_ID, "trained") == {"by": "job"}


def test_watch_of_a_restarted_server_does_not_ingest_again(world: World) -> None:
    world.submit()
    world.watch.collect()
    JobWatch(world.store, InlineRunner(world.root, {})).collect()
    assert world.new_models() == ["m-new"]


def test_ingested_job_stays_so_when_its_folder_is_deleted(world: World) -> None:
    world.submit()
    world.watch.collect()
    shutil.rmtree(world.root / "job-1")
    world.watch.collect()
    assert world.seen() == (JobState.INGESTED, "")


def test_failed_job_is_marked_with_its_message(world: World) -> None:
    world.error = ValueError("no labels")
    world.submit()
    world.watch.collect()
    assert world.store.jobs.state("job-1") is JobState.FAILED
    assert world.seen() == (JobState.FAILED, "ValueError: no labels")


def test_interrupted_job_is_marked_resumed_and_ingested(world: World) -> None:
    world.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        world.submit()
    world.watch.collect()
    assert world.store.jobs.state("job-1") is JobState.INTERRUPTED

    world.error = None
    world.watch.resume("job-1")
    assert world.store.jobs.state("job-1") is JobState.QUEUED
    world.runner.start_waiting()
    world.watch.collect()
    assert world.store.jobs.state("job-1") is JobState.INGESTED
    assert world.runs == 2


def test_job_whose_folder_is_gone_is_failed_and_cannot_be_resumed(world: World) -> None:
    world.submit()
    shutil.rmtree(world.root / "job-1")
    world.watch.collect()
    state, message = world.seen()
    assert state is JobState.FAILED
    assert "there is no folder of job 'job-1'" in message
    assert world.store.jobs.state("job-1") is JobState.FAILED
    with pytest.raises(NotFoundError, match="start the job anew"):
        world.watch.resume("job-1")


def test_job_whose_spec_is_damaged_is_failed(world: World) -> None:
    world.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        world.submit()
    (world.root / "job-1/spec.json").write_text("{")
    watch = JobWatch(world.store, InlineRunner(world.root, {}))  # which has not read the spec before
    watch.collect()
    assert world.store.jobs.state("job-1") is JobState.FAILED


def test_damaged_result_fails_its_job_alone_and_resuming_runs_it_again(world: World) -> None:
    world.submit()
    world.result = JobResult("")
    world.submit("job-2")
    (world.root / "job-1/result/models.json").write_text("")

    world.watch.collect()

    assert world.store.jobs.state("job-2") is JobState.INGESTED
    state, message = world.seen()
    assert state is JobState.FAILED
    assert "cannot be read" in message
    world.watch.collect()
    assert world.new_models() == []

    world.result = JobResult("", models=(make_model(model_id="m-new"),))
    world.watch.resume("job-1")
    world.runner.start_waiting()
    world.watch.collect()
    assert world.seen()[0] is JobState.INGESTED
    assert (world.new_models(), world.runs) == (["m-new"], 3)


def test_result_the_store_refuses_fails_its_job_takes_nothing_in_and_can_be_offered_again(world: World) -> None:
    unknown = prediction_table([make_example().example_id], "example", [answer(0, 0.9)])
    world.result = JobResult("", models=(make_model(model_id="m-new"),), predictions=(("m-absent", unknown),))
    world.submit()
    world.result = JobResult("", models=(make_model(model_id="m-absent"),))
    world.submit("job-2")

    for _ in range(2):
        world.watch.collect()

    state, message = world.seen()
    assert state is JobState.FAILED
    assert "model 'm-absent', which is not in the store" in message
    assert message.endswith("resume to try again")
    assert world.new_models() == []  # all or nothing
    assert world.store.jobs.state("job-2") is JobState.INGESTED
    restarted = JobWatch(world.store, world.runner)
    assert restarted.status(make_spec(), JobState.FAILED).message.endswith("resume to try again")

    world.watch.resume("job-1")  # by now job-2 has brought the missing model
    world.watch.collect()
    assert world.store.jobs.state("job-1") is JobState.INGESTED
    assert (world.new_models(), world.runs) == (["m-new"], 2)  # taken in, not run again


def test_resuming_an_ingested_job_is_refused_and_keeps_its_result(world: World) -> None:
    world.submit()
    world.watch.collect()
    with pytest.raises(JobError, match="there is nothing to resume"):
        world.watch.resume("job-1")
    assert (world.root / "job-1/result").is_dir()
    assert world.store.jobs.state("job-1") is JobState.INGESTED


def test_collect_marks_a_state_once(world: World) -> None:
    world.error = ValueError("no labels")
    world.submit()
    marks = []
    add = world.store.jobs.mark
    world.store.jobs.mark = lambda *values: (marks.append(values), add(*values))[1]  # type: ignore[method-assign]
    for _ in range(3):
        world.watch.collect()
    assert marks == [("job-1", JobState.FAILED, "ValueError: no labels")]
