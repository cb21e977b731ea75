"""Clusterings and edits in the store: appended, folded, undone, and held against the UUs of today."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bsm_core.config import Settings, TeacherConfig
from bsm_core.domain.blind_spots import SpotEdit, SpotMethod
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.unknowns import UnknownUnknown, Verdict
from bsm_core.errors import ConfigError, NotFoundError, NothingToDoError
from bsm_core.jobs.inline import InlineRunner
from bsm_core.ports import UnknownFilter
from bsm_core.store import DuckStore
from bsm_core.workbench.launch import Launcher
from bsm_core.workbench.spots import BlindSpots
from tests.factories import BASELINE_ID, STUDY_ID, make_judgement
from tests.spots import CLUSTERING_ID, add_clustering


@pytest.fixture
def spots(filled: DuckStore, tmp_path: Path) -> BlindSpots:
    """Three spots over all UUs but one. No job is run here."""
    add_clustering(filled, BASELINE_ID)
    settings = Settings(tmp_path, TeacherConfig())
    return BlindSpots(filled, Launcher(filled, InlineRunner(settings.jobs, {}), tmp_path, threading.RLock()))


def names(spots: BlindSpots) -> dict[str, int]:
    found = spots.overview(STUDY_ID)
    assert found is not None
    return {one.spot.name: one.spot.size for one in found.spots}


def test_clustering_comes_back_as_it_went_in(filled: DuckStore) -> None:
    made = add_clustering(filled, BASELINE_ID)
    assert filled.blind_spots.latest(BASELINE_ID) == made
    assert filled.blind_spots.latest("m-relabel") is None
    points, shown = filled.blind_spots.points(CLUSTERING_ID), filled.blind_spots.map_points(CLUSTERING_ID)
    assert [point.item_id for point in points] == [point.item_id for point in shown]
    assert [point.item_id for point in points] == filled.blind_spots.item_ids(CLUSTERING_ID)
    for point in shown:
        unknown = filled.unknowns.get(BASELINE_ID, point.item_id)
        assert (point.confidence, point.label, point.text) == (unknown.confidence, unknown.label, unknown.text[0][:140])
    assert made.method is SpotMethod.KMEANS


def test_overview_tells_figures_coverage_and_what_is_in_no_spot(spots: BlindSpots, filled: DuckStore) -> None:
    found = spots.overview(STUDY_ID)
    assert found is not None
    sizes = [one.spot.size for one in found.spots]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == len(found.points) - 1 == len(found.spot_of)
    for one in found.spots:
        assert sum(count for *_, count in one.pairs) == one.natural + one.adversarial == one.spot.size
        members = [point.confidence for point in found.points if found.spot_of.get(point.item_id) == one.spot.spot_id]
        assert one.confidence == pytest.approx(sum(members) / len(members))
    sources = {item for one in filled.hypotheses.all(STUDY_ID) for item in one.source_item_ids}
    covered = {one.spot.spot_id for one in found.spots if one.coverage.hypotheses}
    assert covered == {found.spot_of[item] for item in sources if item in found.spot_of}
    assert sum(one.coverage.approved for one in found.spots) > 0


def test_rename_merge_split_are_appended_and_undone_one_by_one(spots: BlindSpots, filled: DuckStore) -> None:
    before = names(spots)
    first, second, _ = (one.spot for one in spots.overview(STUDY_ID).spots)  # type: ignore[union-attr]
    spots.rename(STUDY_ID, first.spot_id, "  the   mine ")
    merged = spots.merge(STUDY_ID, [second.spot_id, first.spot_id])
    assert (merged.name, merged.size) == ("the mine", first.size + second.size)
    larger, smaller = spots.split(STUDY_ID, merged.spot_id)
    assert {*larger.item_ids, *smaller.item_ids} == set(merged.item_ids)
    assert larger.name == "the mine" != smaller.name
    assert len(names(spots)) == 3
    assert [spots.undo(STUDY_ID).kind for _ in range(3)] == [SpotEdit.SPLIT, SpotEdit.MERGE, SpotEdit.RENAME]
    assert names(spots) == before
    assert len(filled.blind_spots.changes(CLUSTERING_ID)) == 6
    with pytest.raises(NothingToDoError, match="no edit to undo"):
        spots.undo(STUDY_ID)


def test_edits_that_make_no_sense_are_refused_and_change_nothing(spots: BlindSpots) -> None:
    before = names(spots)
    taken = list(before)[1]
    with pytest.raises(ConfigError, match="has 1 to 80 characters, not 0"):
        spots.rename(STUDY_ID, "spot-0", "  ")
    with pytest.raises(ConfigError, match="is named"):
        spots.rename(STUDY_ID, "spot-0", taken)
    with pytest.raises(NothingToDoError, match="at least two"):
        spots.merge(STUDY_ID, ["spot-0", "spot-0"])
    with pytest.raises(NotFoundError, match="not there any more"):
        spots.split(STUDY_ID, "spot-9")
    assert names(spots) == before


def test_moved_tau_and_verdicts_make_it_stale(spots: BlindSpots, filled: DuckStore) -> None:
    found = spots.overview(STUDY_ID)
    assert found is not None
    judged_no = sum(one.verdict is Verdict.NO for one in _unknowns(filled))
    assert (found.staleness.came, found.staleness.went) == (0, judged_no)
    confident = max(found.points, key=lambda point: point.confidence).item_id
    filled.judgements.add(make_judgement(confident, Verdict.NO, at=90))
    filled.studies.set_tau(STUDY_ID, 0.55)
    found = spots.overview(STUDY_ID)
    assert found is not None
    assert found.staleness.went >= 1
    assert found.staleness.came > 0
    assert (found.staleness.tau_now, found.clustering.tau) == (0.55, 0.65)


def test_job_has_the_uus_of_today_and_the_names_given_by_hand(spots: BlindSpots, filled: DuckStore) -> None:
    spots.rename(STUDY_ID, "spot-1", "mine")
    job_id = spots.start(STUDY_ID)
    spec = next(spec for spec, _ in filled.jobs.all(STUDY_ID) if spec.job_id == job_id)
    assert (spec.kind, spec.params["tau"], spec.params["method"]) == (JobKind.CLUSTER, 0.65, SpotMethod.KMEANS)
    with pytest.raises(NothingToDoError, match="being looked for right now"):
        spots.rename(STUDY_ID, "spot-1", "late")


def _unknowns(store: DuckStore) -> list[UnknownUnknown]:
    return list(store.unknowns.page(UnknownFilter(BASELINE_ID, 0.65), limit=1000).rows)
