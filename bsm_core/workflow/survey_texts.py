"""What participants read: ``data/survey/*.toml``, checked when it is read, filled in when it is shown."""

from __future__ import annotations

import string
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from bsm_core.config import DATA
from bsm_core.domain.survey import AttentionCheck, QuestionKind, Survey, SurveyTexts, WorkedExample
from bsm_core.domain.tasks import Task
from bsm_core.errors import ConfigError

FOLDER = DATA / "survey"
SLOTS = ("noun", "labels", "questions", "minutes", "pay", "contact")
_ASKED = (QuestionKind.ABSTRACTION, QuestionKind.EXTRAPOLATION, QuestionKind.GENERATION)
_LEAST_EXAMPLES = 2
"""Appendix A shows two."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Example(_Strict):
    kind: str
    label: str
    answer: str
    why: str
    original: list[str] = []
    perturbed: list[str] = []
    predicted: str = ""
    hypothesis: str = ""


class _Attention(_Strict):
    question: str
    options: list[str]
    right: int
    """From 1, as people count."""


class _File(_Strict):
    title: str
    tasks: list[str]
    minutes: int
    welcome: str
    disclaimer: str
    consent: list[str]
    declined: str
    thanks: str
    labels: dict[str, str]
    instructions: dict[str, str]
    example: list[_Example]
    attention: list[_Attention]


def text_names(folder: Path = FOLDER) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_texts(name: str, folder: Path = FOLDER) -> SurveyTexts:
    """Raises ConfigError with the file, the place and the remedy."""
    path = folder / f"{name}.toml"
    if name not in text_names(folder):
        raise ConfigError(f"no survey texts {name!r}; there are {', '.join(text_names(folder))}")
    try:
        found = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {_told(error)}") from error
    for problem in _problems(found):
        raise ConfigError(f"{path}: {problem}")
    return _texts(name, found)


def texts_for(task: Task, folder: Path = FOLDER) -> str | None:
    """The name of the first texts written for the task; None when there are none, and one has to be chosen."""
    return next((name for name in text_names(folder) if task.name in load_texts(name, folder).tasks), None)


def fill(text: str, survey: Survey) -> str:
    """``text`` with the survey's values in its slots; the values are not read for slots again."""
    plan = survey.plan
    pay = f"You are paid {plan.pay_per_hour:g} {plan.currency} an hour." if plan.pay_per_hour else ""
    values = {
        "noun": survey.noun,
        "labels": " or ".join(f"“{name}”" for name in survey.label_names),
        "questions": str(plan.questions),
        "minutes": str(survey.texts.minutes),
        "pay": pay,
        "contact": f"Questions? Ask {plan.contact}." if plan.contact else "",
    }
    return text.format(**values).strip()


def paragraphs(text: str) -> list[str]:
    """Parted by empty lines; a line's end within a paragraph is a space."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def _problems(found: _File) -> list[str]:
    told = [f"instructions has no {kind.value!r}" for kind in _ASKED if not found.instructions.get(kind, "").strip()]
    told += [f"instructions knows no {name!r}" for name in found.instructions if name not in list(_ASKED)]
    for name, text in _filled_texts(found).items():
        if not text.strip():
            told.append(f"{name} is empty")
        told += [f"{name} has the slot {{{slot}}}; there are {', '.join(SLOTS)}" for slot in _strange_slots(text)]
    if len(found.example) < _LEAST_EXAMPLES:
        told.append(f"there are {len(found.example)} worked examples ([[example]]); write at least {_LEAST_EXAMPLES}")
    for number, example in enumerate(found.example, start=1):
        told += [f"example {number}: {what}" for what in _example_problems(example)]
    for number, check in enumerate(found.attention, start=1):
        if len(check.options) < 2 or not 1 <= check.right <= len(check.options):
            told.append(
                f"attention check {number}: right is {check.right}; it counts the options, from 1, of two or more"
            )
    if not found.consent:
        told.append("consent has no statement; nobody may be asked without one")
    if not 1 <= found.minutes <= 600:
        told.append(f"minutes is {found.minutes}; use 1 to 600")
    return told


def _example_problems(example: _Example) -> list[str]:
    kinds = [kind.value for kind in _ASKED]
    if example.kind not in kinds:
        return [f"kind is {example.kind!r}; use {', '.join(kinds)}"]
    if example.kind == QuestionKind.ABSTRACTION and not example.original:
        return ["an abstraction needs original (a list with each side of the text)"]
    if example.perturbed and len(example.perturbed) != len(example.original):
        return [f"original has {len(example.original)} sides, perturbed {len(example.perturbed)}"]
    if example.kind != QuestionKind.ABSTRACTION and not example.hypothesis:
        return [f"an example of kind {example.kind} needs a hypothesis"]
    return []


def _filled_texts(found: _File) -> dict[str, str]:
    names = ("welcome", "disclaimer", "declined", "thanks")
    return {name: getattr(found, name) for name in names} | {
        f"instructions.{kind}": text for kind, text in found.instructions.items()
    }


def _strange_slots(text: str) -> list[str]:
    try:
        return [slot for _, slot, _, _ in string.Formatter().parse(text) if slot is not None and slot not in SLOTS]
    except ValueError:
        return ["…"]  # a brace without its partner


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"{place}: {first['msg']}"
    return str(error)


def _texts(name: str, found: _File) -> SurveyTexts:
    plain: dict[str, Any] = {key: getattr(found, key) for key in ("title", "minutes", "declined", "thanks")}
    return SurveyTexts(
        id=name,
        tasks=tuple(found.tasks),
        label_words=dict(found.labels),
        welcome=found.welcome,
        disclaimer=found.disclaimer,
        consent=tuple(found.consent),
        instructions={QuestionKind(kind): text for kind, text in found.instructions.items()},
        examples=tuple(
            WorkedExample(
                QuestionKind(one.kind),
                one.label,
                one.answer,
                one.why,
                tuple(one.original),
                tuple(one.perturbed),
                one.predicted,
                one.hypothesis,
            )
            for one in found.example
        ),
        attention=tuple(AttentionCheck(one.question, tuple(one.options), one.right - 1) for one in found.attention),
        **plain,
    )
