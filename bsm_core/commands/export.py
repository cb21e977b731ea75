"""``export``: data set, model, hypotheses, figures and tables as files for other tools."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from bsm_core.commands.opened import add_study, settings_of, study_of
from bsm_core.domain.arms import Arm
from bsm_core.domain.studies import Study
from bsm_core.errors import ConfigError
from bsm_core.workbench import Workbench

_FORMATS = ("png", "svg", "pdf")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    kinds = commands.add_parser(
        "export", help="data set, model, hypotheses, figures or tables as files"
    ).add_subparsers(dest="export", required=True)
    dataset = _kind(kinds, "dataset", "the extended training set, every row with its lineage", _dataset)
    dataset.add_argument(
        "--format", choices=("hf", "parquet", "csv"), default="hf", help="default: hf, a folder for datasets"
    )
    dataset.add_argument("--arm", choices=[arm.value for arm in Arm], help="approved samples that this arm draws from")
    dataset.add_argument("--model", help="instead: exactly what this model was trained on")
    model = _kind(kinds, "model", "weights, tokenizer, config and model card as a Hugging Face folder", _model)
    model.add_argument("--model", help="its id (default: the original model)")
    _kind(kinds, "hypotheses", "the readable report of errors: Markdown, HTML and CSV", _hypotheses)
    figures = _kind(kinds, "figures", "every figure as PNG, SVG and PDF; needs a Chromium", _figures)
    figures.add_argument(
        "--format", choices=_FORMATS, action="append", help="may be given more than once (default: all)"
    )
    tables = _kind(kinds, "tables", "every table as CSV and LaTeX", _tables)
    for parser in (figures, tables):
        parser.add_argument("--experiment", help="of this experiment instead of the study's own comparison")


def _kind(
    kinds: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    what: str,
    write: Callable[[Workbench, Study, Path, argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = kinds.add_parser(name, help=what)
    parser.add_argument("--output", type=Path, help=f"folder or file to make (default: {name}-STUDY here)")
    parser.add_argument("--force", action="store_true", help="replace an earlier export")
    add_study(parser)
    parser.set_defaults(run=_run, write=write)
    return parser


def _run(options: argparse.Namespace) -> None:
    from bsm_core.bootstrap import build_workbench
    from bsm_core.report.drafts import size_told

    workbench = build_workbench(settings_of(options))
    try:
        study = study_of(workbench, options.study)
        target = options.output or Path(f"{options.export}-{study.study_id}{_ending(options)}")
        size = options.write(workbench, study, target, options)
    finally:
        workbench.close()
    print(f"written to {target} ({size_told(size)})")


def _ending(options: argparse.Namespace) -> str:
    chosen = options.format if options.export == "dataset" else "hf"
    return "" if chosen == "hf" else f".{chosen}"


def _dataset(workbench: Workbench, study: Study, target: Path, options: argparse.Namespace) -> int:
    if options.arm and options.model:
        raise ConfigError("--arm and --model were both given; a model names its arm, so leave one out")
    arm = Arm(options.arm) if options.arm else None
    return workbench.exports.dataset(
        study.study_id, target, options.format, arm=arm, model_id=options.model, force=options.force
    )


def _model(workbench: Workbench, study: Study, target: Path, options: argparse.Namespace) -> int:
    model_id = options.model
    if model_id is None:
        baseline = workbench.store.models.baseline(study.study_id)
        if baseline is None:
            raise ConfigError("this study has no model yet; train the baseline first, or name another study")
        model_id = baseline.model_id
    return workbench.exports.model(study.study_id, model_id, target, force=options.force)


def _hypotheses(workbench: Workbench, study: Study, target: Path, options: argparse.Namespace) -> int:
    return workbench.exports.hypotheses(study.study_id, target, force=options.force)


def _figures(workbench: Workbench, study: Study, target: Path, options: argparse.Namespace) -> int:
    formats = options.format or _FORMATS
    return workbench.exports.figures(
        study.study_id, target, formats, force=options.force, experiment_id=options.experiment
    )


def _tables(workbench: Workbench, study: Study, target: Path, options: argparse.Namespace) -> int:
    return workbench.exports.tables(study.study_id, target, force=options.force, experiment_id=options.experiment)
