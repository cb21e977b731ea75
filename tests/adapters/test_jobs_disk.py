"""A disk that fills up while a job writes: the job fails with a remedy, and nothing is lost."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import disk_usage

import pytest

from bsm_core.domain.jobs import JobState
from bsm_core.errors import JobError
from bsm_core.jobs.disk import is_disk_full
from bsm_core.jobs.process import ProcessRunner
from tests.job_handlers import NAME
from tests.job_world import TABLES, ended, make_spec, wait_until


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MiB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"mounting a tiny disk needs root: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_job_that_fills_the_disk_fails_naming_disk_and_remedy_and_can_be_resumed(tiny_disk: Path) -> None:
    runner = ProcessRunner(tiny_disk / "jobs", handlers=NAME)
    runner.submit(make_spec("writing"), TABLES)

    status = ended(runner)

    folder = tiny_disk / "jobs/job-1"
    assert status.state is JobState.FAILED
    assert status.message.startswith(f"no space left on the disk of {folder} (")
    assert "free some and resume: the work so far is kept" in status.message
    assert status.log[-1] == f"failed: {status.message}"  # the reserve left room for the last words
    assert (folder / "partial/checkpoint").read_text() == "kept"

    (folder / "partial/much").unlink()
    runner.resume("job-1")
    assert "resumed" in ended(runner).log
    runner.close()


def test_submit_on_a_full_disk_is_refused_and_leaves_no_folder(tiny_disk: Path) -> None:
    runner = ProcessRunner(tiny_disk / "jobs", handlers=NAME)
    runner.submit(make_spec("writing"), TABLES)
    ended(runner)
    with (tiny_disk / "filler").open("wb", buffering=0) as filler:
        while disk_usage(tiny_disk).free:
            filler.write(bytes(4096))

    with pytest.raises(
        JobError, match=f"cannot write the inputs of job job-2: no space left on the disk of {tiny_disk}"
    ):
        runner.submit(make_spec(job_id="job-2"), TABLES)

    assert runner.job_ids() == ["job-1"]
    assert not list((tiny_disk / "jobs").glob("job-2*"))
    assert runner.status("job-1").state is JobState.FAILED
    (tiny_disk / "filler").unlink()
    runner.submit(make_spec(job_id="job-2"), TABLES)
    runner.close()


def test_job_stopped_by_a_file_size_limit_fails_with_the_same_words(tmp_path: Path) -> None:
    runner = ProcessRunner(tmp_path / "jobs", handlers=NAME)
    runner.submit(make_spec("limited"), TABLES)
    status = ended(runner)
    assert status.state is JobState.FAILED
    assert "no space left on the disk of" in status.message
    assert (tmp_path / "jobs/job-1/partial/checkpoint").read_text() == "kept"
    wait_until(lambda: not (tmp_path / "jobs/job-1/reserve").exists())
    runner.close()


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        RuntimeError("I/O error: No space left on device (os error 28)"),  # safetensors
    ],
)
def test_is_disk_full_sees_through_libraries(error: Exception, tmp_path: Path) -> None:
    wrapped = RuntimeError("saving failed")
    wrapped.__cause__ = error
    assert is_disk_full(error, tmp_path)
    assert is_disk_full(wrapped, tmp_path)


@pytest.mark.parametrize("error", [PermissionError(errno.EACCES, "denied"), RuntimeError("error writing file")])
def test_is_disk_full_is_false_for_other_trouble_while_there_is_room(error: Exception, tmp_path: Path) -> None:
    assert not is_disk_full(error, tmp_path)
