"""The paper's table 2 in form: every task, classifier and attack of a workspace, arm by arm, with named averages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bsm_core.config import StudyConfig
from bsm_core.domain.arms import Arm
from bsm_core.domain.comparison import OWN, EvaluationScope
from bsm_core.domain.studies import Study
from bsm_core.metrics.arm_means import ArmMean, arm_means
from bsm_core.metrics.averages import Averages, averages
from bsm_core.ports import Store
from bsm_core.workflow.compare import comparison


@dataclass(frozen=True, slots=True)
class Table2Row:
    """One comparison. ``experiment`` is its name, empty for a study's own; ``arms`` begin with ORIGINAL."""

    study: str
    experiment: str
    task: str
    classifier: str
    recipe: str
    tau: float
    attacked: int
    arms: tuple[ArmMean, ...]

    def of(self, arm: Arm) -> ArmMean | None:
        return next((one for one in self.arms if one.arm is arm), None)


def table2(store: Store) -> list[Table2Row]:
    """A row a comparison that has ORIGINAL and at least one other arm: a study's own, and each evaluation set of its
    experiments."""
    rows = []
    for study in store.studies.all():
        recipe = StudyConfig.from_dict(study.config).recipe
        row = _row(store, study, "", recipe, study.tau, OWN)
        rows += [row] if row else []
        for plan in store.experiments.all(study.study_id):
            for tried in plan.sets:
                scope = EvaluationScope(plan.experiment_id, tried.name)
                row = _row(store, study, plan.name, tried.recipe, plan.tau, scope)
                rows += [row] if row else []
    return rows


def table2_averages(rows: Sequence[Table2Row]) -> dict[Arm, Averages]:
    """Of the fresh UUs against ORIGINAL, over all rows that have the arm."""
    found = {}
    for arm in Arm:
        pairs = [(row.arms[0].fresh, mean.fresh) for row in rows if (mean := row.of(arm)) and arm is not Arm.ORIGINAL]
        both = averages(pairs)
        if both is not None:
            found[arm] = both
    return found


def _row(
    store: Store, study: Study, experiment: str, recipe: str, tau: float, scope: EvaluationScope
) -> Table2Row | None:
    found = comparison(store, study.study_id, tau, scope)
    if found.original is None or not found.others:
        return None
    card = store.models.get(found.original.evaluation.model_id).card
    return Table2Row(
        study=study.name,
        experiment=experiment,
        task=study.task.name,
        classifier=str(card.get("base", "unknown")),
        recipe=recipe,
        tau=tau,
        attacked=found.original.fresh_attacked,
        arms=tuple(arm_means(found.results, found.primary)),
    )
