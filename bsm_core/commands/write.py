"""``write``: the language model writes hypotheses and samples for many UUs, within the budget and a cap."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bsm_core.commands.opened import add_study, settings_of, study_of

if TYPE_CHECKING:
    from bsm_core.domain.authoring import WriteOrder
    from bsm_core.domain.studies import Study
    from bsm_core.workbench import Workbench


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    write = commands.add_parser("write", help="have the language model write hypotheses and samples, within a cap")
    write.add_argument("--uus", type=int, metavar="N", help="UUs to write about (default: the budget's room)")
    write.add_argument("--extrapolations", type=int, metavar="N", help="default: as many as --uus")
    write.add_argument("--dry-run", action="store_true", help="print the expected calls, tokens and cost, and stop")
    write.add_argument("--cap-usd", type=float, metavar="X", help="stop before more than this is spent")
    write.add_argument("--cap-tokens", type=int, metavar="N", help="stop before more tokens are read and written")
    write.add_argument("--at-once", type=int, default=8, metavar="N", help="requests under way together (default: 8)")
    write.add_argument("--rounds", type=int, default=3, help="tries for what is rejected (default: 3)")
    write.add_argument("--temperature", type=float, help="instead of each prompt template's")
    write.add_argument("--differ", action="store_true", help="list what is there already in the prompts")
    write.add_argument("--batch", action="store_true", help="use the endpoint's batch API: slower, often cheaper")
    write.add_argument("--resume", action="store_true", help="go on with a run that failed or was stopped")
    add_study(write)
    write.set_defaults(run=_write)


def _write(options: argparse.Namespace) -> None:
    from bsm_core.bootstrap import build_inline
    from bsm_core.headless import ProgressBars

    bars = ProgressBars()
    workbench = build_inline(settings_of(options), bars)
    try:
        study = study_of(workbench, options.study)
        if options.resume:
            job_id = _stopped(workbench, study)
            workbench.resume(job_id)
        else:
            order = _order(workbench, study, options)
            _print_estimate(workbench, study, order)
            if options.dry_run:
                return
            job_id = workbench.authoring.start(study.study_id, order)
        _finish(workbench, study, job_id)
    finally:
        bars.close()
        workbench.close()


def _order(workbench: Workbench, study: Study, options: argparse.Namespace) -> WriteOrder:
    from bsm_core.domain.authoring import WriteOrder
    from bsm_core.errors import ConfigError
    from bsm_core.workbench.authoring import within

    room = workbench.authoring.room(study.study_id)
    abstractions = room.abstractions if options.uus is None else options.uus
    further = room.extrapolations if options.uus is None else options.uus
    named = {
        name: getattr(options, name)
        for name in ("cap_usd", "cap_tokens", "at_once", "rounds", "temperature", "differ", "batch")
    }
    try:
        order = WriteOrder(abstractions, further if options.extrapolations is None else options.extrapolations, **named)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    return within(order, room)


def _print_estimate(workbench: Workbench, study: Study, order: WriteOrder) -> None:
    from bsm_core.report.writing import estimate_text

    teacher = workbench.settings.teacher
    print(f"{teacher.model} at {teacher.endpoint}, for {study.name}:")
    print(
        f"{order.abstractions:,} abstractions and {order.extrapolations:,} extrapolations, "
        f"{order.samples_each} sample each"
    )
    print(estimate_text(workbench.authoring.estimate(study.study_id, order)))


def _stopped(workbench: Workbench, study: Study) -> str:
    from bsm_core.domain.jobs import JobKind
    from bsm_core.errors import NothingToDoError

    for status in workbench.jobs(study.study_id):
        if status.spec.kind is JobKind.WRITE and status.state.is_resumable:
            return status.spec.job_id
    raise NothingToDoError("no run of `write` was stopped in this study; leave out --resume to start one")


def _finish(workbench: Workbench, study: Study, job_id: str) -> None:
    from bsm_core.domain.jobs import JobState
    from bsm_core.errors import JobError

    workbench.tick(study.study_id)
    status = workbench.job(job_id)
    if status.state is not JobState.INGESTED:
        raise JobError(f"{status.spec.title} {status.state}: {status.message}; mend it, then use --resume")
    stopped = workbench.authoring.last_stop(study.study_id)
    print(status.log[-2] if len(status.log) > 1 else status.message)
    if stopped:
        print(f"{stopped}. The same command with a higher cap goes on from here.")
