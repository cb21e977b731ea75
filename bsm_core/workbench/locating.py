"""Placing the mistakes on test among the blind spots of validation."""

from __future__ import annotations

from bsm_core.domain.jobs import JobKind
from bsm_core.errors import NothingToDoError
from bsm_core.ports import Store
from bsm_core.workbench.launch import Launcher
from bsm_core.workflow.locate import locate_job, present_spots


class Locator:
    """``Workbench.locating``."""

    def __init__(self, store: Store, launcher: Launcher) -> None:
        self._store = store
        self._launcher = launcher

    def start(self, study_id: str) -> str:
        """Returns the job's id. Raises NothingToDoError without a clustering or an evaluation, or while it runs."""
        for spec, state in self._store.jobs.all(study_id):
            if spec.kind is JobKind.LOCATE and state.is_active:
                raise NothingToDoError("the mistakes are being placed right now; wait for it, or cancel it")
        study, config, model = self._launcher.with_baseline(study_id)
        return self._launcher.submit(locate_job(self._store, study, model, self._launcher.path(model), config.seed))

    def is_stale(self, study_id: str) -> bool:
        """Whether mistakes came, or the blind spots changed, since they were placed last."""
        last = self._store.locations.latest(study_id)
        model = self._store.models.baseline(study_id)
        clustering = self._store.blind_spots.latest(model.model_id) if model else None
        if last is None or clustering is None:
            return False
        spots = {spot.spot_id for spot in present_spots(self._store, clustering)}
        return spots != {region.spot_id for region in last.regions} or bool(
            self._store.locations.missing(study_id, last.locating_id)
        )
