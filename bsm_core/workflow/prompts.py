"""What is said to the teacher: versioned templates in ``data/prompts``, filled with the study's own words.

They carry the information, the order and the answer format of appendix B in words of our own. Texts from data, from
models and from people are fenced: a mark that they cannot know stands before and after each, and the prompt says that
nothing in between is an instruction.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence

from bsm_core.domain.hypotheses import Hypothesis, HypothesisKind
from bsm_core.domain.tasks import Task, Text
from bsm_core.domain.teaching import Prompt
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import ConfigError
from bsm_core.workflow.templates import AnswerFormat, LoadTemplate, Template, fill, load_template, render

MOST_CHARACTERS = 6000
"""Of one text in a prompt."""
MOST_GROUP_CHARACTERS = 20_000
"""Of all cases in a prompt together: several long ones are cut to an equal share."""
MOST_EXAMPLES = 5
MOST_KNOWN = 12
"""Earlier hypotheses or samples that a prompt lists, so that the answer is a new one."""


def hypothesis_prompt(
    task: Task,
    kind: HypothesisKind,
    items: Sequence[UnknownUnknown],
    parent: Hypothesis | None,
    known: Sequence[str],
    seed: int,
    load: LoadTemplate | None = None,
) -> Prompt:
    """An abstraction from ``items``, or an extrapolation from ``parent``; unlike the ``known`` hypotheses.

    Of several items the first few are shown, so give the most typical first. Cases with and without a perturbed text
    do not mix in one prompt: the kind of the first is taken.
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
        return render(_template("extrapolation", load), slots, task, seed)
    if not items:
        raise ConfigError("an abstraction needs at least one UU; choose some on the Browse page")
    natural = items[0].perturbed_text is None
    template = _template("abstraction_natural" if natural else "abstraction", load)
    chosen = [item for item in items if (item.perturbed_text is None) is natural][:MOST_EXAMPLES]
    fence = _fence([*(side for item in chosen for side in (*item.original_text, *item.text)), *known])
    cases = _cases(template, task, chosen, fence)
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
    load: LoadTemplate | None = None,
) -> Prompt:
    """One labelled sample for a hypothesis; unlike the ``previous`` ones."""
    template = _template("generation", load)
    chosen = sources[:MOST_EXAMPLES]
    fence = _fence([hypothesis.text, parent_text or "", *(side for item in chosen for side in item.text)])
    cases = _cases(template, task, chosen, fence)
    slots = _task_slots(task, fence) | {
        "hypothesis": fenced(hypothesis.text, fence),
        "parent": f"It was derived from:\n{fenced(parent_text, fence)}\n" if parent_text else "",
        "examples": "\n" + "\n\n".join(cases) + "\n" if cases else "",
        "fields": f" It has two texts: {' and '.join(task.text_fields)}." if task.is_pair else "",
        "previous": _previous(task, previous, fence),
        "answer": _answer_lines(AnswerFormat.SAMPLE, task),
    }
    return render(template, slots, task, seed)


def untargeted_prompt(task: Task, label: int, previous: Sequence[Text], seed: int) -> Prompt:
    """One sample with the given label that knows of no hypothesis and no UU; unlike the ``previous`` ones."""
    fence = _fence([task.label_names[label], *(side for text in previous[-MOST_KNOWN:] for side in text)])
    slots = _task_slots(task, fence) | {
        "label": task.label_names[label],
        "fields": f" It has two texts: {' and '.join(task.text_fields)}." if task.is_pair else "",
        "previous": _previous(task, previous, fence),
        "answer": _answer_lines(AnswerFormat.SAMPLE, task),
    }
    return render(load_template("untargeted"), slots, task, seed)


def label_check_prompt(task: Task, text: Text, label: int, load: LoadTemplate | None = None) -> Prompt:
    """Condition 3 of one text. Neither the classifier's answer nor the original is told: the judge is blind."""
    fence = _fence(text)
    slots = _task_slots(task, fence) | {"text": _sides(task, text, fence), "label": task.label_names[label]}
    return render(_template("label_check", load), slots, task)


def blind_label_prompt(task: Task, text: Text, load: LoadTemplate | None = None) -> Prompt:
    """Which label a text deserves. Neither the sample's own label nor its hypothesis is told."""
    fence = _fence(text)
    slots = _task_slots(task, fence) | {
        "text": _sides(task, text, fence),
        "answer": _answer_lines(AnswerFormat.LABEL, task),
    }
    return render(_template("label_blind", load), slots, task)


def trial_prompt() -> Prompt:
    """One short question, for the Settings page."""
    return render(load_template("trial"), {})


def fenced(text: str, fence: str, most: int = MOST_CHARACTERS) -> str:
    """Hostile text between marks, without invisible characters, cut to ``most`` characters."""
    plain = "".join(c if c in "\n\t" or unicodedata.category(c)[0] != "C" else " " for c in text).strip()
    if len(plain) > most:
        plain = f"{plain[:most]} [cut: {len(plain) - most:,} more characters]"
    return f"<<{fence}\n{plain}\n{fence}>>"


def _fence(contents: Sequence[str]) -> str:
    """A mark that hangs on the texts themselves, so that no text can hold it, and a run can be repeated."""
    return "text-" + hashlib.sha256("\x1f".join(contents).encode("utf-8", "replace")).hexdigest()[:10]


def _task_slots(task: Task, fence: str) -> dict[str, str]:
    labels = ", ".join(f'"{name}"' for name in task.label_names)
    return {"phrase": task.phrase, "noun": task.sample_noun, "labels": labels, "fence": fence}


def _cases(template: Template, task: Task, items: Sequence[UnknownUnknown], fence: str) -> list[str]:
    texts = sum(len(item.original_text) + len(item.perturbed_text or ()) for item in items)
    most = min(MOST_CHARACTERS, MOST_GROUP_CHARACTERS // max(1, texts))
    return [fill(template, "example", _case(task, item, number, fence, most)) for number, item in enumerate(items, 1)]


def _case(task: Task, item: UnknownUnknown, number: int, fence: str, most: int) -> dict[str, str]:
    return {
        "number": str(number),
        "original": _sides(task, item.original_text, fence, most),
        "perturbed": _sides(task, item.text, fence, most),
        "text": _sides(task, item.text, fence, most),
        "label": task.label_names[item.label],
        "predicted": task.label_names[item.predicted],
        "confidence": f"{item.confidence:.2f}",
    }


def _sides(task: Task, text: Text, fence: str, most: int = MOST_CHARACTERS) -> str:
    if not task.is_pair:
        return fenced(text[0], fence, most)
    return "\n".join(f"{name}:\n{fenced(side, fence, most)}" for name, side in zip(task.text_fields, text, strict=True))


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
    elif answer is AnswerFormat.LABEL:
        shape = json.dumps({"label": "...", "reasoning": "..."})
        lines = "Label: ...\nReasoning: ..."
    else:
        sample: object = dict.fromkeys(task.text_fields, "...") if task.is_pair else "..."
        shape = json.dumps({"sample": sample, "label": "...", "reasoning": "..."})
        sides = "\n".join(f"Sample {name}: ..." for name in task.text_fields) if task.is_pair else "Sample: ..."
        lines = f"{sides}\nLabel: ...\nReasoning: ..."
    return f"Answer with one JSON object, {shape}\nor, if you cannot, with these lines and nothing else:\n{lines}"


def _template(name: str, load: LoadTemplate | None) -> Template:
    return (load or load_template)(name)
