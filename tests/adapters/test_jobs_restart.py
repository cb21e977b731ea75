"""A server killed at any moment loses nothing: its workers go on, and the next server takes in each result once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bsm_core.domain.jobs import JobState
from bsm_core.jobs.process import ProcessRunner
from bsm_core.store import open_store
from bsm_core.workflow.supervise import JobWatch
from tests.factories import make_filled_store
from tests.job_handlers import NAME
from tests.job_world import TABLES, make_spec, wait_until
from tests.records import STUDY_ID

_SERVER = """
import sys, time
from pathlib import Path
from bsm_core.jobs.process import ProcessRunner
from bsm_core.store import open_store
from bsm_core.workflow.supervise import JobWatch
from tests.job_handlers import NAME
from tests.job_world import TABLES, make_spec

workspace = Path(sys.argv[1])
store = open_store(workspace / "workbench.duckdb")
runner = ProcessRunner(workspace / "jobs", handlers=NAME)
for number, steps in enumerate((3, 30), start=1):
    spec = make_spec("steps", f"job-{number}", at=number, steps=steps)
    store.jobs.add(spec)
    runner.submit(spec, TABLES)
watch = JobWatch(store, runner)
while True:
    runner.start_waiting()
    watch.collect()
    if runner.status("job-2").done > 5:
        print("now", flush=True)
    time.sleep(0.05)
"""


def test_killed_server_loses_no_job_and_no_result_is_taken_in_twice(tmp_path: Path) -> None:
    database = tmp_path / "workbench.duckdb"
    make_filled_store(database, validation=0, test=0, train=4).close()
    with subprocess.Popen([sys.executable, "-c", _SERVER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "now\n"
        server.kill()

    store = open_store(database)
    runner = ProcessRunner(tmp_path / "jobs", handlers=NAME)
    watch = JobWatch(store, runner)
    assert store.jobs.state("job-1") is JobState.INGESTED
    assert store.jobs.state("job-2") is JobState.RUNNING
    assert (
        watch.status(make_spec("steps", "job-2"), JobState.RUNNING).state is JobState.RUNNING
    )  # it outlived the server

    def is_in() -> bool:
        runner.start_waiting()
        watch.collect()
        return store.jobs.state("job-2") is JobState.INGESTED

    wait_until(is_in)
    assert (tmp_path / "jobs/job-2/result/steps").read_text() == "x" * 30
    assert (tmp_path / "jobs/job-2/events.jsonl").read_text().count('"type": "started"') == 1
    for _ in range(3):
        watch.collect()
    assert not store.ingest(runner.result("job-1"))
    assert not store.ingest(runner.result("job-2"))
    assert store.latest(STUDY_ID, "behaved") == {"seed": 7}
    runner.close()
    store.close()


def test_worker_killed_with_the_server_is_marked_interrupted_by_the_next_and_resumes(tmp_path: Path) -> None:
    store = make_filled_store(tmp_path / "workbench.duckdb", validation=0, test=0, train=4)
    runner = ProcessRunner(tmp_path / "jobs", handlers=NAME)
    watch = JobWatch(store, runner)
    spec = make_spec("killed")
    store.jobs.add(spec)
    runner.submit(spec, TABLES)

    def is_in(state: JobState) -> bool:
        runner.start_waiting()
        watch.collect()
        return store.jobs.state("job-1") is state

    wait_until(lambda: is_in(JobState.INTERRUPTED))
    watch.resume("job-1")
    assert store.jobs.state("job-1") is JobState.QUEUED
    wait_until(lambda: is_in(JobState.INGESTED))
    runner.close()
    store.close()
