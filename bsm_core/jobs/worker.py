"""The root of a worker process: ``python -m bsm_core.jobs.worker <job folder>``.

It runs one job and exits. It never opens the store, and it outlives the server that started it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from bsm_core.domain.jobs import JobState
from bsm_core.errors import JobError
from bsm_core.jobs.claim import ClaimRefusedError
from bsm_core.jobs.context import StopSignal
from bsm_core.jobs.execution import Handlers, execute
from bsm_core.jobs.folder import JobFolder
from bsm_core.jobs.liveness import MARK_VARIABLE

DEFAULT_HANDLERS = "bsm_core.bootstrap:worker_handlers"

EXIT_FINISHED = 0
EXIT_ENDED = 10
"""Failed or cancelled; the folder says which."""
EXIT_REFUSED = 75
"""Another worker has the job, or it is not waiting any more."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bsm_core.jobs.worker", description=__doc__)
    parser.add_argument("folder", type=Path, help="the job's folder")
    parser.add_argument("--handlers", default=DEFAULT_HANDLERS, help="module:function returning {JobKind: handler}")
    options = parser.parse_args(arguments)
    stop = _settle()
    mark = os.environ.get(MARK_VARIABLE, "")
    try:
        state = execute(JobFolder(options.folder.resolve()), lambda: _load(options.handlers), mark=mark, stop=stop)
    except ClaimRefusedError as error:
        print(error, file=sys.stderr)
        return EXIT_REFUSED
    return EXIT_FINISHED if state is JobState.FINISHED else EXIT_ENDED


def _settle() -> StopSignal:
    """Signals, umask and noise of a process that runs in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the server's terminal is not meant for workers
    stop = StopSignal()
    signal.signal(signal.SIGTERM, stop)
    os.umask(os.umask(0o022) | 0o022)  # never writable by others, never more open than the user wants
    warnings.simplefilter("ignore")
    return stop


def _load(name: str) -> Handlers:
    module, _, function = name.partition(":")
    found: Callable[[], Handlers] | None = getattr(importlib.import_module(module), function, None)
    if found is None:
        raise JobError(f"{name!r} names no handlers; use module:function")
    return found()


if __name__ == "__main__":
    sys.exit(main())
