"""The catalogue of known weaknesses (``data/patterns/english.toml``), and which of them a UU shows.

A pattern's key names what code does to a plain sentence: ``typo/<edit kind>/<target>``, ``synonym`` or
``frame/<name>``. It is stored with a rule's hypothesis, and ``frames.py`` applies it.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bsm_core.config import DATA
from bsm_core.domain.tasks import Task
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import ConfigError
from bsm_core.workflow.edits import EditKind, Target, WordEdit, word_edits
from bsm_core.workflow.features import features
from bsm_core.workflow.lexicon import lexicon, words

SYNONYM = "synonym"
_OPINIONATED = (Target.OPINION, Target.INTENSIFIER, Target.NEGATION)
_NOT_CATALOGUED = ("things", "names")


@dataclass(frozen=True, slots=True)
class Sentiment:
    """Which of a task's labels is the bad one and which the good one."""

    negative: int
    positive: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """``when`` completes "the model fails when ..."; ``because`` says why; ``leap`` leads there from a parent."""

    key: str
    when: str
    because: str
    leap: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A pattern that a UU shows, and the words that show it."""

    key: str
    evidence: str


@cache
def catalogue() -> dict[str, Any]:
    return tomllib.loads((DATA / "patterns" / "english.toml").read_text(encoding="utf-8"))


def sentiment(task: Task) -> Sentiment | None:
    """None when the labels do not look like sentiment; then opinion words mean nothing."""
    names = [name.casefold().strip() for name in task.label_names]
    if task.is_pair or len(names) != 2 or set(names) != {"negative", "positive"}:
        return None
    return Sentiment(names.index("negative"), names.index("positive"))


def typo_key(kind: EditKind, target: Target) -> str:
    return f"typo/{kind}/{target}"


def frame_key(name: str) -> str:
    return f"frame/{name}"


def typo_of(key: str) -> tuple[EditKind, Target] | None:
    """The edit a ``typo/...`` key asks for; None for other keys."""
    parts = key.split("/")
    if len(parts) != 3 or parts[0] != "typo" or parts[1] not in list(EditKind) or parts[2] not in list(Target):
        return None
    kind = EditKind(parts[1])
    return (kind, Target(parts[2])) if kind.is_typo else None


def frame_of(key: str) -> str | None:
    """The frame's name in a ``frame/...`` key; None for other keys."""
    head, _, name = key.partition("/")
    return name if head == "frame" and name in catalogue()["frames"] and name not in _NOT_CATALOGUED else None


def pattern(key: str) -> Pattern:
    """Raises ConfigError for a key that the catalogue does not have."""
    data = catalogue()
    typo, frame = typo_of(key), frame_of(key)
    if typo is not None:
        when = data["typo"]["kinds"][typo[0]].format(what=data["typo"]["targets"][typo[1]])
        return Pattern(key, when, data["typo"]["because"], data["typo"]["leap"])
    if frame is None and key != SYNONYM:
        raise ConfigError(f"no pattern {key!r}; there are {SYNONYM}, typo/<kind>/<target> and frame/<name>")
    entry = data["frames"][frame] if frame is not None else data[SYNONYM]
    return Pattern(key, entry["when"], entry["because"], entry["leap"])


def known_weaknesses(opinions: bool) -> list[str]:
    """Keys of the whole catalogue, the most different first: frames, the rare word, then typos by kind and target.
    Without ``opinions`` only the typos that need no opinion word."""
    targets = [target for target in Target if opinions or target not in _OPINIONATED]
    typos = [typo_key(kind, target) for target in targets for kind in EditKind if kind.is_typo]
    if not opinions:
        return typos
    frames = [frame_key(name) for name in catalogue()["frames"] if name not in _NOT_CATALOGUED]
    return [*frames, SYNONYM, *typos]


def key_in_words(text: str) -> str | None:
    """The pattern that a hypothesis in words speaks of, by the catalogue's cues; None when it speaks of none."""
    plain = text.casefold()
    found: str | None = next((key for key, cues in catalogue()["cues"].items() if any(c in plain for c in cues)), None)
    return found


def is_pattern(key: str | None) -> bool:
    return key is not None and (key == SYNONYM or typo_of(key) is not None or frame_of(key) is not None)


def findings(unknown: UnknownUnknown, poles: Sentiment | None) -> list[Finding]:
    """The patterns that the UU shows, the most telling first; never empty. Without ``poles`` opinion words mean
    nothing."""
    opinions = poles is not None
    if unknown.perturbed_text is None:
        found = features(unknown.original_text, opinions)
        if poles is not None and found[0].pattern == "implicit" and (plain := _plain_opinion(unknown, poles.positive)):
            return [plain]
        return [Finding(frame_key(one.pattern), ", ".join(f'"{word}"' for word in one.evidence)) for one in found]
    edits = word_edits(unknown.original_text, unknown.perturbed_text)
    return list(_edit_findings(edits, opinions)) or [Finding(typo_key(EditKind.SEVERAL, Target.OTHER), "")]


def _plain_opinion(unknown: UnknownUnknown, positive_label: int) -> Finding | None:
    """For a text with opinion words of one polarity and no other feature: they contradict the label, as in irony, or
    they agree with it and the model does not know them. None for a text without opinion words."""
    present = [word.lower() for side in unknown.original_text for word in words(side)]
    good = [word for word in present if word in lexicon().positive]
    bad = [word for word in present if word in lexicon().negative]
    if not good and not bad:
        return None
    agrees = bool(good) == (unknown.label == positive_label)
    evidence = ", ".join(f'"{word}"' for word in dict.fromkeys(good or bad))
    return Finding(SYNONYM if agrees else frame_key("sarcasm"), evidence)


def _edit_findings(edits: Sequence[WordEdit], opinions: bool) -> Iterator[Finding]:
    grouped: dict[str, list[WordEdit]] = {}
    for edit in edits:
        grouped.setdefault(_edit_key(edit, opinions), []).append(edit)
    order = list(Target)
    counts = Counter({key: len(own) for key, own in grouped.items()})
    for key in sorted(grouped, key=lambda key: (order.index(_target(grouped[key][0], opinions)), -counts[key], key)):
        shown = ", ".join(f'"{edit.original}" → "{edit.perturbed}"' for edit in grouped[key][:3])
        yield Finding(key, shown)


def _edit_key(edit: WordEdit, opinions: bool) -> str:
    if edit.kind.is_typo:
        return typo_key(edit.kind, _target(edit, opinions))
    # A word that fell in two or grew together is still a slip of the pen.
    is_swap = edit.kind is EditKind.WORD and opinions and edit.target is Target.OPINION
    return SYNONYM if is_swap else typo_key(EditKind.SEVERAL, _target(edit, opinions))


def _target(edit: WordEdit, opinions: bool) -> Target:
    """Where opinions mean nothing, an opinion word is a word like others."""
    if opinions or edit.target not in _OPINIONATED:
        return edit.target
    return Target.OTHER
