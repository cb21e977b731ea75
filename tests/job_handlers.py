"""Tiny job handlers for real worker processes. ``params["behavior"]`` of the spec names one of ``BEHAVIORS``."""

from __future__ import annotations

import itertools
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow.parquet as pq

from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.ports import JobContext, JobResult

NAME = "tests.job_handlers:handlers"


def handlers() -> Mapping[JobKind, Callable[[JobSpec, JobContext], JobResult]]:
    return {JobKind.TRAIN: _behave}


def broken_handlers() -> Mapping[JobKind, Callable[[JobSpec, JobContext], JobResult]]:
    raise ImportError("libmissing.so: cannot open shared object file")


def _behave(spec: JobSpec, context: JobContext) -> JobResult:
    context.log(f"behaving: {spec.params['behavior']}")
    BEHAVIORS[str(spec.params["behavior"])](spec, context)
    return JobResult(spec.job_id, events=(("behaved", {"seed": spec.seed}),))


def _quick(spec: JobSpec, context: JobContext) -> None:
    """Read an input, tell of everything, leave a file in the result."""
    rows = pq.read_table(context.inputs / "train.parquet").num_rows
    for step in range(3):
        context.check_cancelled()
        context.progress("training", step + 1, 3)
        context.metric("loss", step, 1 / (step + 1))
    (context.partial / "checkpoint").write_text("weights")
    (context.result / "rows").write_text(str(rows))
    (context.result / "seed").write_text(str(spec.seed))


def _steps(spec: JobSpec, context: JobContext) -> None:
    """``steps`` steps of 50 ms, each written down in ``partial`` as a checkpoint is, and not done twice."""
    done = context.partial / "steps"
    total = int(str(spec.params["steps"]))
    for step in range(len(done.read_text()) if done.exists() else 0, total):
        context.check_cancelled()
        time.sleep(0.05)
        with done.open("a") as file:
            file.write("x")
        context.progress("stepping", step + 1, total)
    (context.result / "steps").write_text(done.read_text())


def _sleeping(_spec: JobSpec, context: JobContext) -> None:
    """Never looks at the marker, but can be interrupted."""
    context.progress("sleeping", 0, 1)
    time.sleep(60)


def _native(_spec: JobSpec, context: JobContext) -> None:
    """Stuck in C, where no Python signal handler runs; with a child that ignores SIGTERM."""
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (context.partial / "child").write_text(str(process.pid))
        context.progress("stuck", 0, 1)
        sum(itertools.repeat(0, 10**13))


def _wrapping(_spec: JobSpec, context: JobContext) -> None:
    """A library that turns what it does not know into its own error."""
    try:
        while True:
            context.check_cancelled()
            context.progress("waiting", 0, 1)
            time.sleep(0.02)
    except Exception as error:
        raise RuntimeError("the library failed") from error


def _failing(_spec: JobSpec, _context: JobContext) -> None:
    raise ValueError("the labels are 3, and the classifier has 2")


def _killed(_spec: JobSpec, context: JobContext) -> None:
    """Dies as by the out-of-memory killer, once; goes on after that."""
    marker = context.partial / "killed"
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def _writing(_spec: JobSpec, context: JobContext) -> None:
    """Fills the disk: first a small checkpoint, then much."""
    (context.partial / "checkpoint").write_text("kept")
    with (context.partial / "much").open("wb") as file:
        for _ in range(1024):
            file.write(bytes(64 * 1024))
            file.flush()


def _limited(spec: JobSpec, context: JobContext) -> None:
    """As ``writing``, where the system refuses to let a file grow beyond 256 KiB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024, resource.RLIM_INFINITY))
    _writing(spec, context)


def _environment(_spec: JobSpec, context: JobContext) -> None:
    lines = [os.environ["BSM_DEVICE"], os.environ["TOKENIZERS_PARALLELISM"], str(Path.cwd())]
    heavy = [name for name in ("torch", "transformers", "streamlit", "duckdb", "textattack") if name in sys.modules]
    (context.result / "environment").write_text("\n".join([*lines, ",".join(heavy)]))
    print("said on standard output")


BEHAVIORS: dict[str, Callable[[JobSpec, JobContext], None]] = {
    "quick": _quick,
    "steps": _steps,
    "sleeping": _sleeping,
    "native": _native,
    "wrapping": _wrapping,
    "failing": _failing,
    "killed": _killed,
    "writing": _writing,
    "limited": _limited,
    "environment": _environment,
}
