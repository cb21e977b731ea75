"""Hypotheses and samples from files into a study: the set that ships, or anybody's."""

from __future__ import annotations

from collections import defaultdict

from bsm_core.ports import Store
from bsm_core.workbench.launch import Launcher
from bsm_core.workflow import curated_set
from bsm_core.workflow.curated_set import CuratedSet


class CuratedSets:
    """Nothing is overwritten: what a study has already is counted and left as it is, so that a file can come twice."""

    def __init__(self, store: Store, launcher: Launcher) -> None:
        self._store = store
        self._launch = launcher

    def shipped(self, study_id: str) -> tuple[str, bytes]:
        """Name and content of the file that ships for the study's task. Raises NotFoundError when there is none."""
        return curated_set.shipped(self._store.studies.get(study_id).task)

    def read(self, study_id: str, name: str, content: bytes) -> CuratedSet:
        """What the file would add. Raises TaskError with the row and the column at fault, NothingToDoError before there
        is a baseline."""
        study, _, _ = self._launch.with_baseline(study_id)
        items: dict[str, list[str]] = defaultdict(list)
        for unknown in self._launch.unknowns(study_id):
            items[unknown.example_id].append(unknown.item_id)
        return curated_set.read(
            name,
            content,
            study_id,
            study.task,
            lambda example: items.get(example, ()),
            self._store.hypotheses.all(study_id),
            self._store.samples.texts(study_id),
        )

    def take(self, study_id: str, name: str, content: bytes) -> CuratedSet:
        """Add what is new; the samples wait for the gates and for a decision like any others."""
        found = self.read(study_id, name, content)
        for hypothesis in found.hypotheses:
            self._store.hypotheses.add(hypothesis)
        self._store.samples.add(found.samples)
        return found
