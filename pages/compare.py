"""Compare: are the blind spots gone, and can this be told from chance?"""

from __future__ import annotations

from bsm_core.domain.arms import Arm
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.ui import session, shell, words
from bsm_core.ui.components import states
from bsm_core.ui.components.comparison import comparison
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, study: Study) -> None:
    busy = job_panel(workbench, study.study_id, (JobKind.TRAIN, JobKind.EVALUATE), curve=True)
    evaluated = {evaluation.model_id for evaluation in workbench.store.evaluations.all(study.study_id)}
    if not evaluated:
        if workbench.store.experiments.all(study.study_id):
            session.link("experiments", "This study has experiments: see what came of them")
        if not busy:
            states.empty(
                "Nothing to compare yet",
                "Train at least one arm: it is evaluated on test right after, beside the original model.",
                page="retrain",
                label="Choose arms",
            )
        return
    models = workbench.store.models.all(study.study_id)
    waiting = [words.ARMS[model.arm] for model in models if model.model_id not in evaluated]
    if waiting:
        states.note(f"Trained but not evaluated yet: {', '.join(waiting)}.")
    comparison(workbench, study.study_id)
    if not busy and all(model.arm is Arm.ORIGINAL for model in models if model.model_id in evaluated):
        session.link("retrain", "Train arms to compare with")


shell.show_page(
    "compare",
    "The retrained models against the original one on the sealed test split: accuracy, unknown unknowns on old and "
    "on fresh perturbations, and what chance allows to be said.",
    draw,
)
