"""Clustering for real: planted groups are found, the map keeps them, and the job brings them into the store."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from bsm_core.bench.quiet import QuietContext
from bsm_core.classifiers.text_vectors import ClassifierVectors, SentenceVectors
from bsm_core.classifiers.untrained import save_untrained
from bsm_core.domain.blind_spots import SpotMethod, SpotSettings, SpotSpace
from bsm_core.domain.jobs import JobKind
from bsm_core.grouping import grouper as grouping
from bsm_core.grouping.grouper import SpotGrouper
from bsm_core.jobs.inline import InlineRunner
from bsm_core.workbench.launch import Launcher
from bsm_core.workbench.spots import BlindSpots
from bsm_core.workflow.cluster import cluster, components, nearest
from bsm_core.workflow.supervise import JobWatch
from tests.encoders import make_tiny_encoder
from tests.filled import BASELINE_ID, STUDY_ID, make_filled_store
from tests.spots import planted

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("method", "size"), [(SpotMethod.KMEANS, 4), (SpotMethod.HDBSCAN, 5)])
def test_planted_groups_are_found(method: SpotMethod, size: int) -> None:
    vectors, groups = planted([30, 20, 15, 10])
    found = SpotGrouper().group(components(vectors, 32), method, size, 0)
    inside = found >= 0  # HDBSCAN leaves the rim of a group out
    assert inside.mean() > (0.99 if method is SpotMethod.KMEANS else 0.6)
    for group in range(4):
        assert len(set(found[inside & (groups == group)])) >= 1
    for spot in set(found[inside]):
        assert len(set(groups[found == spot])) == 1
    assert (SpotGrouper().group(components(vectors, 32), method, size, 0) == found).all()


def test_stray_texts_are_in_no_spot_and_too_few_make_none() -> None:
    vectors, _ = planted([25, 25])
    strays = np.asarray([[40], [-40], [60]]) * np.eye(8, dtype=np.float32)[4:7]
    together = components(np.concatenate([vectors, strays]).astype(np.float32), 32)
    found = SpotGrouper().group(together, SpotMethod.HDBSCAN, 6, 0)
    assert len(set(found[:50])) > 1
    assert (found[-3:] == -1).all()
    assert (SpotGrouper().group(vectors[:4], SpotMethod.HDBSCAN, 6, 0) == -1).all()
    assert set(SpotGrouper().group(vectors[:3], SpotMethod.KMEANS, 6, 0)) == {0, 1, 2}


def test_map_keeps_groups_together_also_those_that_are_no_landmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, groups = planted([30, 30, 30])
    whole = SpotGrouper().map(components(vectors, 32), 0)
    assert (whole == SpotGrouper().map(components(vectors, 32), 0)).all()
    monkeypatch.setattr(grouping, "LANDMARKS", 60)
    for places in (whole, SpotGrouper().map(components(vectors, 32), 0)):
        centers = np.stack([places[groups == group].mean(axis=0) for group in range(3)])
        to_centers = np.linalg.norm(places[:, None] - centers[None], axis=2)
        assert (to_centers.argmin(axis=1) == groups).all()


def test_neighbors_are_the_nearest_others_in_order() -> None:
    vectors = np.eye(4, dtype=np.float32)
    around = np.asarray([[1, 0, 0, 0], [0.8, 0.6, 0, 0], [0.6, 0.8, 0, 0]], np.float32)
    found = nearest(vectors[:2], around, [0, None], 2)
    assert [row.tolist() for row in found] == [[1, 2], [2, 1]]
    assert [len(row) for row in nearest(vectors[:1], around[:1], [0], 2)] == [0]


def test_vectors_of_pairs_and_of_a_classifier_have_length_one(tmp_path: Path) -> None:
    encoder = make_tiny_encoder(tmp_path / "encoder")
    trained = save_untrained(encoder, tmp_path / "model", [("the film is dull",), ("a great story",)], 0)
    pair = ("the film", "is dull")
    for embedder in (SentenceVectors(encoder, "cpu"), ClassifierVectors(trained, "cpu")):
        together = embedder.embed([pair, ("a great story with actors and music",)], QuietContext())
        assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-6)
        assert embedder.embed([pair])[0] == pytest.approx(together[0], abs=1e-5)
        assert together[0] != pytest.approx(embedder.embed([pair[::-1]])[0], abs=1e-3)


def test_job_brings_spots_and_another_one_keeps_the_name_given_by_hand(tmp_path: Path) -> None:
    encoder = make_tiny_encoder(tmp_path / "encoder")

    def handler(spec, context):  # type: ignore[no-untyped-def]
        return cluster(spec, context, embedder_for=lambda *_: SentenceVectors(encoder, "cpu"), grouper_for=SpotGrouper)

    store = make_filled_store(tmp_path / "workbench.duckdb")
    runner = InlineRunner(tmp_path / "jobs", {JobKind.CLUSTER: handler})
    spots = BlindSpots(store, Launcher(store, runner, tmp_path, threading.RLock()))
    settings = SpotSettings(SpotMethod.KMEANS, SpotSpace.ENCODER, 4)
    spots.start(STUDY_ID, settings)
    JobWatch(store, runner).collect()
    first = spots.overview(STUDY_ID)
    assert first is not None
    assert not first.staleness.is_stale
    assert [point.item_id for point in first.points] == store.blind_spots.unknown_ids(BASELINE_ID, 0.65)
    assert len(first.spots) == 4
    assert sum(one.spot.size for one in first.spots) == len(first.points)
    spots.rename(STUDY_ID, first.spots[0].spot.spot_id, "mine")
    spots.start(STUDY_ID, settings)
    JobWatch(store, runner).collect()
    again = spots.overview(STUDY_ID)
    assert again is not None
    assert again.clustering.clustering_id != first.clustering.clustering_id
    assert [one.spot.item_ids for one in again.spots] == [one.spot.item_ids for one in first.spots]
    assert [one.spot.named_by_hand for one in again.spots] == [True, False, False, False]
    assert again.spots[0].spot.name == "mine"
    store.close()
