"""Prompt templates: files with slots, versioned by their content."""

from __future__ import annotations

import hashlib
import string
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from bsm_core.config import DATA
from bsm_core.domain.tasks import Task
from bsm_core.domain.teaching import Prompt
from bsm_core.errors import ConfigError

PROMPTS = DATA / "prompts"


class AnswerFormat(StrEnum):
    HYPOTHESIS = "hypothesis"
    """Hypothesis, reasoning (appendix B)."""
    SAMPLE = "sample"
    """Sample, label, reasoning (appendix B)."""
    LABEL = "label"
    """Label, reasoning."""
    NONE = "none"
    """Free text."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A worked example for few-shot prompts: a question as it might have been asked before, and a good answer to it."""

    user: str
    assistant: str


@dataclass(frozen=True, slots=True)
class Template:
    """One file. ``version`` ends with a hash of it, so that an edited template never passes for the old one."""

    id: str
    version: str
    answer: AnswerFormat
    max_tokens: int
    temperature: float
    user: str
    system: str = ""
    example: str = ""
    assistant: str = ""
    """The beginning of the answer, for a model that writes on."""
    extra: dict[str, object] = field(default_factory=dict)
    shots: tuple[Shot, ...] = ()
    """None is zero-shot, as in the paper. Their texts stand as they are, without slots."""


LoadTemplate = Callable[[str], Template]
"""The version of a template that is in use, by its name."""


def load_template(name: str, folder: Path = PROMPTS) -> Template:
    """Raises ConfigError with the file and what is wrong in it."""
    path = folder / f"{name}.toml"
    try:
        raw = path.read_bytes()
    except OSError as error:
        known = ", ".join(sorted(one.stem for one in folder.glob("*.toml")))
        raise ConfigError(f"no prompt template {name!r} in {folder}; there are {known}") from error
    return read_template(raw, str(path))


def read_template(raw: bytes, where: str) -> Template:
    """A template file's content. Raises ConfigError that says ``where`` and what is wrong."""
    try:
        values: dict[str, Any] = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{where} is not valid TOML: {error}") from error
    try:
        values["answer"] = AnswerFormat(values["answer"])
        values["version"] = f"{values['version']}-{content_hash(raw)}"
        values["shots"] = tuple(Shot(**shot) for shot in values.get("shots", ()))
        return Template(**values)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{where}: {error}; compare it with the template that ships") from error


def content_hash(raw: bytes) -> str:
    """Eight hex digits that tell versions of a file apart."""
    return hashlib.sha256(raw).hexdigest()[:8]


def fill(template: Template, part: str, slots: Mapping[str, str]) -> str:
    """One part of a template with its slots. Values are put in as they stand: braces in them mean nothing.

    Raises ConfigError for an unknown slot, naming those there are.
    """
    text: str = getattr(template, part).strip("\n")
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise ConfigError(f"prompt template {template.id!r}, {part}: {error}; write a brace as {{{{ or }}}}") from error
    unknown = sorted({name for name in names if name not in slots})
    if unknown:
        raise ConfigError(
            f"prompt template {template.id!r}, {part}: no slot {', '.join(map(repr, unknown))}; "
            f"there are {', '.join(sorted(slots))}"
        )
    return text.format(**slots)


def render(template: Template, slots: Mapping[str, str], task: Task | None = None, seed: int | None = None) -> Prompt:
    """The chat messages of a template, and the schema of the answer (with the task's labels and text fields)."""
    turns = [turn for shot in template.shots for turn in (("user", shot.user), ("assistant", shot.assistant))]
    filled = [
        ("system", fill(template, "system", slots)),
        *turns,
        *((role, fill(template, role, slots)) for role in ("user", "assistant")),
    ]
    return Prompt(
        template=template.id,
        version=template.version,
        messages=tuple((role, text) for role, text in filled if text.strip()),
        schema=answer_schema(template.answer, task),
        max_tokens=template.max_tokens,
        temperature=template.temperature,
        seed=seed,
        extra=dict(template.extra),
    )


def answer_schema(answer: AnswerFormat, task: Task | None) -> dict[str, object] | None:
    """JSON schema; None for free text. The label is one of the task's label names."""
    string_type: dict[str, object] = {"type": "string"}
    if answer is AnswerFormat.HYPOTHESIS:
        return _object({"hypothesis": string_type, "reasoning": string_type})
    if answer is AnswerFormat.NONE or task is None:
        return None
    label = {"type": "string", "enum": list(task.label_names)}
    if answer is AnswerFormat.LABEL:
        return _object({"label": label, "reasoning": string_type})
    sample = _object(dict.fromkeys(task.text_fields, string_type)) if task.is_pair else string_type
    return _object({"sample": sample, "label": label, "reasoning": string_type})


def _object(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
