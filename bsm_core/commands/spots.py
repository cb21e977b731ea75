"""``spots``: the blind spots of a study's baseline, found and printed."""

from __future__ import annotations

import argparse

from tabulate import tabulate

from bsm_core.commands.opened import add_study, settings_of, study_of
from bsm_core.domain.blind_spots import SpotMethod, SpotSettings, SpotSpace
from bsm_core.domain.jobs import JobState
from bsm_core.domain.studies import Study
from bsm_core.errors import ConfigError, JobError
from bsm_core.workbench import Workbench
from bsm_core.workflow.spot_overview import SpotFigures, SpotOverview

_WORDS = 5
_HEADERS = ("spot", "UUs", "wrong nearby", "95%", "confidence", "hypotheses", "approved", "words")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    spots = commands.add_parser("spots", help="cluster a study's unknown unknowns, and print the blind spots")
    spots.add_argument("--method", choices=list(SpotMethod), help="default: as last time, else kmeans")
    spots.add_argument(
        "--space", choices=list(SpotSpace), help="whose vectors (default: as last time, else classifier)"
    )
    spots.add_argument("--k", type=int, help="how many spots (kmeans), or texts in the smallest one (hdbscan)")
    add_study(spots)
    spots.set_defaults(run=_spots)


def _spots(options: argparse.Namespace) -> None:
    """Clusters where that was never done, where an option is given, and where the spots are out of date."""
    from bsm_core.bootstrap import build_inline

    workbench = build_inline(settings_of(options))
    try:
        study = study_of(workbench, options.study)
        found = workbench.spots.overview(study.study_id)
        asked = (options.method, options.space, options.k) != (None, None, None)
        if found is None or found.staleness.is_stale or asked:
            found = _cluster(workbench, study, options)
        print(_told(found, study))
    finally:
        workbench.close()


def _cluster(workbench: Workbench, study: Study, options: argparse.Namespace) -> SpotOverview:
    last = workbench.spots.last_settings(study.study_id)
    try:
        method, space = SpotMethod(options.method or last.method), SpotSpace(options.space or last.space)
        settings = SpotSettings(method, space, options.k or 0)
    except ValueError as error:
        raise ConfigError(f"--k: {error}") from error
    job_id = workbench.spots.start(study.study_id, settings)
    workbench.tick(study.study_id)
    status, found = workbench.job(job_id), workbench.spots.overview(study.study_id)
    if status.state is not JobState.INGESTED or found is None:
        raise JobError(f"{status.spec.title} {status.state}: {status.message}")
    return found


def _told(found: SpotOverview, study: Study) -> str:
    clustering = found.clustering
    table = tabulate([_row(one) for one in found.spots], _HEADERS, disable_numparse=True)
    alone = len(found.points) - len(found.spot_of)
    return (
        f"{study.name}: {len(found.points):,} unknown unknowns at tau {clustering.tau:g}; {clustering.method} over the "
        f"vectors of the {clustering.space}, seed {clustering.seed}\n{table}\n"
        f"{alone:,} in no spot. Of all validation texts {clustering.wrong_share:.1%} are wrong."
    )


def _row(one: SpotFigures) -> list[str]:
    spot = one.spot
    return [
        spot.name,
        f"{spot.size:,}",
        f"{spot.wrong_share:.0%}",
        f"{spot.wrong_low:.0%} to {spot.wrong_high:.0%}",
        f"{one.confidence:.2f}",
        f"{one.coverage.hypotheses or 'none yet'}",
        f"{one.coverage.approved or 'none yet'}",
        ", ".join(word.word for word in spot.words[:_WORDS]),
    ]
