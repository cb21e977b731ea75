"""The store behind ports.Store."""

from __future__ import annotations

from pathlib import Path

from bsm_core.errors import StoreError
from bsm_core.ports import JobResult
from bsm_core.store.backup import backup
from bsm_core.store.calls import CallLog
from bsm_core.store.connection import Database
from bsm_core.store.evaluations import EvaluationTable
from bsm_core.store.examples import ExampleTable
from bsm_core.store.hypotheses import HypothesisTable
from bsm_core.store.ingest import ingest
from bsm_core.store.jobs import JobLog
from bsm_core.store.judgements import JudgementLog
from bsm_core.store.models import ModelTable
from bsm_core.store.perturbations import PerturbationTable
from bsm_core.store.predictions import PredictionTable
from bsm_core.store.samples import SampleTable
from bsm_core.store.schema import migrate
from bsm_core.store.studies import StudyTable, record_event
from bsm_core.store.unknowns import UnknownView


class DuckStore:
    """Fulfils ports.Store on one DuckDB file. Safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.studies = StudyTable(database)
        self.examples = ExampleTable(database)
        self.models = ModelTable(database)
        self.predictions = PredictionTable(database)
        self.perturbations = PerturbationTable(database)
        self.unknowns = UnknownView(database)
        self.judgements = JudgementLog(database)
        self.hypotheses = HypothesisTable(database)
        self.samples = SampleTable(database)
        self.calls = CallLog(database)
        self.evaluations = EvaluationTable(database)
        self.jobs = JobLog(database)

    def ingest(self, result: JobResult) -> bool:
        return ingest(self._database, result)

    def record(self, study_id: str, kind: str, payload: dict[str, object]) -> None:
        with self._database.writing() as session:
            record_event(session, study_id, kind, payload)

    def backup(self, target: Path) -> None:
        backup(self._database, target)

    def close(self) -> None:
        self._database.close()


def open_store(path: Path) -> DuckStore:
    """Open the workspace's database, made if need be, and bring it to the present schema.

    Raises WorkspaceLockedError when another process owns it, WorkspaceCorruptError when it is damaged, and StoreError
    when it cannot be written or comes from a newer workbench.
    """
    database = Database(path)
    try:
        migrate(database)
    except StoreError:
        database.close()
        raise
    return DuckStore(database)
