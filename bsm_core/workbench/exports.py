"""Reports and exports of a study's comparison, or of an experiment's. Nothing is run, and test is not looked at."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bsm_core.config import Settings
from bsm_core.domain.arms import Arm, Model
from bsm_core.domain.comparison import OWN, EvaluationScope
from bsm_core.domain.studies import Study
from bsm_core.errors import NotFoundError, NothingToDoError
from bsm_core.ports import Store
from bsm_core.report import drafts
from bsm_core.workbench.judging import Judging
from bsm_core.workflow.compare import Comparison, comparison

if TYPE_CHECKING:
    from bsm_core.report.contents import Contents

# What draws and writes is imported by each export: opening a workspace needs none of it.


class Exports:
    """``Workbench.exports``. Every export returns its size in bytes, and raises StoreError for a target that is there
    already unless ``force`` replaces it."""

    def __init__(self, store: Store, settings: Settings, judging: Judging) -> None:
        self._store = store
        self._settings = settings
        self._judging = judging

    def report(self, study_id: str, target: Path, *, force: bool = False, experiment_id: str | None = None) -> int:
        """One HTML file that needs no network and nothing beside it."""
        from bsm_core.report.page import report_html

        body = report_html(self._contents(study_id, experiment_id))
        return drafts.write_file(target, _text(body), force=force)

    def dataset(
        self,
        study_id: str,
        target: Path,
        kind: str = "hf",
        *,
        arm: Arm | None = None,
        model_id: str | None = None,
        force: bool = False,
    ) -> int:
        """The extended training set: what a model was trained on, or all approved samples (of an arm) after the
        training texts. ``kind``: hf, parquet or csv."""
        from bsm_core.report import added_texts
        from bsm_core.report.extended_set import SetFormat, set_writer

        study = self._store.studies.get(study_id)
        if model_id is None:
            addition = added_texts.approved(self._store, study_id, arm)
        else:
            model = self._model(study_id, model_id)
            inputs = self._settings.jobs / (model.job_id or "-") / "inputs" / "train.parquet"
            addition = added_texts.of_model(self._store, model, inputs)
        chosen = SetFormat(kind)
        fill, _ = set_writer(self._store, study, addition, chosen)
        if chosen is not SetFormat.HF:
            return drafts.write_file(target, fill, force=force)
        about = {
            **_about("dataset", study),
            "arm": addition.arm,
            "model_id": addition.model_id,
            "added": len(addition.texts),
        }
        return drafts.write_folder(target, fill, about, force=force)

    def model(self, study_id: str, model_id: str, target: Path, *, force: bool = False) -> int:
        """Weights, tokenizer, config and cards, as a folder of Hugging Face's kind."""
        from bsm_core.report.model_folder import model_writer

        study, model = self._store.studies.get(study_id), self._model(study_id, model_id)
        found = self._found(study, model.experiment_id)
        fill = model_writer(self._settings.workspace / model.path, model, study, found, study.tau)
        return drafts.write_folder(
            target, fill, {**_about("model", study), "model_id": model_id, "arm": model.arm}, force=force
        )

    def hypotheses(self, study_id: str, target: Path, *, force: bool = False) -> int:
        """The readable report of errors as Markdown and HTML, and the ledger as CSV, in a folder."""
        from bsm_core.report.error_report import chapters, error_html, error_markdown
        from bsm_core.report.ledger import ledger_csv
        from bsm_core.workflow import ledger

        study = self._store.studies.get(study_id)
        baseline = self._store.models.baseline(study_id)
        if baseline is None:
            raise NothingToDoError("this study has no baseline yet; train it on the Baseline page first")
        found = chapters(self._store, study)
        files = {
            "hypotheses.html": error_html(study, found),
            "hypotheses.md": error_markdown(study, found),
            "hypotheses.csv": ledger_csv(ledger.entries(self._store, study_id, baseline.model_id)),
        }
        return drafts.write_folder(target, _texts(files), _about("hypotheses", study), force=force)

    def tables(self, study_id: str, target: Path, *, force: bool = False, experiment_id: str | None = None) -> int:
        """Every table as CSV and LaTeX, in a folder."""
        from bsm_core.report.table_files import table_csv, table_latex

        told = self._contents(study_id, experiment_id)
        files = {}
        for table in told.tables:
            files[f"{table.key}.csv"] = table_csv(table)
            files[f"{table.key}.tex"] = table_latex(table)
        return drafts.write_folder(target, _texts(files), _about("tables", told.study), force=force)

    def figures(
        self,
        study_id: str,
        target: Path,
        formats: Sequence[str] = ("png", "svg", "pdf"),
        *,
        force: bool = False,
        experiment_id: str | None = None,
    ) -> int:
        """Every figure as pictures, in a folder. Raises DrawingError where there is no Chromium to draw with."""
        from bsm_core.report.figure_files import check_browser, figures_writer

        check_browser()
        told = self._contents(study_id, experiment_id)
        return drafts.write_folder(target, figures_writer(told, formats), _about("figures", told.study), force=force)

    def packed(self, make: Callable[[Path], int], name: str, target: Path) -> int:
        """What ``make`` writes into a folder, as one zip file ``target`` with the folder ``name`` in it."""

        def fill(draft: Path) -> None:
            with TemporaryDirectory(dir=target.parent) as scratch:
                folder = Path(scratch) / name
                make(folder)
                drafts.zip_folder(folder, draft, name)
                shutil.rmtree(folder)

        return drafts.write_file(target, fill, force=True)

    def _contents(self, study_id: str, experiment_id: str | None) -> Contents:
        from bsm_core.report.contents import gather
        from bsm_core.report.plan import experiment_plan

        study = self._store.studies.get(study_id)
        found = self._found(study, experiment_id)
        judged = self._judging.of_baseline(study_id)
        if experiment_id is None:
            return gather(self._store, study, found, judged=judged)
        plan = self._store.experiments.get(experiment_id)
        return gather(self._store, study, found, tau=plan.tau, judged=judged, plan=experiment_plan(plan))

    def _found(self, study: Study, experiment_id: str | None) -> Comparison:
        if experiment_id is None:
            return comparison(self._store, study.study_id, study.tau, OWN)
        plan = self._store.experiments.get(experiment_id)
        scope = EvaluationScope(experiment_id, plan.primary_set.name)
        return comparison(self._store, study.study_id, plan.tau, scope)

    def _model(self, study_id: str, model_id: str) -> Model:
        model = self._store.models.get(model_id)
        if model.study_id != study_id:
            raise NotFoundError(f"the model {model_id!r} is of another study ({model.study_id}); name that one")
        return model


def _about(kind: str, study: Study) -> dict[str, object]:
    return {
        "export": kind,
        "study_id": study.study_id,
        "study": study.name,
        "data_sha256": study.data_hash,
        "tau": study.tau,
        "config": study.config,
    }


def _text(body: str) -> Callable[[Path], None]:
    def fill(draft: Path) -> None:
        draft.write_text(body, encoding="utf-8", newline="")

    return fill


def _texts(files: dict[str, str]) -> Callable[[Path], None]:
    def fill(draft: Path) -> None:
        for name, body in files.items():
            (draft / name).write_text(body, encoding="utf-8", newline="")

    return fill
