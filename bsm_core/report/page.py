"""The report as one HTML file: no script, no network, nothing beside it. Jinja escapes everything that is not ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bsm_core.charts.static_svg import svg
from bsm_core.config import DATA
from bsm_core.domain.synthesis import SampleState
from bsm_core.domain.unknowns import UnknownUnknown, UUOrigin
from bsm_core.legible import visible
from bsm_core.metrics.preserved import preserved_count
from bsm_core.report.contents import UNKNOWNS_EACH, Contents
from bsm_core.report.diff_pieces import Piece, pieces
from bsm_core.report.figures import Figure
from bsm_core.report.names import AGENTS, ARMS, SPLITS, TRANSITIONS, WORDS, arm_name
from bsm_core.report.table import Table

TEMPLATES = DATA / "report"
PARTS = (
    ("answer", "Did it help?"),
    ("plan", "Plan"),
    ("data", "Data"),
    ("models", "Models"),
    ("unknowns", "Unknown unknowns"),
    ("hypotheses", "Hypotheses"),
    ("samples", "Samples"),
    ("results", "Results"),
    ("costs", "Costs"),
    ("reproduce", "How to reproduce it"),
    ("words", "Words"),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure with its picture."""

    key: str
    title: str
    caption: str
    svg: Markup
    table: Table


def report_html(told: Contents) -> str:
    """Texts appear as they are, made legible and escaped."""
    study, task = told.study, told.study.task
    return render(
        "report.html",
        title=visible(study.name, 200),
        made_at=f"{told.made_at:%Y-%m-%d %H:%M}",
        looks=told.looks,
        parts=PARTS,
        told=told.told,
        control=told.control,
        caution=told.caution,
        labels=_labels(told),
        plan=told.plan,
        task=_task(told),
        data=told.data,
        models=told.models,
        cards=told.cards,
        tau=f"{told.tau:g}",
        unknown_counts=told.unknown_counts,
        unknowns=[_unknown(one, task.label_names) for one in told.unknowns],
        unknowns_each=UNKNOWNS_EACH,
        discovery=drawn(told.discovery) if told.discovery else None,
        fields=[visible(name, 60) for name in task.text_fields],
        hypotheses=told.hypotheses,
        hypothesis_total=told.hypothesis_total,
        samples=[_sample(one, task.label_names) for one in told.samples.rows],
        sample_total=told.samples.total,
        table_two=told.table_two,
        effects=told.effects,
        transitions=[(kind.value.capitalize(), meaning) for kind, meaning in TRANSITIONS.items()],
        calibration=told.calibration,
        spots=told.spots,
        attribution=told.attribution,
        attacks=told.attacks,
        figures=[drawn(one) for one in told.figures],
        costs=told.costs,
        commands=_commands(told),
        config=json.dumps(study.config, indent=2, ensure_ascii=False),
        versions=tuple(told.versions.items()),
        hashes=told.hashes,
        words=WORDS,
        arms=tuple(ARMS.values()),
    )


def render(template: str, **values: Any) -> str:
    """One of the shipped templates, with the shared style. Raises UndefinedError for a value that it lacks."""
    style = Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))  # our own file
    return _environment().get_template(template).render(style=style, **values)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def drawn(figure: Figure) -> Drawn:
    """Its picture escapes what is not ours by itself."""
    picture = Markup(svg(figure.drawn, f"svg-{figure.key}", figure.title, figure.alt))
    return Drawn(figure.key, figure.title, figure.caption, picture, figure.table)


def _task(told: Contents) -> Sequence[tuple[str, str]]:
    study, task = told.study, told.study.task
    return (
        ("Task", visible(task.title, 300)),
        ("The model decides", visible(task.phrase, 300)),
        ("Labels", ", ".join(visible(name, 80) for name in task.label_names)),
        ("Source", visible(task.source, 300) or "not said"),
        *((f"Split: {split}", meaning) for split, meaning in SPLITS.items()),
        ("Study", f"{study.study_id}, made {study.created_at:%Y-%m-%d %H:%M} UTC"),
        ("Hash of the data", study.data_hash),
    )


def _unknown(one: UnknownUnknown, labels: Sequence[str]) -> Mapping[str, Any]:
    return {
        "origin": "Natural" if one.origin is UUOrigin.NATURAL else "Perturbed",
        "recipe": visible(one.recipe or "", 60),
        "label": visible(labels[one.label], 60),
        "predicted": visible(labels[one.predicted], 60),
        "confidence": f"{one.confidence:.1%}",
        "sides": pieces(one.original_text, one.perturbed_text),
        "verdict": one.verdict.value if one.verdict else "not judged",
        "item_id": one.item_id,
    }


def _sample(one: SampleState, labels: Sequence[str]) -> Mapping[str, Any]:
    sample, decision = one.sample, one.decision
    checks = [f"{check.name} {'passed' if check.stands else 'failed'}" for check in one.checks if not check.advisory]
    by = "nobody has decided yet"
    if decision is not None:
        who = f"policy {decision.policy}" if decision.policy else decision.reviewer or AGENTS[decision.agent]
        by = f"{decision.kind} by {visible(who, 80)}"
    return {
        "status": one.status.value,
        "label": visible(labels[sample.label], 60),
        "agent": AGENTS[sample.agent],
        "sides": [[Piece("kept", visible(side, 2_000))] for side in sample.text],
        "kind": one.hypothesis_kind.value,
        "hypothesis": visible(one.hypothesis_text, 600),
        "checks": ", ".join(checks) or "none yet",
        "decision": by,
        "sample_id": sample.sample_id,
        "call_id": sample.call_id,
    }


def _labels(told: Contents) -> str:
    judged = told.judged
    if judged is None or judged.invalid_share is None or not told.found.primary:
        return ""
    kept = [
        f"{arm_name(one.arm)} {one.after:.4g} raw, about {preserved_count(one.after, judged).estimate:.0f} corrected"
        for one in told.found.primary
    ]
    return (
        f"Labels kept: of {judged.judged:,} judged perturbed texts on validation {judged.invalid:,} have lost their "
        f"label. Fresh unknown unknowns, corrected by that share: {'; '.join(kept)}."
    )


def _commands(told: Contents) -> str:
    study = told.study
    preset = str(study.config.get("preset", ""))
    experiment_id = told.found.scope.experiment_id
    about = f" --experiment {experiment_id}" if experiment_id else ""
    lines = [
        "pip install -r requirements.txt",
        f"python -m bsm_core run --preset {preset} --seed {study.config.get('seed', 0)} --workspace NEW-FOLDER",
        "# the same figures from a workspace that has the study, without running any model:",
        f"python -m bsm_core compare --study {study.study_id}",
        f"python -m bsm_core report --study {study.study_id}{about}",
        f"python -m bsm_core export dataset --study {study.study_id}",
    ]
    return "\n".join(lines)
