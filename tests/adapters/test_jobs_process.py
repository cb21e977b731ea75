"""Jobs in real worker processes: how they run, fail, and wait for one another."""

from __future__ import annotations

import json
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bsm_core.domain.jobs import JobState
from bsm_core.errors import JobError, NotFoundError
from bsm_core.jobs.folder import JobFolder
from bsm_core.jobs.process import ProcessRunner
from tests.job_world import TABLES, ended, make_spec, process_runner, reached, wait_until


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "jobs"


@pytest.fixture
def runner(root: Path) -> Iterator[ProcessRunner]:
    with process_runner(root) as runner:
        yield runner


def test_submitted_job_waits_for_start_waiting_then_finishes_with_result_curve_and_log(
    runner: ProcessRunner, root: Path
) -> None:
    runner.submit(make_spec(), TABLES)
    assert runner.status("job-1").state is JobState.QUEUED

    status = ended(runner)

    assert status.state is JobState.FINISHED
    assert (status.phase, status.done, status.total, status.device) == ("training", 3, 3, "cpu")
    assert [(point.name, point.step) for point in status.metrics] == [("loss", 0), ("loss", 1), ("loss", 2)]
    assert status.log == ("behaving: quick", "finished")
    assert status.seconds > 0
    assert runner.result("job-1").events == (("behaved", {"seed": 7}),)
    assert (root / "job-1/result/rows").read_text() == "2"
    leftovers = {"partial", "result.tmp", "reserve"}
    wait_until(lambda: not leftovers & {path.name for path in (root / "job-1").iterdir()})


def test_worker_from_any_folder_gets_device_quiet_environment_and_own_log(
    runner: ProcessRunner, root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "random.py").write_text("raise RuntimeError('the wrong random')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BSM_DEVICE", "cuda:7")  # the runner's own wins

    runner.submit(make_spec("environment"), TABLES)

    assert ended(runner).state is JobState.FINISHED
    device, parallel, folder, heavy = (root / "job-1/result/environment").read_text().split("\n")
    assert (device, parallel, folder, heavy) == ("cpu", "false", str(tmp_path), "")
    assert "said on standard output" in (root / "job-1/worker.log").read_text()


def test_files_of_the_worker_are_writable_by_the_owner_alone(runner: ProcessRunner, root: Path) -> None:
    before = os.umask(0)  # as careless as can be
    try:
        runner.submit(make_spec(), TABLES)
        assert ended(runner).state is JobState.FINISHED
    finally:
        os.umask(before)
    assert stat.S_IMODE((root / "job-1/result/rows").stat().st_mode) == 0o644


def test_failing_handler_fails_the_job_with_its_message_and_keeps_the_traceback(
    runner: ProcessRunner, root: Path
) -> None:
    runner.submit(make_spec("failing"), TABLES)

    status = ended(runner)

    assert status.state is JobState.FAILED
    assert status.message == "ValueError: the labels are 3, and the classifier has 2"
    error = json.loads((root / "job-1/error.json").read_text())
    assert error["type"] == "ValueError"
    assert "_failing" in error["traceback"]
    with pytest.raises(JobError, match="is failed; only a finished job has a result"):
        runner.result("job-1")


def test_handlers_that_cannot_be_imported_fail_the_job_with_the_reason(root: Path) -> None:
    runner = ProcessRunner(root, handlers="tests.job_handlers:broken_handlers")
    runner.submit(make_spec(), TABLES)
    status = ended(runner)
    assert status.state is JobState.FAILED
    assert "libmissing.so" in status.message


def test_worker_that_cannot_even_start_fails_the_job_with_its_last_words(
    runner: ProcessRunner, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    runner.submit(make_spec(), TABLES)
    status = ended(runner)
    assert status.state is JobState.FAILED
    assert status.message == f"the worker could not start (exit code 1): {root / 'job-1/worker.log'} is empty"


def test_one_slot_runs_jobs_one_at_a_time_oldest_first(runner: ProcessRunner) -> None:
    runner.submit(make_spec("steps", "job-a", at=2, steps=1), TABLES)
    runner.submit(make_spec("steps", "job-b", at=1, steps=20), TABLES)

    reached(runner, "stepping", "job-b")
    assert runner.status("job-a").state is JobState.QUEUED

    assert ended(runner, "job-a").state is JobState.FINISHED
    assert runner.status("job-b").state is JobState.FINISHED


def test_finished_job_with_a_damaged_result_says_so_and_can_run_again(runner: ProcessRunner, root: Path) -> None:
    runner.submit(make_spec(), TABLES)
    ended(runner)
    (root / "job-1/result/models.json").write_text("[")
    with pytest.raises(JobError, match=r"cannot be read .*; run the job again"):
        runner.result("job-1")

    runner.resume("job-1")

    assert ended(runner).state is JobState.FINISHED
    assert runner.result("job-1").models == ()


def test_deleted_folder_is_not_found_and_its_worker_stops(runner: ProcessRunner, root: Path) -> None:
    runner.submit(make_spec("steps", steps=1000), TABLES)
    reached(runner, "stepping")
    worker = JobFolder(root / "job-1").read_worker()
    assert worker is not None

    while (root / "job-1").exists():
        shutil.rmtree(root / "job-1", ignore_errors=True)

    with pytest.raises(NotFoundError, match=r"no folder of job 'job-1' .*start the job anew"):
        runner.status("job-1")
    assert worker.wait(5)
    runner.submit(make_spec("quick", "job-2"), TABLES)
    assert ended(runner, "job-2").state is JobState.FINISHED


def test_unreadable_spec_fails_its_job_and_blocks_no_other(runner: ProcessRunner, root: Path) -> None:
    runner.submit(make_spec("quick", "job-2"), TABLES)
    (root / "job-1").mkdir()
    (root / "job-1/spec.json").write_text("{")
    assert ended(runner, "job-2").state is JobState.FINISHED
    assert JobFolder(root / "job-1").state() is JobState.FAILED


@pytest.mark.parametrize("job_id", ["../elsewhere", "", "a b", "x/y", "x.new"])
def test_submit_with_an_id_that_is_no_folder_name_is_refused(runner: ProcessRunner, job_id: str) -> None:
    with pytest.raises(JobError, match="cannot be a folder's name"):
        runner.submit(make_spec(job_id=job_id), TABLES)
    with pytest.raises(NotFoundError):
        runner.status(job_id)


def test_submit_of_a_taken_id_is_refused(runner: ProcessRunner) -> None:
    runner.submit(make_spec(), TABLES)
    with pytest.raises(JobError, match="job-1 exists already"):
        runner.submit(make_spec(), TABLES)


def test_status_read_by_two_threads_while_the_worker_writes_never_goes_back(runner: ProcessRunner) -> None:
    runner.submit(make_spec("steps", steps=30), TABLES)
    runner.start_waiting()
    seen: list[list[int]] = [[], []]

    def read(mine: list[int]) -> None:
        while runner.status("job-1").state in (JobState.QUEUED, JobState.RUNNING):
            mine.append(runner.status("job-1").done)

    readers = [threading.Thread(target=read, args=(mine,)) for mine in seen]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(30)
    assert runner.status("job-1").done == 30
    assert all(mine == sorted(mine) and len(set(mine)) > 3 for mine in seen)
