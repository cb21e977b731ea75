"""Blind spots as a person works with them: found by a job, then renamed, merged, split, and all of it taken back."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from bsm_core.domain.arms import Model
from bsm_core.domain.blind_spots import MOST_NAME, Spot, SpotChange, SpotEdit, SpotPoint, SpotSettings, current
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.tasks import Split, Text
from bsm_core.errors import ConfigError, NotFoundError, NothingToDoError
from bsm_core.ports import Store
from bsm_core.workbench.launch import Launcher
from bsm_core.workflow.cluster import wrong_examples
from bsm_core.workflow.specs import new_id
from bsm_core.workflow.spot_overview import SpotOverview, overview
from bsm_core.workflow.spots import Describer, Surroundings, halves
from bsm_core.workflow.tables import texts


class BlindSpots:
    """Of a study's baseline. Edits are appended; none changes what is there."""

    def __init__(self, store: Store, launcher: Launcher) -> None:
        self._store = store
        self._launcher = launcher
        self._lock = threading.Lock()  # an edit rests on the spots as they stand

    def start(self, study_id: str, settings: SpotSettings | None = None) -> str:
        """Cluster the UUs at the study's tau; returns the job's id. Names given by hand go over to the spots that most
        members stay in. Raises NothingToDoError for fewer than two UUs, or while a clustering is under way."""
        self._refuse_while_clustering(study_id)
        _, _, model = self._launcher.with_baseline(study_id)
        return self._launcher.clustering(study_id, settings or self.last_settings(study_id), self._current(model))

    def overview(self, study_id: str) -> SpotOverview | None:
        """None before the first clustering. Raises NothingToDoError without a baseline."""
        study, _, model = self._launcher.with_baseline(study_id)
        return overview(self._store, study, model.model_id)

    def last_settings(self, study_id: str) -> SpotSettings:
        """How the UUs were clustered last, with the number of spots left to the data; else the defaults."""
        _, _, model = self._launcher.with_baseline(study_id)
        last = self._store.blind_spots.latest(model.model_id)
        return SpotSettings(last.method, last.space) if last else SpotSettings()

    def rename(self, study_id: str, spot_id: str, name: str) -> None:
        """Raises ConfigError for an empty, a long, or another spot's name."""
        shown = " ".join(name.split())
        if not shown or len(shown) > MOST_NAME:
            raise ConfigError(f"a spot's name has 1 to {MOST_NAME} characters, not {len(shown)}; give it another")
        with self._lock:
            spot, *others = self._named(study_id, [spot_id], and_others=True)
            if shown in {other.name for other in others}:
                raise ConfigError(f"another spot is named {shown!r} already; give it another name, or merge the two")
            self._append(SpotEdit.RENAME, [spot], name=shown)

    def merge(self, study_id: str, spot_ids: Sequence[str]) -> Spot:
        """One spot of several; it keeps the name that was given by hand to the largest, if any was."""
        if len(set(spot_ids)) < 2:
            raise NothingToDoError("merging takes at least two spots; choose another one")
        with self._lock:
            spots = sorted(self._named(study_id, list(dict.fromkeys(spot_ids))), key=lambda spot: -spot.size)
            points = self._points(spots[0])
            members = [points[item] for spot in spots for item in spot.item_ids]
            given = next((spot.name for spot in spots if spot.named_by_hand), None)
            merged = self._describer(study_id, spots[0]).describe(members, self._names(study_id, spots), given)
            self._append(SpotEdit.MERGE, spots, [merged])
        return merged

    def split(self, study_id: str, spot_id: str) -> tuple[Spot, Spot]:
        """Its members in two, by 2-means; the larger half keeps a name given by hand."""
        with self._lock:
            (spot,) = self._named(study_id, [spot_id])
            points = self._points(spot)
            larger, smaller = halves([points[item] for item in spot.item_ids])
            if not smaller:
                raise NothingToDoError(f"{spot.name!r} cannot be split: its texts all lie in one place")
            describer, taken = self._describer(study_id, spot), self._names(study_id, [spot])
            first = describer.describe(larger, taken, spot.name if spot.named_by_hand else None)
            second = describer.describe(smaller, {*taken, first.name})
            self._append(SpotEdit.SPLIT, [spot], [first, second])
        return first, second

    def undo(self, study_id: str) -> SpotChange:
        """Take back the last edit that is in force. Raises NothingToDoError when there is none."""
        with self._lock:
            self._refuse_while_clustering(study_id)
            found = self.overview(study_id)
            if found is None or found.last_change is None:
                raise NothingToDoError("there is no edit to undo")
            last = found.last_change
            self._store.blind_spots.change(
                SpotChange(new_id("sc"), last.clustering_id, SpotEdit.UNDO, (), (), "", last.change_id, _now())
            )
        return last

    def _append(self, kind: SpotEdit, before: Sequence[Spot], after: Sequence[Spot] = (), name: str = "") -> None:
        was, becomes = (tuple(spot.spot_id for spot in spots) for spots in (before, after))
        change = SpotChange(new_id("sc"), before[0].clustering_id, kind, was, becomes, name, None, _now())
        self._store.blind_spots.change(change, after)

    def _current(self, model: Model) -> list[Spot]:
        last = self._store.blind_spots.latest(model.model_id)
        if last is None:
            return []
        name = last.clustering_id
        return current(self._store.blind_spots.spots(name), self._store.blind_spots.changes(name))

    def _named(self, study_id: str, spot_ids: Sequence[str], *, and_others: bool = False) -> list[Spot]:
        """In the order asked for, then the others. Raises NotFoundError for a spot that is not there any more."""
        self._refuse_while_clustering(study_id)
        _, _, model = self._launcher.with_baseline(study_id)
        present = {spot.spot_id: spot for spot in self._current(model)}
        for spot_id in spot_ids:
            if spot_id not in present:
                raise NotFoundError(f"the spot {spot_id!r} is not there any more; reload the page")
        others = [spot for name, spot in present.items() if name not in spot_ids] if and_others else []
        return [*(present[spot_id] for spot_id in spot_ids), *others]

    def _names(self, study_id: str, but: Sequence[Spot]) -> set[str]:
        _, _, model = self._launcher.with_baseline(study_id)
        gone = {spot.spot_id for spot in but}
        return {spot.name for spot in self._current(model) if spot.spot_id not in gone}

    def _points(self, spot: Spot) -> dict[str, SpotPoint]:
        return {point.item_id: point for point in self._store.blind_spots.points(spot.clustering_id)}

    def _describer(self, study_id: str, spot: Spot) -> Describer:
        _, _, model = self._launcher.with_baseline(study_id)
        validation = self._store.examples.table(study_id, Split.VALIDATION)
        known: dict[str, Text] = {one.example_id: one.original_text for one in self._launcher.unknowns(study_id)}
        known |= dict(zip(validation["example_id"].to_pylist(), texts(validation), strict=True))
        return Describer(spot.clustering_id, Surroundings(known, wrong_examples(self._store, model.model_id)))

    def _refuse_while_clustering(self, study_id: str) -> None:
        for spec, state in self._store.jobs.all(study_id):
            if spec.kind is JobKind.CLUSTER and state.is_active:
                raise NothingToDoError("the blind spots are being looked for right now; wait for it, or cancel it")


def _now() -> datetime:
    return datetime.now(UTC)
