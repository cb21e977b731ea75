"""The paper's tables and figures in one go, for a terminal and as JSON."""

from __future__ import annotations

from typing import Any

from tabulate import tabulate

from bsm_core.domain.comparison import OWN, EvaluationScope
from bsm_core.domain.paper import Reported
from bsm_core.domain.studies import Study
from bsm_core.ports import Store
from bsm_core.report.attack_table import attack_columns, attack_text
from bsm_core.report.table2 import table2_json, table2_text
from bsm_core.workflow.compare import comparison
from bsm_core.workflow.confidence import ArmConfidence, confidence_by_arm
from bsm_core.workflow.table2 import table2


def paper_text(store: Store, study: Study, reported: Reported) -> str:
    """Table 2 of the whole workspace; tables 4 to 7 and figures 4 and 5 of ``study``."""
    sets = store.perturbations.sets(study.study_id)
    attacks = attack_text(attack_columns(store, sets, study.tau), study.tau) if sets else "no text was attacked yet"
    parts = [
        table2_text(table2(store), reported),
        f"Tables 4 to 7: attacks of {study.name}\n{attacks}",
        *(_figure_text(name, arms) for name, arms in _figures(store, study)),
        *(f"The paper on {one.topic}: {one.text}" for one in reported.statements),
        "Table 3 is printed by `controlled`, costs by `compare`.",
    ]
    return "\n\n".join(parts)


def paper_json(store: Store, study: Study, reported: Reported) -> dict[str, Any]:
    """Unrounded."""
    return {
        "table_2": table2_json(table2(store), reported),
        "figures_4_and_5": {
            name: [
                {"arm": one.arm.value, "seeds": one.seeds, "bins": one.bins, "successful": one.counts} for one in arms
            ]
            for name, arms in _figures(store, study)
        },
    }


def _figures(store: Store, study: Study) -> list[tuple[str, list[ArmConfidence]]]:
    scopes = [("the study's own arms", OWN, study.tau)]
    for plan in store.experiments.all(study.study_id):
        scopes += [
            (f"{plan.name}, {tried.name}", EvaluationScope(plan.experiment_id, tried.name), plan.tau)
            for tried in plan.sets
        ]
    found = []
    for name, scope, tau in scopes:
        compared = comparison(store, study.study_id, tau, scope)
        if compared.others:
            found.append((name, confidence_by_arm(store, compared)))
    return found


def _figure_text(name: str, arms: list[ArmConfidence]) -> str:
    rows = [
        [f"{low:.2f} to {high:.2f}", *(f"{one.counts[place]:.4g}" for one in arms)]
        for place, (low, high) in enumerate(arms[0].bins)
    ]
    table = tabulate(rows, ["confidence", *(one.arm.value for one in arms)])
    return f"Figures 4 and 5: successful perturbations of each model's fresh attack, by confidence ({name})\n{table}"
