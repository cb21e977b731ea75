"""The study's hypotheses as a readable report of errors: pre-tests, verdicts, and what became of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bsm_core.domain.curation import HypothesisWord, Pretest, PretestVerdict
from bsm_core.domain.lineage import LineageNode
from bsm_core.errors import ConfigError, NotFoundError, NothingToDoError
from bsm_core.ports import Store
from bsm_core.workflow import ledger
from bsm_core.workflow.pretest import FIRST, Ground, ground, pretest


class Ledger:
    """``Workbench.ledger``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def tree(self, study_id: str) -> list[LineageNode]:
        """All hypotheses with what became of their samples."""
        return ledger.tree(self._store, study_id)

    def entries(self, study_id: str) -> list[ledger.LedgerEntry]:
        """In reading order: each extrapolation after the abstraction it starts from."""
        model = self._store.models.baseline(study_id)
        return ledger.entries(self._store, study_id, model.model_id if model else None)

    def pretest(self, hypothesis_id: str, size: int = FIRST) -> Pretest:
        """Compare its first samples with plain texts, and keep the result. Raises NothingToDoError for too few."""
        study_id = self._store.hypotheses.get(hypothesis_id).study_id
        earlier = [old.hypothesis_id for old in self._store.hypotheses.history(hypothesis_id)]
        found = pretest(self._ground(study_id, size), [hypothesis_id, *earlier])
        self._store.pretests.add([found])
        return found

    def pretest_all(self, study_id: str, on_failure: Callable[[str], None], size: int = FIRST) -> int:
        """Every hypothesis with samples enough; returns how many. Why one was not tested goes to ``on_failure``."""
        on, found = self._ground(study_id, size), []
        for entry in self.entries(study_id):
            try:
                found.append(pretest(on, entry.version_ids))
            except NothingToDoError as error:
                on_failure(f"{entry.number}: {error}")
        self._store.pretests.add(found)
        return len(found)

    def overrule(self, hypothesis_id: str, verdict: PretestVerdict, reviewer: str, reason: str) -> None:
        """A human's verdict in place of the figures'. Raises ConfigError without a reason."""
        if not reason.strip():
            raise ConfigError("no reason was given for the verdict; say why the figures mislead")
        self._say(hypothesis_id, verdict, reviewer, reason)

    def take_back(self, hypothesis_id: str, reviewer: str) -> None:
        """The figures count again."""
        self._say(hypothesis_id, None, reviewer, "")

    def entry(self, study_id: str, hypothesis_id: str) -> ledger.LedgerEntry:
        """Raises NotFoundError."""
        for one in self.entries(study_id):
            if hypothesis_id in one.version_ids:
                return one
        raise NotFoundError(f"there is no hypothesis {hypothesis_id!r} in this study")

    def _ground(self, study_id: str, size: int) -> Ground:
        model = self._store.models.baseline(study_id)
        if model is None:
            raise NothingToDoError("this study has no baseline yet; train it on the Baseline page first")
        return ground(self._store, self._store.studies.get(study_id), model.model_id, size)

    def _say(self, hypothesis_id: str, verdict: PretestVerdict | None, reviewer: str, reason: str) -> None:
        self._store.hypotheses.get(hypothesis_id)
        self._store.pretests.say(HypothesisWord(hypothesis_id, verdict, reviewer, reason.strip(), datetime.now(UTC)))
