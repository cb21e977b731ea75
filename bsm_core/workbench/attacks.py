"""Attacks and frozen sets for any model: start them, watch them, and see what came of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from bsm_core.domain.arms import Model
from bsm_core.domain.jobs import JobKind, JobStatus
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import AttackGoal, PerturbationRecipe, PerturbationSet
from bsm_core.errors import NotFoundError, NothingToDoError
from bsm_core.ports import Store
from bsm_core.workbench.launch import Launcher
from bsm_core.workflow.attack_stream import AttackProgress, AttackStream
from bsm_core.workflow.discover import ATTACKING_KINDS, STREAM

_STREAMS = 8
"""Jobs whose stream is kept in mind."""


class Attacks:
    """What the Discover page and the commands ``attack``, ``replay`` and ``attack-report`` rest on."""

    def __init__(self, store: Store, launch: Launcher, jobs: Path) -> None:
        self._store = store
        self._launch = launch
        self._jobs = jobs
        self._streams: dict[str, AttackStream] = {}
        self._lock = threading.Lock()

    def start(
        self,
        study_id: str,
        model_id: str | None,
        recipe: PerturbationRecipe,
        size: int,
        seed: int | None = None,
        goal: AttackGoal = AttackGoal.UNTARGETED,
        side: str | None = None,
    ) -> str:
        """Attack any model of the study (None: the baseline) on the first ``size`` validation texts (0: all); returns
        the job's id.

        ``seed`` None is the study's. ``side``: of pairs, which may be changed; None the study's choice, empty the
        recipe's.
        """
        model = self.model(study_id, model_id)
        return self._launch.discovery(study_id, recipe, size, seed, goal=goal, side=side, model_id=model.model_id)

    def replay(self, study_id: str, model_id: str, set_id: str, *, look: bool = False) -> str:
        """Have a model answer the perturbed texts of a stored set; returns the job's id.

        A set of the sealed test split is replayed only with ``look``, and the look is counted: else raises
        NothingToDoError, which says so.
        """
        chosen, model = self.set(study_id, set_id), self.model(study_id, model_id)
        if chosen.split is Split.TEST and not look:
            looks = self._store.evaluations.looks(study_id)
            raise NothingToDoError(
                f"set {set_id} is of the sealed test split: its replay counts as a look at test, after {looks:,} "
                "before; confirm that you want it (on the command line: --look)"
            )
        return self._launch.replay(study_id, model, chosen)

    def stopped(self, study_id: str, jobs: Sequence[JobStatus]) -> str:
        """The id of the newest attack of ``jobs`` that can be resumed. Raises NothingToDoError."""
        for status in jobs:
            if status.spec.kind is JobKind.DISCOVER and status.state.is_resumable:
                return status.spec.job_id
        raise NothingToDoError(f"no attack of study {study_id} was stopped; leave out --resume to start one")

    def model(self, study_id: str, name: str | None) -> Model:
        """By its id, or the newest one of an arm by the arm's name; None is the baseline. Raises NotFoundError."""
        if name is None:
            return self._launch.with_baseline(study_id)[2]
        models = self._store.models.all(study_id)
        found = [one for one in models if name == one.model_id or name.upper() == one.arm]
        if not found:
            there = ", ".join(f"{one.model_id} ({one.arm})" for one in models) or "none yet"
            raise NotFoundError(f"no model {name!r} in study {study_id!r}; there are {there}")
        return found[-1]

    def set(self, study_id: str, set_id: str) -> PerturbationSet:
        """Raises NotFoundError."""
        sets = self._store.perturbations.sets(study_id)
        found = next((one for one in sets if one.set_id == set_id), None)
        if found is None:
            there = ", ".join(one.set_id for one in sets) or "none yet"
            raise NotFoundError(f"no perturbation set {set_id!r} in study {study_id!r}; there are {there}")
        return found

    def sets(self, study_id: str, set_ids: Sequence[str] = ()) -> list[PerturbationSet]:
        """Those named, in that order; without names all, newest first. Raises NotFoundError."""
        if set_ids:
            return [self.set(study_id, set_id) for set_id in set_ids]
        return list(reversed(self._store.perturbations.sets(study_id)))

    def progress(self, status: JobStatus) -> AttackProgress | None:
        """What a job's attack has found so far; None when it attacks nothing, or nothing is done yet.

        Cheap: only what the worker has appended since the last call is read, also after a restart of the server.
        """
        if status.spec.kind not in ATTACKING_KINDS:
            return None
        with self._lock:
            job_id = status.spec.job_id
            stream = self._streams.get(job_id)
            if stream is None:
                stream = self._streams[job_id] = AttackStream(self._jobs / job_id / "partial" / STREAM)
                while len(self._streams) > _STREAMS:
                    self._streams.pop(next(iter(self._streams)))
        return stream.read()
