"""One run of one job, from the claim to its end: the same in a worker process and inline."""

from __future__ import annotations

import os
import shutil
import traceback
from collections.abc import Callable, Mapping
from types import TracebackType

from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.errors import JobCancelledError, JobError, WorkbenchError
from bsm_core.jobs.claim import claim
from bsm_core.jobs.context import FolderContext, StopSignal
from bsm_core.jobs.disk import causes, disk_full_message, is_disk_full
from bsm_core.jobs.events import Event, append_event, make_event
from bsm_core.jobs.folder import Failure, JobFolder
from bsm_core.jobs.results import write_result
from bsm_core.ports import JobContext, JobResult

Handler = Callable[[JobSpec, JobContext], JobResult]
Handlers = Mapping[JobKind, Handler]

_RESERVE = 64 * 1024
"""Bytes kept free for the last words on a full disk."""


def execute(
    folder: JobFolder,
    handlers: Callable[[], Handlers],
    *,
    mark: str = "",
    on_event: Callable[[Event], None] | None = None,
    stop: StopSignal | None = None,
) -> JobState:
    """Run a QUEUED job and write its end into the folder; returns the state it ended in.

    ``handlers`` is called inside the run, so that a failing import is a failed job with a message. ``mark``: as in
    WorkerRecord. Raises ClaimRefusedError; a KeyboardInterrupt leaves the job INTERRUPTED and goes on.
    """
    spec = folder.read_spec()
    stop = stop or StopSignal()
    with claim(folder, mark), _Ending(folder, stop):
        folder.reserve.write_bytes(bytes(_RESERVE))
        folder.partial.mkdir(exist_ok=True)
        shutil.rmtree(folder.draft, ignore_errors=True)
        folder.draft.mkdir()
        with FolderContext(folder, on_event, stop) as context:
            context.started(os.environ.get("BSM_DEVICE", ""))
            stop.armed = True
            result = _handle(spec, context, handlers())
            stop.armed = False
            write_result(folder.draft, result)
            context.log("finished")
        folder.publish()
        shutil.rmtree(folder.partial, ignore_errors=True)  # checkpoints are many times the size of the result
    return folder.state()


def _handle(spec: JobSpec, context: FolderContext, handlers: Handlers) -> JobResult:
    if spec.kind not in handlers:
        raise JobError(f"no handler for a job of kind {spec.kind}; there are {', '.join(sorted(handlers))}")
    context.check_cancelled()
    result = handlers[spec.kind](spec, context)
    if result.job_id != spec.job_id:
        raise JobError(f"the handler of job {spec.job_id} returned the result of {result.job_id}")
    return result


class _Ending:
    """Writes how a run ended. Whatever a handler raises ends here: this is the edge of the worker."""

    def __init__(self, folder: JobFolder, stop: StopSignal) -> None:
        self._folder = folder
        self._stop = stop

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """True (the error is dealt with) for every Exception; False for KeyboardInterrupt and its like."""
        self._stop.armed = False
        if error is None:
            self._folder.reserve.unlink(missing_ok=True)
            return False
        failure = self._failure(error)  # looked at before room is made on the disk
        self._folder.reserve.unlink(missing_ok=True)
        shutil.rmtree(self._folder.draft, ignore_errors=True)
        if not isinstance(error, Exception) or self._was_stopped(error):
            self._say("cancelled" if self._folder.cancel.exists() else "interrupted")
            self._folder.mark_stopped()
        else:
            self._folder.write_failure(failure)
            self._say(f"failed: {failure.message}")
        return isinstance(error, Exception)

    def _was_stopped(self, error: Exception) -> bool:
        """Libraries may wrap the cancellation into an error of theirs, or stumble over it."""
        wrapped = any(isinstance(cause, JobCancelledError) for cause in causes(error))
        return wrapped or self._stop.received or self._folder.cancel.exists()

    def _failure(self, error: BaseException) -> Failure:
        name = type(error).__name__
        if is_disk_full(error, self._folder.path):
            message = disk_full_message(self._folder.path)
        elif isinstance(error, WorkbenchError):
            message = str(error)
        else:
            message = f"{name}: {error}" if str(error) else name
        return Failure(name, message, "".join(traceback.format_exception(error)))

    def _say(self, message: str) -> None:
        append_event(self._folder.events, make_event("log", message=message))
