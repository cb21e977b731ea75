"""The one place where ports meet adapters: ``build_workbench(settings)`` for the server and the command line,
``worker_handlers()`` for job processes."""

from __future__ import annotations

import os
from collections.abc import Callable

from bsm_core.bootstrap.handlers import worker_handlers
from bsm_core.bootstrap.parts import answering_parts, key, make_teacher
from bsm_core.config import Settings, load_settings
from bsm_core.domain.jobs import JobSpec
from bsm_core.ports import JobRunner
from bsm_core.workbench import Workbench


def build_workbench(settings: Settings, runner: JobRunner | None = None) -> Workbench:
    """Open the workspace, made if need be. ``runner`` None starts jobs as processes of their own.

    Raises WorkspaceLockedError when another process owns it, WorkspaceCorruptError when it cannot be read.
    """
    from bsm_core.answering.process import AnswerProcess
    from bsm_core.jobs.process import ProcessRunner
    from bsm_core.store import open_store
    from bsm_core.tasks.cards import load_task, task_names
    from bsm_core.tasks.loading import load_dataset
    from bsm_core.tasks.opinions import opinion_ratings

    settings.workspace.mkdir(parents=True, exist_ok=True)
    store = open_store(settings.database)
    return Workbench(
        settings=settings,
        store=store,
        runner=runner or ProcessRunner(settings.jobs, settings.device),
        load_dataset=load_dataset,
        teacher_for=lambda config, record: make_teacher(config, settings.workspace, record),
        read_key=lambda variable: key(variable, settings.workspace),
        tasks=lambda: [load_task(name) for name in task_names()],
        answers=AnswerProcess(settings.device),
        opinions=opinion_ratings,
    )


def build_inline(settings: Settings, on_event: Callable[[JobSpec, dict[str, object]], None] | None = None) -> Workbench:
    """A workbench whose jobs run in this process, one after the other: for the command line and for tests."""
    from bsm_core.jobs.inline import InlineRunner

    if settings.device:
        os.environ["BSM_DEVICE"] = settings.device
    return build_workbench(settings, InlineRunner(settings.jobs, worker_handlers(), on_event))


__all__ = ["answering_parts", "build_inline", "build_workbench", "load_settings", "make_teacher", "worker_handlers"]
