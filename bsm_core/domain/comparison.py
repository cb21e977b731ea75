"""What arms are compared by: endpoints, and which models each text fools."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Endpoint(StrEnum):
    """A yes or no about one text and one model."""

    FRESH = "fresh"
    """A UU under the model's own fresh attack. Texts: those attacked without an error."""
    FROZEN = "frozen"
    """A UU on a perturbed text that fooled ORIGINAL. Texts: the frozen set."""
    NATURAL = "natural"
    """A UU on a clean test text."""
    WRONG = "wrong"
    """A wrong answer to a clean test text, whatever its confidence."""


PRIMARY = Endpoint.FRESH
"""The one endpoint that decides, at the study's tau and against ORIGINAL. All else is exploration."""


@dataclass(frozen=True, slots=True)
class AnswerPattern:
    """``count`` texts on which the endpoint holds for the models ``fooled`` and does not for ``held``. Models that did
    not answer the text are in neither."""

    endpoint: Endpoint
    fooled: tuple[str, ...]
    held: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class EvaluationScope:
    """Which of a study's looks at test are compared: the study's own, or those of one experiment on one of its
    evaluation sets."""

    experiment_id: str | None = None
    set_name: str = ""


OWN = EvaluationScope()
"""The study's own comparison."""
