"""Hypotheses made by code, for a teacher that cannot make them (agent RULE): UUs that show the same pattern are one
blind spot, and the weaknesses of the catalogue that nobody has named yet are the extrapolations."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.domain.tasks import Task
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.workflow.patterns import catalogue, findings, known_weaknesses, pattern, sentiment

MOST_SOURCES = 6
"""UUs that a hypothesis names; the others that show the pattern are counted only."""
_QUOTED = 3


@dataclass(frozen=True, slots=True)
class RuleHypothesis:
    """``sources`` are the most confident UUs that show the pattern; empty for an extrapolation."""

    key: str
    text: str
    reasoning: str
    sources: tuple[UnknownUnknown, ...]


def abstractions(
    task: Task, unknowns: Sequence[UnknownUnknown], covered: Collection[str], seed: int
) -> list[RuleHypothesis]:
    """One for each pattern that some UU shows first and foremost, and that is not ``covered``; the most frequent
    pattern first. ``unknowns`` come most confident first."""
    poles = sentiment(task)
    groups: dict[str, list[tuple[UnknownUnknown, str]]] = {}
    for unknown in unknowns:
        first = findings(unknown, poles)[0]
        groups.setdefault(first.key, []).append((unknown, first.evidence))
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [_abstraction(task, key, shown, seed) for key, shown in ordered if key not in covered]


def abstraction_of(task: Task, items: Sequence[UnknownUnknown], covered: Collection[str], seed: int) -> RuleHypothesis:
    """For UUs that a human chose: the pattern that most of them show, not ``covered`` if there is such a one."""
    poles = sentiment(task)
    groups: dict[str, list[tuple[UnknownUnknown, str]]] = {}
    rank: dict[str, int] = {}
    for unknown in items:
        for place, finding in enumerate(findings(unknown, poles)):
            groups.setdefault(finding.key, []).append((unknown, finding.evidence))
            rank[finding.key] = min(place, rank.get(finding.key, place))
    order = sorted(groups, key=lambda key: (key in covered, -len(groups[key]), rank[key], key))
    return _abstraction(task, order[0], groups[order[0]], seed)


def extrapolation(
    task: Task, parent: Hypothesis, covered: Collection[str], seed: int, place: int = 0
) -> RuleHypothesis | None:
    """The next weakness of the catalogue that is not ``covered``, seen from ``parent``; None when all are."""
    keys = [key for key in _order(task, seed) if key not in covered]
    if not keys:
        return None
    found = pattern(keys[0])
    drawn = random.Random(f"{seed}/{found.key}/{place}")
    text = _worded(drawn, "extrapolation", task, when=found.when)
    reasoning = f"{found.leap} Then {found.because}. From the parent: {_first_sentence(parent.text)}"
    return RuleHypothesis(found.key, text, reasoning, ())


def _order(task: Task, seed: int) -> list[str]:
    """The catalogue in an order drawn by seed: two other weaknesses, then one kind of typo, of which there are many."""
    keys = known_weaknesses(sentiment(task) is not None)
    drawn = random.Random(f"{seed}/extrapolations")
    others, typos = ([key for key in keys if key.startswith("typo/") is flag] for flag in (False, True))
    drawn.shuffle(others)
    drawn.shuffle(typos)
    mixed = [key for place, typo in enumerate(typos) for key in (*others[2 * place : 2 * place + 2], typo)]
    return [*mixed, *others[2 * len(typos) :]]


def _abstraction(task: Task, key: str, shown: Sequence[tuple[UnknownUnknown, str]], seed: int) -> RuleHypothesis:
    found = pattern(key)
    drawn = random.Random(f"{seed}/{key}")
    directions = {(unknown.label, unknown.predicted) for unknown, _ in shown}
    if len(directions) == 1:
        label, predicted = directions.pop()
        names = {"label": task.label_names[label], "predicted": task.label_names[predicted]}
        text = _worded(drawn, "abstraction", task, when=found.when, **names)
    else:
        text = _worded(drawn, "mixed", task, when=found.when)
    quoted = "; ".join(evidence for _, evidence in shown[:_QUOTED] if evidence)
    evidence = f" ({quoted})" if quoted else ""
    reasoning = f"{_count(len(shown))} this{evidence}. Probably {found.because}."
    sources = tuple(unknown for unknown, _ in _spread(shown)[:MOST_SOURCES])
    return RuleHypothesis(key, text, reasoning, sources)


def _spread(shown: Sequence[tuple[UnknownUnknown, str]]) -> list[tuple[UnknownUnknown, str]]:
    """The most confident first, but of every true label one before the second of any."""
    seen: dict[int, int] = {}
    ranked = []
    for place, entry in enumerate(shown):
        label = entry[0].label
        ranked.append((seen.get(label, 0), place, entry))
        seen[label] = seen.get(label, 0) + 1
    return [entry for *_, entry in sorted(ranked, key=lambda one: one[:2])]


def _worded(drawn: random.Random, kind: str, task: Task, when: str, **names: str) -> str:
    wording: str = drawn.choice(catalogue()["wordings"][kind])
    return wording.format(noun=task.sample_noun, when=when, When=when[0].upper() + when[1:], **names)


def _count(size: int) -> str:
    return "One UU shows" if size == 1 else f"{size} UUs show"


def _first_sentence(text: str, limit: int = 200) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
