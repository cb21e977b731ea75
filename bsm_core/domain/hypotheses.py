"""Hypotheses: why the model fails (abstraction), and which other failure that suggests (extrapolation)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HypothesisKind(StrEnum):
    ABSTRACTION = "abstraction"
    """Why these UUs fail (2.2)."""
    EXTRAPOLATION = "extrapolation"
    """A different failure that an abstraction suggests (2.2); has a ``parent_hypothesis_id``."""


class Agent(StrEnum):
    """Who made it."""

    HUMAN = "human"
    LM = "lm"
    HYBRID = "hybrid"
    """A language model's draft, edited by a human."""
    RULE = "rule"
    """Made by code: the embedded default."""
    AUTHORS = "authors"
    """The curated set that ships."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A claim about the model's failures. An edit is a new hypothesis that ``revises_id`` the old one."""

    hypothesis_id: str
    study_id: str
    kind: HypothesisKind
    agent: Agent
    text: str
    reasoning: str
    source_item_ids: tuple[str, ...]
    """The UUs it rests on; an extrapolation may have none of its own."""
    parent_hypothesis_id: str | None
    revises_id: str | None
    call_id: str | None
    """The teacher call that drafted it."""
    pattern: str | None
    """The kind of failure it stands for, in a word or two. For agent RULE: the key of the rule, which the sample writer
    applies by code."""
    created_at: datetime

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("a hypothesis needs a text")
        if self.kind is HypothesisKind.EXTRAPOLATION and self.parent_hypothesis_id is None:
            raise ValueError("an extrapolation needs the abstraction it starts from")


@dataclass(frozen=True, slots=True)
class HypothesisDraft:
    """What an agent proposes before a human keeps it. ``call_id`` is the teacher call, None for a rule."""

    kind: HypothesisKind
    agent: Agent
    text: str
    reasoning: str
    pattern: str | None
    call_id: str | None
