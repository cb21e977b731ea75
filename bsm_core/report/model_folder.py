"""A trained model as a folder of Hugging Face's kind, with a card that says what it is and what it is not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from bsm_core.domain.arms import Model
from bsm_core.domain.studies import Study
from bsm_core.errors import ClassifierError
from bsm_core.metrics.comparison import ComparisonRow, seed_caution
from bsm_core.metrics.verdicts import verdict
from bsm_core.report.markdown import escaped, rows, yaml_text
from bsm_core.report.names import ARMS, FRESH
from bsm_core.workflow.compare import Comparison

CARD, CONFIG, ADAPTER = "card.json", "config.json", "adapter_config.json"
_KEPT = {".json", ".safetensors", ".txt", ".model", ".md", ".jinja"}
"""No pickled weights leave this house, as none come in."""


def model_writer(folder: Path, model: Model, study: Study, found: Comparison, tau: float) -> Callable[[Path], None]:
    """What fills the draft. Raises ClassifierError for a folder without weights."""
    names = sorted(path.name for path in folder.glob("*") if path.is_file() and path.suffix in _KEPT)
    if not any(name.endswith(".safetensors") for name in names):
        raise ClassifierError(f"there are no weights in {folder}; train the model again")

    def fill(draft: Path) -> None:
        for name in names:
            if name not in (CARD, "README.md"):
                shutil.copyfile(folder / name, draft / name)
        card = _without_paths(model)
        (draft / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        (draft / "README.md").write_text(model_card(model, study, found, tau, names), encoding="utf-8")

    return fill


def _without_paths(model: Model) -> dict[str, object]:
    """A folder of this machine says nothing elsewhere: where the model went on from another, that one's id stands."""
    card = dict(model.card)
    if Path(str(card.get("base", ""))).is_absolute():
        card["base"] = model.parent_model_id or "a local folder"
    return card


def model_card(model: Model, study: Study, found: Comparison, tau: float, files: list[str]) -> str:
    """README.md. What is not ours is escaped."""
    card, task = _without_paths(model), study.task
    row = next((one for one in found.rows if one.result.evaluation.model_id == model.model_id), None)
    name, what = ARMS[model.arm]
    head = [
        "---",
        f"model_name: {yaml_text(f'{study.name}: {name}')}",
        "pipeline_tag: text-classification",
        "tags:",
        "- text-classification",
        "- blind-spot-workbench",
        "---",
        "",
        f"# {escaped(study.name)}: {name}",
        "",
        f"A classifier that decides {escaped(task.phrase)}. {what}",
        "",
        *_usage(files),
        "## What it was trained on",
        "",
        f"- {card.get('train_size', 'unknown')} texts, {model.budget:,} of them added by this arm; source: "
        f"{escaped(task.source) or 'not said'}",
        f"- labels: {', '.join(f'{place} = {escaped(label)}' for place, label in enumerate(task.label_names))}",
        f"- trained from {escaped(str(card.get('base', 'unknown')))}, seed {model.seed}",
        f"- settings: {_settings(card.get('config'))}",
        "",
        "## How good it is",
        "",
        *(_measured(row, found, tau) if row else ["It has not been evaluated on test.", ""]),
        "## Limits",
        "",
        "- It is confidently wrong on some texts: the study counts them, and this card does not make them go away.",
        "- Figures are of one test split of one source. Other texts (other topics, lengths, languages) were not tried.",
        "- Robustness was tried by one kind of attack at one setting; others may fool it more often.",
        f"- {seed_caution(found.results) or 'Nothing was compared with it.'}",
        "",
        "## Where it comes from",
        "",
        *rows(("what", "value"), _provenance(model, study, card)),
        "",
        "`card.json` has everything that was recorded while it trained.",
        "",
    ]
    return "\n".join(head)


def _usage(files: list[str]) -> list[str]:
    if CONFIG in files:
        code = [
            "from transformers import pipeline",
            'classify = pipeline("text-classification", model="THIS-FOLDER")',
            'classify("Some text.")',
        ]
    elif ADAPTER in files:
        code = [
            "# an adapter: it needs the model it was trained from, and peft",
            "from peft import AutoPeftModelForSequenceClassification",
            'model = AutoPeftModelForSequenceClassification.from_pretrained("THIS-FOLDER")',
        ]
    else:
        return ["It is of the workbench's own kind; transformers cannot open it.", ""]
    return ["```python", *code, "```", ""]


def _measured(row: ComparisonRow, found: Comparison, tau: float) -> list[str]:
    lines = [
        (
            title,
            f"{one.count:,} of {one.size:,}",
            f"{one.share:.1%}",
            f"{one.interval.low:.1%} to {one.interval.high:.1%}",
        )
        for title, one in (
            ("right on clean test texts", row.correct),
            ("natural unknown unknowns", row.natural),
            ("unknown unknowns on the original's perturbed texts", row.frozen),
            (FRESH, row.fresh),
        )
    ]
    effect = next((one for one in found.primary if one.arm is row.result.arm), None)
    told = (
        f"Against the original model: {verdict(effect, FRESH)}" if effect else "It is what the arms are compared with."
    )
    note = f"Unknown unknowns at tau {tau:g}; intervals are Wilson's 95%."
    return [*rows(("on test", "count", "share", "95% interval"), lines), "", note, "", told, ""]


def _settings(config: object) -> str:
    if not isinstance(config, dict):
        return "see card.json"
    return ", ".join(f"{escaped(str(name))} {escaped(str(value))}" for name, value in config.items() if name != "base")


def _provenance(model: Model, study: Study, card: Mapping[str, object]) -> list[tuple[str, str]]:
    found = [
        ("model", f"`{model.model_id}`"),
        ("study", f"`{study.study_id}`"),
        ("data, SHA-256", f"`{study.data_hash}`"),
        ("made", f"{model.created_at:%Y-%m-%d %H:%M} UTC"),
    ]
    if model.parent_model_id:
        found.append(("goes on from", f"`{model.parent_model_id}`"))
    if model.experiment_id:
        found.append(("experiment", f"`{model.experiment_id}`"))
    for key in ("train_sha256", "validation_sha256", "weights_sha256", "base_sha256"):
        if key in card:
            found.append((key, f"`{escaped(str(card[key]))}`"))
    versions = card.get("versions")
    if isinstance(versions, dict):
        found.append(("versions", ", ".join(f"{escaped(str(k))} {escaped(str(v))}" for k, v in versions.items())))
    return found
