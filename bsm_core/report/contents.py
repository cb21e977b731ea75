"""Everything a report of a study says, gathered once: from the store, and from what is passed in."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice

from bsm_core.domain.arms import Model
from bsm_core.domain.comparison import PRIMARY
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import DecisionKind, SampleState
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import UnknownUnknown, UUOrigin
from bsm_core.metrics.comparison import seed_caution
from bsm_core.metrics.judging import CorrectedCount
from bsm_core.metrics.verdicts import Answer, answer, verdict
from bsm_core.ports import Page, SampleFilter, Store, UnknownCounts, UnknownFilter
from bsm_core.report.cost_tables import arm_costs, study_costs
from bsm_core.report.figures import Figure, comparison_figures, discovery_figure
from bsm_core.report.names import FRESH, REFERENCE_WORDS, arm_name
from bsm_core.report.plan import Terms, study_plan
from bsm_core.report.spot_tables import attribution_table, seen_unseen_tables
from bsm_core.report.study_tables import attacks_table, data_table, hypotheses_table, models_table
from bsm_core.report.table import Table
from bsm_core.report.tables import REFERENCES, all_effects, calibration_table, effects_table, table_two
from bsm_core.workflow import attribute, compare, costs, ledger, seen_unseen
from bsm_core.workflow.compare import Comparison, ScalingControl
from bsm_core.workflow.ledger import LedgerEntry

PACKAGES = (
    *("torch", "transformers", "textattack", "numpy", "scipy", "scikit-learn", "duckdb", "pyarrow", "plotly"),
    *("streamlit", "xllamacpp"),
)
UNKNOWNS_EACH, SAMPLES, HYPOTHESES = 10, 20, 200
"""Bounds of what is printed: UUs of each origin, samples, hypotheses. The exports have all of them."""


@dataclass(frozen=True, slots=True)
class Told:
    """The answer against one reference, with a sentence an arm."""

    reference: str
    answer: Answer
    sentences: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Contents:
    study: Study
    tau: float
    made_at: datetime
    looks: int
    found: Comparison
    told: tuple[Told, ...]
    control: ScalingControl | None
    caution: str
    judged: CorrectedCount | None
    plan: Terms
    data: Table
    models: Table
    cards: Mapping[str, str]
    """Model id to its card, as JSON text."""
    unknown_counts: UnknownCounts | None
    unknowns: tuple[UnknownUnknown, ...]
    discovery: Figure | None
    entries: tuple[LedgerEntry, ...]
    hypotheses: Table
    hypothesis_total: int
    samples: Page[SampleState]
    table_two: Table
    effects: Table
    calibration: Table
    spots: tuple[Table, ...]
    """UUs in seen blind spots and outside them; empty while test was not placed among them."""
    attribution: Table | None
    attacks: Table | None
    figures: tuple[Figure, ...]
    costs: tuple[Table, ...]
    versions: Mapping[str, str]
    hashes: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...] = field(default=())
    """All of them, for the export of tables."""

    @property
    def label_names(self) -> tuple[str, ...]:
        return self.study.task.label_names


def gather(
    store: Store,
    study: Study,
    found: Comparison | None = None,
    *,
    tau: float | None = None,
    judged: CorrectedCount | None = None,
    plan: Terms | None = None,
) -> Contents:
    """``found`` is the comparison reported on: the study's own where none is given, or an experiment's with ``plan``.

    Nothing is run, and test is not looked at: texts of test do not appear.
    """
    tau = store.studies.get(study.study_id).tau if tau is None else tau
    found = compare.comparison(store, study.study_id, tau) if found is None else found
    baseline = store.models.baseline(study.study_id)
    models = _models(store, study, found)
    control = compare.scaling_control(store, found.original, tau) if found.original and found.others else None
    entries = tuple(ledger.entries(store, study.study_id, baseline.model_id if baseline else None))
    figures = tuple(comparison_figures(store, study.study_id, found, tau))
    hypotheses = hypotheses_table(entries)
    two, effects = table_two(found, tau), effects_table(all_effects(found), "effects", "Every paired test")
    calibration = calibration_table(store, found, control)
    parts = seen_unseen.seen_unseen(store, found, tau)
    spots = tuple(seen_unseen_tables(parts)) if parts else ()
    attributed = attribute.latest(store, study.study_id)
    attribution = attribution_table(attributed, entries) if attributed else None
    attacks = attacks_table(store, study.study_id, tau, found.scope.experiment_id)
    spent = costs.costs(store, found)
    told_costs = (*((arm_costs(spent),) if spent else ()), study_costs(store, study, models, tau))
    discovery = discovery_figure(store, baseline.model_id, tau) if baseline else None
    printed = replace_rows(hypotheses, HYPOTHESES)
    behind = [figure.table for figure in ((discovery,) if discovery else ()) + figures]
    every = (
        two,
        effects,
        *spots,
        calibration,
        hypotheses,
        *([attribution] if attribution else []),
        *told_costs,
        *([attacks] if attacks else []),
        *behind,
    )
    return Contents(
        study=study,
        tau=tau,
        made_at=datetime.now(UTC),
        looks=store.evaluations.looks(study.study_id),
        found=found,
        told=tuple(_told(found)),
        control=control,
        caution=seed_caution(found.results),
        judged=judged,
        plan=plan if plan is not None else study_plan(study, found, tau),
        data=data_table(store, study),
        models=models_table(models),
        cards={one.model_id: json.dumps(one.card, indent=2, ensure_ascii=False) for one in models},
        unknown_counts=store.unknowns.counts(UnknownFilter(baseline.model_id, tau)) if baseline else None,
        unknowns=tuple(_unknowns(store, baseline, tau)),
        discovery=discovery,
        entries=entries,
        hypotheses=printed,
        hypothesis_total=len(entries),
        samples=_samples(store, study),
        table_two=two,
        effects=effects,
        calibration=calibration,
        spots=spots,
        attribution=attribution,
        attacks=attacks,
        figures=figures,
        costs=told_costs,
        versions={"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        hashes=tuple(_hashes(study, models)),
        tables=tuple({one.key: one for one in every}.values()),
    )


def replace_rows(table: Table, most: int) -> Table:
    """Its first ``most`` rows."""
    return Table(table.key, table.title, table.note, table.heads, table.cells[:most], table.records[:most])


def _told(found: Comparison) -> list[Told]:
    said = []
    for reference in REFERENCES:
        effects = found.against(reference, PRIMARY)
        if effects:
            name = REFERENCE_WORDS[reference]
            told = answer(effects, arm_name, FRESH, name)
            said.append(Told(name, told, tuple((arm_name(one.arm), verdict(one, FRESH)) for one in effects)))
    return said


def _models(store: Store, study: Study, found: Comparison) -> list[Model]:
    """The study's own or the experiment's, and the evaluated baseline."""
    own = store.models.all(study.study_id, found.scope.experiment_id)
    known = {one.model_id for one in own}
    missing = [one.evaluation.model_id for one in found.results if one.evaluation.model_id not in known]
    return [*(store.models.get(model_id) for model_id in dict.fromkeys(missing)), *own]


def _unknowns(store: Store, baseline: Model | None, tau: float) -> Sequence[UnknownUnknown]:
    """The most confident ones of each origin, perturbed ones first."""
    if baseline is None:
        return []
    wanted = (UUOrigin.ADVERSARIAL, UUOrigin.NATURAL)
    pages = [
        store.unknowns.page(UnknownFilter(baseline.model_id, tau, Split.VALIDATION, origin), limit=UNKNOWNS_EACH)
        for origin in wanted
    ]
    return [one for page in pages for one in islice(page.rows, UNKNOWNS_EACH)]


def _samples(store: Store, study: Study) -> Page[SampleState]:
    """Approved ones first, then those that were not."""
    kept = store.samples.page(study.study_id, SampleFilter(status=DecisionKind.APPROVED), limit=SAMPLES)
    every = store.samples.page(study.study_id, SampleFilter(), limit=2 * SAMPLES)
    others = [state for state in every.rows if state.status is not DecisionKind.APPROVED]
    return Page([*kept.rows, *others][:SAMPLES], every.total)


def _hashes(study: Study, models: Sequence[Model]) -> list[tuple[str, str]]:
    found = [("data set (ids, labels and splits)", study.data_hash)]
    for model in models:
        for key, what in (
            ("weights_sha256", "weights"),
            ("train_sha256", "training texts"),
            ("base_sha256", "weights it started from"),
        ):
            if key in model.card:
                found.append((f"{model.model_id}: {what}", str(model.card[key])))
    return found
