"""Foils: texts among those to be judged that are no UUs, so that a judge cannot know the answer beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bsm_core.domain.unknowns import Verdict


class FoilKind(StrEnum):
    HELD = "held"
    """A perturbed text that did not fool the model."""
    ORIGINAL = "original"
    """A text as it stands in the data: whoever calls its label wrong raises a false alarm, or has found an error in
    the data."""


@dataclass(frozen=True, slots=True)
class Question:
    """One text to judge: a UU, or with ``foil`` a foil. ``item_id`` is a perturbation's id, or an example's for a foil
    of kind ORIGINAL."""

    item_id: str
    foil: FoilKind | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text of an attack that may be judged; of one example at most one foil is drawn."""

    question: Question
    example_id: str


@dataclass(frozen=True, slots=True)
class FoilJudgement:
    """One judge's word on a foil. Append-only; the latest by the same agent counts. Never part of a UU count."""

    study_id: str
    item_id: str
    kind: FoilKind
    verdict: Verdict
    agent: str
    created_at: datetime
