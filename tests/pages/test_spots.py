"""The Blind spots page in each of its states, and what can be done on it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.charts.spot_map import MapColor, sign_of, spot_map
from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.workbench import Workbench
from bsm_core.workflow.spot_overview import SpotOverview
from tests.factories import BASELINE_ID, STUDY_ID
from tests.pages.conftest import OpenPage, put_job, words_of
from tests.spots import add_clustering, make_map_point

PICKED = f"spots-ticked-{STUDY_ID}"


@pytest.fixture
def spots(workbench: Workbench) -> Workbench:
    add_clustering(workbench.store, BASELINE_ID)
    return workbench


def seen(workbench: Workbench) -> SpotOverview:
    found = workbench.spots.overview(STUDY_ID)
    assert found is not None
    return found


def clicked(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def test_without_a_baseline_it_says_what_is_missing(fresh_workbench: Workbench, open_page: OpenPage) -> None:
    assert fresh_workbench.store.models.baseline(STUDY_ID) is None
    assert "train it first" in words_of(open_page("spots"))


def test_not_clustered_yet_offers_it_and_starts_the_job(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("spots")
    assert "not clustered yet" in words_of(page)
    clicked(page, "spots-start")
    spec, _ = workbench.store.jobs.all(STUDY_ID)[0]
    assert spec.kind is JobKind.CLUSTER


def test_without_uus_there_is_nothing_to_cluster(workbench: Workbench, open_page: OpenPage) -> None:
    workbench.store.studies.set_tau(STUDY_ID, 1.0)
    assert "Nothing to cluster" in words_of(open_page("spots"))


def test_list_and_map_show_every_spot_with_its_coverage(spots: Workbench, open_page: OpenPage) -> None:
    page = open_page("spots")
    found = seen(spots)
    rows = page.dataframe[0].value
    assert list(rows["Spot"]) == [one.spot.name for one in found.spots]
    assert list(rows["Hypotheses"]) == [str(one.coverage.hypotheses or "none yet") for one in found.spots]
    assert "1 in no spot" in words_of(page)
    assert len(page.get("plotly_chart")) == 1


def test_open_spot_shows_its_figures_words_and_texts(spots: Workbench, open_page: OpenPage) -> None:
    one = seen(spots).spots[1]
    page = open_page("spots", spot=one.spot.spot_id)
    said = words_of(page)
    assert f"{one.spot.size} texts" in said
    assert "**plot** 4 here, 2 elsewhere" in said
    assert "So the whole neighborhood is weak" in said
    first = spots.store.unknowns.get(BASELINE_ID, one.spot.item_ids[0])
    assert first.original_text[0].split()[-1] in said


def test_rename_split_merge_and_undo_from_the_page(spots: Workbench, open_page: OpenPage) -> None:
    spot = seen(spots).spots[0].spot
    page = open_page("spots", spot=spot.spot_id)
    page.text_input(key=f"spot-name-{spot.spot_id}").set_value("*mine*")
    clicked(page, "spot-rename")
    assert "\\*mine\\*" in words_of(page)
    clicked(page, "spot-split")
    assert len(seen(spots).spots) == 4
    page.session_state[PICKED] = [one.spot.spot_id for one in seen(spots).spots[:2]]
    page.run()
    clicked(page, "spots-merge")
    assert len(seen(spots).spots) == 3
    for _ in range(3):
        clicked(page, "spots-undo")
    assert seen(spots).last_change is None
    assert page.button(key="spots-undo").disabled


def test_hypothesis_about_a_spot_starts_from_its_typical_texts(spots: Workbench, open_page: OpenPage) -> None:
    spot = seen(spots).spots[0].spot
    page = clicked(open_page("spots", spot=spot.spot_id), "spot-hypothesize")
    assert page.title[0].value == "Hypotheses"
    chosen = page.query_params["items"].split(",")
    assert set(chosen) <= set(spot.item_ids)
    assert "texts chosen" in words_of(page)


def test_points_of_the_map_can_be_chosen_and_written_about(spots: Workbench, open_page: OpenPage) -> None:
    items = [point.item_id for point in seen(spots).points[:3]]
    points = [{"customdata": item} for item in items] + [{"customdata": "gone"}]
    state = {"selection": {"points": points, "point_indices": [], "box": [], "lasso": []}}
    page = open_page("spots", session_state={f"spots-map-{STUDY_ID}-spot-0": state})
    assert "3 texts chosen on the map" in words_of(page)
    clicked(page, "choice-hypothesize")
    assert sorted(page.query_params["items"].split(",")) == sorted(items)


def test_moved_tau_makes_it_stale_and_one_press_clusters_again(spots: Workbench, open_page: OpenPage) -> None:
    spots.store.studies.set_tau(STUDY_ID, 0.55)
    page = open_page("spots")
    assert "tau was 0.65 and is 0.55" in words_of(page)
    clicked(page, "spots-redo")
    assert spots.store.jobs.all(STUDY_ID)[0][0].kind is JobKind.CLUSTER


def test_while_a_clustering_runs_the_old_spots_can_be_read_but_not_edited(
    spots: Workbench, open_page: OpenPage
) -> None:
    put_job(spots, JobState.RUNNING, JobKind.CLUSTER, title="Find blind spots")
    page = open_page("spots", spot="spot-0")
    assert "Find blind spots" in words_of(page)
    assert page.button(key="spot-split").disabled


def test_failed_clustering_says_why(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.FAILED, JobKind.CLUSTER, message="the model folder has no weights; train it again")
    said = words_of(open_page("spots"))
    assert "the model folder has no weights" in said.replace("\\", "")
    assert "not clustered yet" in said


def test_map_colors_by_spot_labels_and_confidence_and_tells_spots_apart_twice() -> None:
    points = [make_map_point(f"i{n}") for n in range(4)]
    spots = [("a", "<b>first</b>"), ("b", "second")]
    by_spot = spot_map(points, spots, {"i0": "a", "i1": "b"}, ("no", "yes"), opened="a").data
    assert [len(trace.x) for trace in by_spot] == [2, 1, 1]
    assert by_spot[1].marker.opacity > by_spot[2].marker.opacity
    assert "&lt;b&gt;first" in by_spot[1].name
    assert (by_spot[1].marker.color, by_spot[1].marker.symbol) != (by_spot[2].marker.color, by_spot[2].marker.symbol)
    assert len({sign_of(place) for place in range(42)}) == 42
    assert "no, called yes" in spot_map(points, spots, {}, ("no", "yes"), MapColor.LABELS).data[0].name
    assert spot_map(points, spots, {}, ("no", "yes"), MapColor.CONFIDENCE).data[0].marker.color == (0.9,) * 4
    crowd = [make_map_point(f"i{n}") for n in range(7_000)]
    assert len(spot_map(crowd, [], {}, ("no", "yes"), MapColor.CONFIDENCE).data[0].x) <= 3_000
