"""What the teacher answers, read with suspicion: JSON wherever it stands in the answer, else appendix B's lines.

Every function raises TeacherAnswerError with the reason, and nothing else, whatever the answer is.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from bsm_core.domain.tasks import Task, Text
from bsm_core.errors import TeacherAnswerError

MOST_CHARACTERS = 50_000
"""Of an answer that is looked at."""
MOST_IN_HYPOTHESIS = 2000
MOST_IN_SAMPLE = 10_000
MOST_IN_REASONING = 4000
"""More is cut: it decides nothing."""
_MOST_BRACES = 40
_LINE = r"^[ \t>*_#\-]*{name}(?:[ \t]+\d+)?[ \t*_]*[:：][ \t*_]*"
_RETRY = "ask again, or choose a model that keeps to the format"


def parse_hypothesis(answer: str) -> tuple[str, str]:
    """(hypothesis, reasoning)."""
    fields = _fields(answer, ("hypothesis", "reasoning"))
    text = _required(fields, "hypothesis", MOST_IN_HYPOTHESIS)
    return text, _required(fields, "reasoning", None)[:MOST_IN_REASONING]


def parse_sample(answer: str, task: Task) -> tuple[Text, int, str]:
    """(text, label, reasoning). The text has one side a text field of the task, none of them empty."""
    sides = [f"sample {name}".lower() for name in task.text_fields] if task.is_pair else ["sample"]
    fields = _fields(answer, (*sides, "label", "reasoning"), pair=tuple(task.text_fields) if task.is_pair else ())
    text = tuple(_required(fields, side, MOST_IN_SAMPLE) for side in sides)
    label = _label(_required(fields, "label", None), task.label_names)
    return text, label, _required(fields, "reasoning", None)[:MOST_IN_REASONING]


def parse_label(answer: str, task: Task) -> tuple[int, str]:
    """(label, reasoning)."""
    fields = _fields(answer, ("label", "reasoning"))
    label = _label(_required(fields, "label", None), task.label_names)
    return label, clean(str(fields.get("reasoning", "")))[:MOST_IN_REASONING]


def clean(text: str) -> str:
    """One line of text: white space collapsed, control characters and broken ones (lone surrogates) taken out."""
    kept = "".join(" " if _is_space(c) else c for c in text if _is_space(c) or unicodedata.category(c) not in _BROKEN)
    return " ".join(kept.split())


_BROKEN = ("Cc", "Cs", "Co", "Cn")


def _is_space(character: str) -> bool:
    return character.isspace()


def _fields(answer: str, names: Sequence[str], pair: tuple[str, ...] = ()) -> dict[str, Any]:
    """The answer's fields by lower-case name, from JSON if there is an object with any of them, else from lines."""
    if not answer.strip():
        raise TeacherAnswerError(f"the answer is empty; {_RETRY}")
    if len(answer) > MOST_CHARACTERS:
        raise TeacherAnswerError(f"the answer has {len(answer):,} characters; at most {MOST_CHARACTERS:,} are read")
    found = [one for one in (_named(value, pair) for value in _objects(answer)) if any(name in one for name in names)]
    if len(found) > 1 and any(one != found[0] for one in found[1:]):
        raise TeacherAnswerError(f"the answer holds {len(found)} objects instead of one; {_RETRY}")
    return found[0] if found else _lines(answer, names)


def _objects(answer: str) -> Iterator[dict[str, Any]]:
    """The outermost JSON objects of the answer, in a code fence, in a list, or with text around them."""
    decoder, position = json.JSONDecoder(), 0
    for _ in range(_MOST_BRACES):
        start = answer.find("{", position)
        if start < 0:
            return
        try:
            value, position = decoder.raw_decode(answer, start)
        except (ValueError, RecursionError):
            position = start + 1
            continue
        if isinstance(value, dict):
            yield value


def _named(value: dict[str, Any], pair: tuple[str, ...]) -> dict[str, Any]:
    """Names in lower case, and the two texts of a pair taken out of their ``sample`` object."""
    fields = {str(name).strip().lower(): entry for name, entry in value.items()}
    inner = fields.get("sample")
    if pair and isinstance(inner, dict):
        for name, entry in inner.items():
            fields[f"sample {name}".lower()] = entry
    return fields


def _lines(answer: str, names: Sequence[str]) -> dict[str, Any]:
    """``Name: text`` up to the next name; markdown emphasis around the names does not matter."""
    marks = []
    for name in names:
        pattern = re.compile(_LINE.format(name=re.escape(name)), re.IGNORECASE | re.MULTILINE)
        places = list(pattern.finditer(answer))
        if len(places) > 1:
            raise TeacherAnswerError(
                f"the answer has {len(places)} lines {name.capitalize()!r} instead of one; {_RETRY}"
            )
        marks += [(place.start(), place.end(), name) for place in places]
    marks.sort()
    ends = [*(start for start, _, _ in marks), len(answer)][1:]
    return {name: answer[begin:end].strip().strip("*`") for (_, begin, name), end in zip(marks, ends, strict=False)}


def _required(fields: dict[str, Any], name: str, most: int | None) -> str:
    if name not in fields:
        raise TeacherAnswerError(f"the answer has no {name}; {_RETRY}")
    value = fields[name]
    if not isinstance(value, str):
        raise TeacherAnswerError(f"the answer's {name} is {_kind(value)} instead of a text; {_RETRY}")
    text = _unquoted(clean(value))
    if not text or not any(character.isalnum() for character in text):
        raise TeacherAnswerError(f"the answer's {name} is empty; {_RETRY}")
    if most is not None and len(text) > most:
        raise TeacherAnswerError(f"the answer's {name} has {len(text):,} characters; at most {most:,} are allowed")
    return text


def _kind(value: object) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return {dict: "an object", bool: "true or false", type(None): "null"}.get(type(value), "a number")


def _unquoted(text: str) -> str:
    for start, end in (('"', '"'), ("“", "”"), ("'", "'")):
        if len(text) > 2 and text[0] == start and text[-1] == end and start not in text[1:-1] and end not in text[1:-1]:
            return text[1:-1].strip()
    return text


def _label(answer: str, names: Sequence[str]) -> int:
    plain = answer.casefold().strip(" .*_`\"'“”()[]<>")
    matches = [index for index, name in enumerate(names) if name.casefold().strip() == plain]
    if len(matches) != 1:
        shown = answer if len(answer) <= 60 else answer[:59] + "…"
        raise TeacherAnswerError(f"the answer's label is {shown!r}; it must be one of {', '.join(names)}")
    return matches[0]
