"""Compare: seen and unseen blind spots, in every state."""

from __future__ import annotations

from bsm_core.domain.comparison import PRIMARY
from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.domain.locations import Part
from bsm_core.ports import JobResult
from bsm_core.workbench import Workbench
from bsm_core.workflow.compare import comparison
from bsm_core.workflow.seen_unseen import seen_unseen
from tests.factories import BASELINE_ID, STUDY_ID, make_job
from tests.pages.conftest import OpenPage, put_job, words_of
from tests.spots import add_clustering, location_table, make_locating


def place(workbench: Workbench) -> None:
    """Two mistakes of three lie in a spot."""
    store = workbench.store
    items = store.locations.mistakes(STUDY_ID)["item_id"].to_pylist()
    reach = [1.0 if at % 3 == 0 else 0.5 for at in range(len(items))]
    spots = [spot.spot_id for spot in store.blind_spots.spots("cl-1")]
    store.jobs.add(make_job("job-locate", JobKind.LOCATE, at=130))
    result = JobResult(
        "job-locate", locatings=((make_locating(spots, items=len(items)), location_table(items, spots[0], reach)),)
    )
    store.ingest(result)


def test_without_blind_spots_it_leads_to_them(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("compare", section="spots")
    assert "No blind spots were looked for yet" in words_of(page)
    assert workbench.store.blind_spots.latest(BASELINE_ID) is None
    assert "spots-locate" not in [button.key for button in page.button]


def test_not_placed_yet_says_that_it_is_no_look_at_test_and_starts_the_job(
    workbench: Workbench, open_page: OpenPage
) -> None:
    add_clustering(workbench.store, BASELINE_ID)
    page = open_page("compare", section="spots")
    assert "no further look at test" in words_of(page)
    page.button(key="spots-locate").click().run()
    assert not page.exception
    spec, _ = workbench.store.jobs.all(STUDY_ID)[0]
    assert spec.kind is JobKind.LOCATE


def test_failed_job_says_why_and_leaves_the_button(workbench: Workbench, open_page: OpenPage) -> None:
    add_clustering(workbench.store, BASELINE_ID)
    put_job(workbench, JobState.FAILED, JobKind.LOCATE, message="the disk is full; make room")
    page = open_page("compare", section="spots")
    assert "the disk is full; make room" in words_of(page).replace("\\", "")
    assert "spots-locate" in [button.key for button in page.button]


def test_every_arm_is_told_for_both_parts_with_cautions_and_other_radii(
    workbench: Workbench, open_page: OpenPage
) -> None:
    add_clustering(workbench.store, BASELINE_ID)
    place(workbench)
    page = open_page("compare", section="spots")
    found = seen_unseen(workbench.store, comparison(workbench.store, STUDY_ID, 0.65), 0.65)
    assert found is not None
    said = words_of(page)
    table = next(str(one.value) for one in page.get("html") if "Blind spots" in str(one.value))
    for part in Part:
        for effect in found.effects[part][PRIMARY]:
            assert f"<td>{effect.before:,.4g}</td><td>{effect.after:,.4g}</td>" in table
    assert table.count("<tr>") == 1 + 2 * 3
    assert "in seen blind spots" in said
    assert "would count as unseen even if test held the very same blind spots" in said
    assert "80% of its members" in said
    assert len(page.get("plotly_chart")) == 1
    assert "out of date" not in said
    assert "changed, since the texts were placed" not in said


def test_changed_spots_are_told_and_can_be_placed_again(workbench: Workbench, open_page: OpenPage) -> None:
    add_clustering(workbench.store, BASELINE_ID)
    place(workbench)
    workbench.spots.merge(STUDY_ID, ["spot-0", "spot-1"])
    page = open_page("compare", section="spots")
    assert "changed, since the texts were placed" in words_of(page)
    assert "spots-locate" in [button.key for button in page.button]
