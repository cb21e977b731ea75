"""One exception tree. A message states the value that was refused and what to do about it.

Only the edges (``ui/shell.py``, ``cli.py``, the worker) show these messages; nothing in between swallows them.
"""


class WorkbenchError(Exception):
    """Something the user can act on. ``str(error)`` is shown as it stands."""


class ConfigError(WorkbenchError):
    """A setting or preset has an impossible value."""


class TaskError(WorkbenchError):
    """A task is unknown, or its data cannot be read."""


class AssetError(TaskError):
    """A packaged asset is missing, or does not have the known hash."""


class StoreError(WorkbenchError):
    """The workspace cannot be opened or written."""


class WorkspaceLockedError(StoreError):
    """Another process owns the workspace."""


class WorkspaceCorruptError(StoreError):
    """The DuckDB file cannot be read."""


class NotFoundError(StoreError):
    """An id that is in nobody's table."""


class ClassifierError(WorkbenchError):
    """A model folder is unusable, or a model answers nonsense."""


class PerturbationError(WorkbenchError):
    """A perturbation recipe is unknown, or its resources are missing."""


class JobError(WorkbenchError):
    """A job cannot be started, or failed."""


class JobCancelledError(JobError):
    """The job saw its cancel marker. Raised by ``JobContext.check_cancelled``; its work so far is kept."""


class CheckFailedError(WorkbenchError):
    """A check that was asked to fail loudly did not come out well."""


class NothingToDoError(WorkbenchError):
    """A step has no input: no UUs, no approved samples, an empty split."""


class DrawingError(WorkbenchError):
    """Figures cannot be made into pictures: no browser is there to draw them, or it failed."""


class TeacherError(WorkbenchError):
    """The teacher gave no usable answer. Subclasses say why."""


class TeacherKeyError(TeacherError):
    """The endpoint refused the key."""


class TeacherUnreachableError(TeacherError):
    """No connection, or no answer within the time limit."""


class TeacherRateLimitError(TeacherError):
    """The endpoint asked us to slow down, more often than we retry."""


class TeacherAnswerError(TeacherError):
    """The answer is empty, refused, truncated or does not parse. The raw text is in the call's record."""


class UnusableAnswerError(TeacherAnswerError):
    """The endpoint answered in full, and there is nothing to use: a refusal, a filter, an answer cut off or far too
    long. The same request would get the same again, so it is not asked twice."""


class SpendingCapError(TeacherError):
    """The next call might go beyond what may be spent. It was not made."""
