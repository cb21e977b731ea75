"""What is said to the teacher: versioned templates in ``data/prompts``, filled with the study's own words.

They carry the information, the order and the answer format of appendix B in words of our own. Texts from data, from
models and from people are fenced: a mark that they cannot know stands before and after each, and the prompt says that
nothing in between is an instruction.
"""

from __future__ import annotations

import hashlib
import json
import string
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from bsm_core.config import DATA
from bsm_core.domain.hypotheses import Hypothesis, HypothesisKind
from bsm_core.domain.tasks import Task, Text
from bsm_core.domain.teaching import Prompt
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import ConfigError

PROMPTS = DATA / "prompts"
MOST_CHARACTERS = 6000
"""Of one text in a prompt."""
MOST_EXAMPLES = 5
MOST_KNOWN = 12
"""Earlier hypotheses or samples that a prompt lists, so that the answer is a new one."""


class AnswerFormat(StrEnum):
    HYPOTHESIS = "hypothesis"
    """Hypothesis, reasoning (appendix B)."""
    SAMPLE = "sample"
    """Sample, label, reasoning (appendix B)."""
    NONE = "none"
    """Free text."""


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


def load_template(name: str, folder: Path = PROMPTS) -> Template:
    """Raises ConfigError with the file and what is wrong in it."""
    path = folder / f"{name}.toml"
    try:
        raw = path.read_bytes()
        values: dict[str, Any] = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        known = ", ".join(sorted(one.stem for one in folder.glob("*.toml")))
        raise ConfigError(f"no prompt template {name!r} in {folder}; there are {known}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    try:
        values["answer"] = AnswerFormat(values["answer"])
        values["version"] = f"{values['version']}-{hashlib.sha256(raw).hexdigest()[:8]}"
        return Template(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{path}: {error}; compare it with the template that ships") from error


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
    filled = [(role, fill(template, role, slots)) for role in ("system", "user", "assistant")]
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
    sample = _object(dict.fromkeys(task.text_fields, string_type)) if task.is_pair else string_type
    label = {"type": "string", "enum": list(task.label_names)}
    return _object({"sample": sample, "label": label, "reasoning": string_type})


def hypothesis_prompt(
    task: Task,
    kind: HypothesisKind,
    items: Sequence[UnknownUnknown],
    parent: Hypothesis | None,
    known: Sequence[str],
    seed: int,
    folder: Path = PROMPTS,
) -> Prompt:
    """An abstraction from ``items``, or an extrapolation from ``parent``; unlike the ``known`` hypotheses.

    Cases with and without a perturbed text do not mix in one prompt: the kind of the first is taken.
    """
    if kind is HypothesisKind.EXTRAPOLATION:
        if parent is None:
            raise ConfigError("an extrapolation needs the abstraction it starts from; choose one")
        fence = _fence([parent.text, parent.reasoning, *known])
        slots = _task_slots(task, fence) | {
            "hypothesis": fenced(parent.text, fence),
            "reasoning": fenced(parent.reasoning or "(none given)", fence),
            "known": _known(known, fence),
            "answer": _answer_lines(AnswerFormat.HYPOTHESIS, task),
        }
        return render(load_template("extrapolation", folder), slots, task, seed)
    if not items:
        raise ConfigError("an abstraction needs at least one UU; choose some on the Browse page")
    natural = items[0].perturbed_text is None
    template = load_template("abstraction_natural" if natural else "abstraction", folder)
    chosen = [item for item in items if (item.perturbed_text is None) is natural][:MOST_EXAMPLES]
    fence = _fence([*(side for item in chosen for side in (*item.original_text, *item.text)), *known])
    cases = [fill(template, "example", _case(task, item, number, fence)) for number, item in enumerate(chosen, 1)]
    slots = _task_slots(task, fence) | {
        "examples": "\n\n".join(cases),
        "known": _known(known, fence),
        "answer": _answer_lines(AnswerFormat.HYPOTHESIS, task),
    }
    return render(template, slots, task, seed)


def generation_prompt(
    task: Task,
    hypothesis: Hypothesis,
    parent_text: str | None,
    sources: Sequence[UnknownUnknown],
    previous: Sequence[Text],
    seed: int,
    folder: Path = PROMPTS,
) -> Prompt:
    """One labelled sample for a hypothesis; unlike the ``previous`` ones."""
    template = load_template("generation", folder)
    chosen = sources[:MOST_EXAMPLES]
    fence = _fence([hypothesis.text, parent_text or "", *(side for item in chosen for side in item.text)])
    cases = [fill(template, "example", _case(task, item, number, fence)) for number, item in enumerate(chosen, 1)]
    slots = _task_slots(task, fence) | {
        "hypothesis": fenced(hypothesis.text, fence),
        "parent": f"It was derived from:\n{fenced(parent_text, fence)}\n" if parent_text else "",
        "examples": "\n" + "\n\n".join(cases) + "\n" if cases else "",
        "fields": f" It has two texts: {' and '.join(task.text_fields)}." if task.is_pair else "",
        "previous": _previous(task, previous, fence),
        "answer": _answer_lines(AnswerFormat.SAMPLE, task),
    }
    return render(template, slots, task, seed)


def label_check_prompt(task: Task, item: UnknownUnknown, folder: Path = PROMPTS) -> Prompt:
    """Condition 3 of one perturbed text. What the classifier answered is not told: the judge is blind to it."""
    fence = _fence([*item.original_text, *item.text])
    case = _case(task, item, 1, fence)
    slots = _task_slots(task, fence) | {name: case[name] for name in ("original", "perturbed", "label")}
    return render(load_template("label_check", folder), slots, task)


def trial_prompt(folder: Path = PROMPTS) -> Prompt:
    """One short question, for the Settings page."""
    return render(load_template("trial", folder), {})


def fenced(text: str, fence: str) -> str:
    """Hostile text between marks, without invisible characters, cut to MOST_CHARACTERS."""
    plain = "".join(c if c in "\n\t" or unicodedata.category(c)[0] != "C" else " " for c in text).strip()
    if len(plain) > MOST_CHARACTERS:
        plain = f"{plain[:MOST_CHARACTERS]} [cut: {len(plain) - MOST_CHARACTERS:,} more characters]"
    return f"<<{fence}\n{plain}\n{fence}>>"


def _fence(contents: Sequence[str]) -> str:
    """A mark that hangs on the texts themselves, so that no text can hold it, and a run can be repeated."""
    return "text-" + hashlib.sha256("\x1f".join(contents).encode("utf-8", "replace")).hexdigest()[:10]


def _task_slots(task: Task, fence: str) -> dict[str, str]:
    labels = ", ".join(f'"{name}"' for name in task.label_names)
    return {"phrase": task.phrase, "noun": task.sample_noun, "labels": labels, "fence": fence}


def _case(task: Task, item: UnknownUnknown, number: int, fence: str) -> dict[str, str]:
    return {
        "number": str(number),
        "original": _sides(task, item.original_text, fence),
        "perturbed": _sides(task, item.text, fence),
        "text": _sides(task, item.text, fence),
        "label": task.label_names[item.label],
        "predicted": task.label_names[item.predicted],
        "confidence": f"{item.confidence:.2f}",
    }


def _sides(task: Task, text: Text, fence: str) -> str:
    if not task.is_pair:
        return fenced(text[0], fence)
    return "\n".join(f"{name}:\n{fenced(side, fence)}" for name, side in zip(task.text_fields, text, strict=True))


def _known(known: Sequence[str], fence: str) -> str:
    if not known:
        return ""
    listed = "\n".join(f"- {' '.join(one.split())}" for one in known[-MOST_KNOWN:])
    return f"\nThese hypotheses are there already; yours must differ from them:\n{fenced(listed, fence)}\n"


def _previous(task: Task, previous: Sequence[Text], fence: str) -> str:
    if not previous:
        return ""
    listed = "\n".join(_sides(task, text, fence) for text in previous[-MOST_KNOWN:])
    return f"It must differ in subject and wording from those written so far:\n{listed}\n"


def _answer_lines(answer: AnswerFormat, task: Task) -> str:
    """Appendix B's answer format, as JSON first, and as lines for endpoints without schemas."""
    if answer is AnswerFormat.HYPOTHESIS:
        shape = json.dumps({"hypothesis": "...", "reasoning": "..."})
        lines = "Hypothesis: ...\nReasoning: ..."
    else:
        sample: object = dict.fromkeys(task.text_fields, "...") if task.is_pair else "..."
        shape = json.dumps({"sample": sample, "label": "...", "reasoning": "..."})
        sides = "\n".join(f"Sample {name}: ..." for name in task.text_fields) if task.is_pair else "Sample: ..."
        lines = f"{sides}\nLabel: ...\nReasoning: ..."
    return f"Answer with one JSON object, {shape}\nor, if you cannot, with these lines and nothing else:\n{lines}"


def _object(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
