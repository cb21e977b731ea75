"""Mistakes on test among the blind spots: what the job is told, what it brings, and how answers are split by it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from bsm_core.config import Settings, TeacherConfig
from bsm_core.domain.arms import Arm
from bsm_core.domain.comparison import Endpoint
from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.domain.locations import SHARE, Part
from bsm_core.domain.tasks import Split, Text
from bsm_core.errors import NothingToDoError
from bsm_core.jobs.inline import InlineRunner
from bsm_core.ports import FloatArray, JobContext, JobResult
from bsm_core.store import DuckStore
from bsm_core.workbench.launch import Launcher
from bsm_core.workbench.locating import Locator
from bsm_core.workflow.compare import comparison
from bsm_core.workflow.locate import locate
from bsm_core.workflow.seen_unseen import seen_unseen
from bsm_core.workflow.supervise import JobWatch
from tests.factories import BASELINE_ID, STUDY_ID, make_dataset, make_evaluation
from tests.spots import CLUSTERING_ID, add_clustering
from tests.store.worlds import add_model, add_set, attack_rows, start

TAU = 0.65


class LettersEmbedder:
    """A text's letters, counted: near where they are alike."""

    def embed(self, texts: Sequence[Text], _: JobContext | None = None) -> FloatArray:
        counts = np.array([[" ".join(text).count(letter) for letter in "aeinorst"] for text in texts], np.float32)
        return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def locator(filled: DuckStore, tmp_path: Path) -> Callable[[], Locator]:
    """Makes one that runs its job at once."""
    settings = Settings(tmp_path, TeacherConfig())

    def handler(spec: JobSpec, context: JobContext) -> JobResult:
        return locate(spec, context, embedder_for=lambda *_: LettersEmbedder())

    runner = InlineRunner(settings.jobs, {JobKind.LOCATE: handler})

    class Ran(Locator):
        def start(self, study_id: str) -> str:
            job_id = super().start(study_id)
            JobWatch(filled, runner).collect()
            assert filled.jobs.state(job_id) is JobState.INGESTED
            return job_id

    return lambda: Ran(filled, Launcher(filled, runner, tmp_path, threading.RLock()))


def test_job_places_every_mistake_on_test_and_counts_no_further_look(
    filled: DuckStore, locator: Callable[[], Locator]
) -> None:
    add_clustering(filled, BASELINE_ID)
    looks = filled.evaluations.looks(STUDY_ID)
    locator().start(STUDY_ID)
    found = filled.locations.latest(STUDY_ID)
    assert found is not None
    mistakes = filled.locations.mistakes(STUDY_ID)
    assert found.items == len(mistakes) > 30
    assert len(set(mistakes["item_id"].to_pylist())) == len(mistakes)
    assert filled.locations.missing(STUDY_ID, found.locating_id) == 0
    assert filled.evaluations.looks(STUDY_ID) == looks
    assert [region.spot_id for region in found.regions] == ["spot-0", "spot-1", "spot-2"]
    assert {region.size for region in found.regions} == {spot.size for spot in filled.blind_spots.spots(CLUSTERING_ID)}
    assert all(region.radius > 0 for region in found.regions)
    assert not locator().is_stale(STUDY_ID)


def test_parts_add_up_to_the_counts_of_the_comparison(filled: DuckStore, locator: Callable[[], Locator]) -> None:
    add_clustering(filled, BASELINE_ID)
    whole = comparison(filled, STUDY_ID, TAU)
    assert seen_unseen(filled, whole, TAU) is None
    locator().start(STUDY_ID)
    found = seen_unseen(filled, whole, TAU)
    assert found is not None
    assert found.missing == 0
    for endpoint, both in whole.effects.items():
        if endpoint is Endpoint.WRONG:
            continue
        for effect, seen, unseen in zip(
            both, found.effects[Part.SEEN][endpoint], found.effects[Part.UNSEEN][endpoint], strict=True
        ):
            assert effect.arm is seen.arm is unseen.arm
            assert effect.size == seen.size == unseen.size
            assert (effect.before, effect.after) == (seen.before + unseen.before, seen.after + unseen.after)
    narrow, usual, wide = (found.counts[share][0].seen for share in (0.8, SHARE, 1.0))
    assert narrow <= usual <= wide
    assert found.original == found.counts[SHARE][0]


def test_mistakes_of_a_later_evaluation_are_missing_until_they_are_placed(
    filled: DuckStore, locator: Callable[[], Locator]
) -> None:
    add_clustering(filled, BASELINE_ID)
    locator().start(STUDY_ID)
    first = filled.locations.latest(STUDY_ID)
    assert first is not None
    examples = make_dataset().of(Split.TEST)[:3]
    model = add_model(filled, Arm.HYPOTHESIS_LM, at=200)
    add_set(filled, model, "set-late", attack_rows("set-late", examples, "+++", [0.9, 0.8, 0.7]), split=Split.TEST)
    filled.ingest(
        JobResult("job-late", evaluations=(make_evaluation(model, "set-test-m-original", "set-late", at=210),))
    )
    assert filled.locations.missing(STUDY_ID, first.locating_id) == 3
    assert locator().is_stale(STUDY_ID)
    found = seen_unseen(filled, comparison(filled, STUDY_ID, TAU), TAU)
    assert found is not None
    assert (found.missing, found.counts[SHARE][-1].unplaced) == (3, 3)
    locator().start(STUDY_ID)
    latest = filled.locations.latest(STUDY_ID)
    assert latest is not None
    assert latest.items == first.items + 3


def test_nothing_is_placed_without_spots(locator: Callable[[], Locator]) -> None:
    with pytest.raises(NothingToDoError, match="no blind spots were looked for"):
        locator().start(STUDY_ID)
    assert not locator().is_stale(STUDY_ID)


def test_nothing_is_placed_before_an_evaluation(store: DuckStore, tmp_path: Path) -> None:
    data = start(store)
    model = add_model(store)
    add_set(
        store, model, "set-validation", attack_rows("set-validation", data.of(Split.VALIDATION), "+" * 6, [0.9] * 6)
    )
    add_clustering(store, model)
    locator = Locator(store, Launcher(store, InlineRunner(tmp_path, {}), tmp_path, threading.RLock()))
    with pytest.raises(NothingToDoError, match="no model was evaluated on test"):
        locator.start(STUDY_ID)
