"""The store behind ports.Store."""

from __future__ import annotations

from pathlib import Path

from bsm_core import ports
from bsm_core.errors import StoreError
from bsm_core.store.backup import backup
from bsm_core.store.blind_spots import BlindSpotTable
from bsm_core.store.calls import CallLog
from bsm_core.store.connection import Database
from bsm_core.store.costs import CostTable
from bsm_core.store.curation import DecisionLog, PretestTable
from bsm_core.store.drafts import DraftLog
from bsm_core.store.evaluations import EvaluationTable
from bsm_core.store.examples import ExampleTable
from bsm_core.store.experiments import ExperimentTable
from bsm_core.store.foils import FoilLog
from bsm_core.store.gates import GateLog
from bsm_core.store.hypotheses import HypothesisTable
from bsm_core.store.ingest import ingest
from bsm_core.store.jobs import JobLog
from bsm_core.store.judgements import JudgementLog
from bsm_core.store.locations import LocationTable
from bsm_core.store.models import ModelTable
from bsm_core.store.perturbations import PerturbationTable
from bsm_core.store.predictions import PredictionTable
from bsm_core.store.samples import SampleTable
from bsm_core.store.schema import migrate
from bsm_core.store.studies import StudyTable, latest_event, record_event
from bsm_core.store.survey import SurveyTable
from bsm_core.store.unknowns import UnknownView


class DuckStore:
    """Fulfils ports.Store on one DuckDB file. Safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.studies: ports.Studies = StudyTable(database)
        self.examples: ports.Examples = ExampleTable(database)
        self.models: ports.Models = ModelTable(database)
        self.predictions: ports.Predictions = PredictionTable(database)
        self.perturbations: ports.Perturbations = PerturbationTable(database)
        self.unknowns: ports.Unknowns = UnknownView(database)
        self.blind_spots: ports.BlindSpotLog = BlindSpotTable(database)
        self.locations: ports.Locations = LocationTable(database)
        self.judgements: ports.Judgements = JudgementLog(database)
        self.foils: ports.Foils = FoilLog(database)
        self.hypotheses: ports.Hypotheses = HypothesisTable(database)
        self.samples: ports.Samples = SampleTable(database)
        self.decisions: ports.Decisions = DecisionLog(database)
        self.pretests: ports.Pretests = PretestTable(database)
        self.gates: ports.Gates = GateLog(database)
        self.calls: ports.Calls = CallLog(database)
        self.costs: ports.Costs = CostTable(database)
        self.drafts: ports.Drafts = DraftLog(database)
        self.evaluations: ports.Evaluations = EvaluationTable(database)
        self.experiments: ports.Experiments = ExperimentTable(database)
        self.jobs: ports.Jobs = JobLog(database)
        self.surveys: ports.SurveyStore = SurveyTable(database)

    def ingest(self, result: ports.JobResult) -> bool:
        return ingest(self._database, result)

    def record(self, study_id: str, kind: str, payload: dict[str, object]) -> None:
        with self._database.writing() as session:
            record_event(session, study_id, kind, payload)

    def latest(self, study_id: str, kind: str) -> dict[str, object] | None:
        return latest_event(self._database, study_id, kind)

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
