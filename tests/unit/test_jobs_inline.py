"""The inline runner keeps the contract of the job folder without processes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.errors import ConfigError, JobError
from bsm_core.jobs.folder import JobFolder
from bsm_core.jobs.inline import InlineRunner
from bsm_core.ports import JobContext, JobResult
from tests.job_handlers import handlers
from tests.job_world import TABLES, make_spec

Step = Callable[[JobContext], None]


def runner_of(root: Path, step: Step, **kwargs: Any) -> InlineRunner:
    def handler(spec: JobSpec, context: JobContext) -> JobResult:
        step(context)
        return JobResult(spec.job_id)

    return InlineRunner(root, {JobKind.TRAIN: handler}, **kwargs)


def test_submit_runs_the_job_to_its_end_and_tells_every_event(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    runner = InlineRunner(tmp_path, handlers(), lambda spec, event: told.append((spec.job_id, str(event["type"]))))

    runner.submit(make_spec(), TABLES)

    assert runner.status("job-1").state is JobState.FINISHED
    assert {job_id for job_id, _ in told} == {"job-1"}
    kinds = [kind for _, kind in told]
    assert (kinds[0], kinds[-1]) == ("started", "log")
    assert kinds.count("metric") == 3
    assert 2 <= kinds.count("progress") <= 3  # the one in between comes soon after the first
    assert runner.result("job-1").events == (("behaved", {"seed": 7}),)
    assert (tmp_path / "job-1/result/seed").read_text() == "7"


def test_failing_handler_fails_the_job_and_not_the_caller(tmp_path: Path) -> None:
    def step(_context: JobContext) -> None:
        raise ConfigError("tau is 2; use (0.5, 1]")

    runner = runner_of(tmp_path, step)
    runner.submit(make_spec(), TABLES)
    status = runner.status("job-1")
    assert status.state is JobState.FAILED
    assert status.message == "tau is 2; use (0.5, 1]"  # our own errors are shown as they stand
    assert status.log == ("failed: tau is 2; use (0.5, 1]",)


def test_keyboard_interrupt_leaves_the_job_interrupted_and_goes_on_to_the_caller(tmp_path: Path) -> None:
    tries: list[int] = []

    def step(context: JobContext) -> None:
        tries.append(1)
        (context.partial / "checkpoint").touch()
        if len(tries) == 1:
            raise KeyboardInterrupt

    runner = runner_of(tmp_path, step)
    with pytest.raises(KeyboardInterrupt):
        runner.submit(make_spec(), TABLES)
    assert runner.status("job-1").state is JobState.INTERRUPTED
    assert (tmp_path / "job-1/partial/checkpoint").exists()
    assert not (tmp_path / "job-1/result.tmp").exists()

    runner.resume("job-1")
    assert runner.status("job-1").state is JobState.QUEUED
    runner.start_waiting()
    assert runner.status("job-1").state is JobState.FINISHED


def test_cancel_from_on_event_stops_the_running_job_at_its_next_check(tmp_path: Path) -> None:
    def step(context: JobContext) -> None:
        for number in range(1000):
            context.check_cancelled()
            context.progress("stepping", number, 1000)

    runner = runner_of(tmp_path, step, on_event=lambda spec, _event: runner.cancel(spec.job_id))
    runner.submit(make_spec(), TABLES)
    assert runner.status("job-1").state is JobState.CANCELLED


def test_handler_that_returns_the_result_of_another_job_fails(tmp_path: Path) -> None:
    runner = InlineRunner(tmp_path, {JobKind.TRAIN: lambda _spec, _context: JobResult("job-9")})
    runner.submit(make_spec(), TABLES)
    assert runner.status("job-1").message == "the handler of job job-1 returned the result of job-9"


def test_kind_without_a_handler_fails_by_name(tmp_path: Path) -> None:
    runner = InlineRunner(tmp_path, {JobKind.GATE: lambda spec, _context: JobResult(spec.job_id)})
    runner.submit(make_spec(), TABLES)
    assert runner.status("job-1").message == "no handler for a job of kind train; there are gate"


def test_running_job_cannot_be_started_a_second_time(tmp_path: Path) -> None:
    refusals: list[str] = []

    def step(_context: JobContext) -> None:
        other = InlineRunner(tmp_path, {})
        other.start_waiting()  # sees a running job, and leaves it alone
        with pytest.raises(JobError) as refusal:
            other.resume("job-1")
        refusals.append(str(refusal.value))

    runner = runner_of(tmp_path, step)
    runner.submit(make_spec(), TABLES)
    assert runner.status("job-1").state is JobState.FINISHED
    assert refusals == ["job job-1 is running; only a failed, cancelled or interrupted job can be resumed"]


def test_progress_is_thinned_but_the_ends_of_phases_are_kept(tmp_path: Path) -> None:
    told: list[tuple[object, object]] = []

    def step(context: JobContext) -> None:
        for phase in ("first", "second"):
            for number in range(1, 1001):
                context.progress(phase, number, 1000)
        context.progress("third", 1, 1000)
        context.progress("third", 2, 1000)

    def on_event(_spec: JobSpec, event: dict[str, Any]) -> None:
        if event["type"] == "progress":
            told.append((event["phase"], event["done"]))

    runner_of(tmp_path, step, on_event=on_event).submit(make_spec(), TABLES)

    assert len(told) < 50
    for expected in (("first", 1), ("first", 1000), ("second", 1), ("second", 1000), ("third", 1), ("third", 2)):
        assert expected in told


def test_deleting_the_folder_of_a_running_job_stops_it_at_its_next_check(tmp_path: Path) -> None:
    def step(context: JobContext) -> None:
        context.folder.rename(tmp_path.parent / (tmp_path.name + "-gone"))
        context.check_cancelled()
        pytest.fail("the job went on without its folder")

    with pytest.raises(FileNotFoundError):  # nowhere to write its end to
        runner_of(tmp_path, step).submit(make_spec(), TABLES)


def test_folder_of_a_finished_job_holds_what_the_contract_names(tmp_path: Path) -> None:
    runner_of(tmp_path, lambda context: context.log("hello")).submit(make_spec(), TABLES)
    names = {path.name for path in (tmp_path / "job-1").iterdir()}
    assert names == {"spec.json", "inputs", "events.jsonl", "worker.json", "lock", "result"}
    assert JobFolder(tmp_path / "job-1").read_spec() == make_spec()
