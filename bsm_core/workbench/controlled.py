"""The controlled check: the workbench tried on blind spots that are known, since they were planted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bsm_core.config import StudyConfig
from bsm_core.domain.controlled import NO_STUDY, ControlledPlan, ControlledResult
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.tasks import Dataset
from bsm_core.errors import NothingToDoError, StoreError
from bsm_core.ports import Store
from bsm_core.workbench.launch import Launcher
from bsm_core.workflow.controlled import RESULT_EVENT, controlled_job, data_config, from_dict


@dataclass(frozen=True, slots=True)
class CheckData:
    """Where the check takes its texts and its opinion words from."""

    load_dataset: Callable[[StudyConfig], Dataset]
    ratings: Callable[[], Mapping[str, float]]


class ControlledChecks:
    """Of a workspace: they belong to no study."""

    def __init__(self, store: Store, launcher: Launcher, data: CheckData) -> None:
        self._store = store
        self._launcher = launcher
        self._data = data

    def start(self, plan: ControlledPlan) -> str:
        """Returns the job's id. Raises TaskError for more texts than there are, NothingToDoError for too few terms, and
        while a check is under way: all before anything runs."""
        if any(spec.kind is JobKind.CONTROLLED and state.is_active for spec, state in self._store.jobs.all(NO_STUDY)):
            raise NothingToDoError("a self-test is under way already; wait for it, or cancel it")
        return self._launcher.submit(
            controlled_job(plan, self._data.load_dataset(data_config(plan)), self._data.ratings())
        )

    def latest(self) -> ControlledResult | None:
        """The newest finished check. Raises StoreError for a record that another version wrote."""
        found = self._store.latest(NO_STUDY, RESULT_EVENT)
        if found is None:
            return None
        try:
            return from_dict(found)
        except ValueError as error:
            raise StoreError("the last self-test was stored by another version; run it again") from error
