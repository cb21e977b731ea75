"""Where the mistakes on test lie: in a blind spot that was seen on validation, or outside all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bsm_core.domain.blind_spots import SpotSpace
from bsm_core.domain.comparison import AnswerPattern, Endpoint

SHARE = 0.95
"""A spot reaches as far as this share of its own validation members do."""

OTHER_SHARES = (0.8, 1.0)
"""Narrower and wider spots, to see whether the answer hangs on the radius."""


class Part(StrEnum):
    SEEN = "seen"
    """In a blind spot of validation: somebody could have written hypotheses about it."""
    UNSEEN = "unseen"
    """In none of them."""


@dataclass(frozen=True, slots=True)
class Region:
    """A blind spot as far as it reaches: ``radius`` around its center has SHARE of its ``size`` validation members."""

    spot_id: str
    name: str
    size: int
    radius: float


@dataclass(frozen=True, slots=True)
class Locating:
    """One run that placed the wrong answers on test among the spots of a clustering, as these stood then."""

    locating_id: str
    study_id: str
    clustering_id: str
    space: SpotSpace
    regions: tuple[Region, ...]
    items: int
    """Texts that were placed."""
    job_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PlacedPattern:
    """``count`` test texts that are a UU in a seen spot for the models ``seen``, outside all spots for ``unseen``, not
    placed yet for ``unplaced``, and no UU for ``held``."""

    endpoint: Endpoint
    seen: tuple[str, ...]
    unseen: tuple[str, ...]
    unplaced: tuple[str, ...]
    held: tuple[str, ...]
    count: int

    def of(self, part: Part) -> AnswerPattern:
        """Whom the text fools *within the part*. It stays among the texts of all models whatever the part, so that the
        parts add up to the whole, and a UU that moves from one to the other counts in both."""
        fooled, other = (self.seen, self.unseen) if part is Part.SEEN else (self.unseen, self.seen)
        return AnswerPattern(self.endpoint, fooled, tuple(sorted((*other, *self.unplaced, *self.held))), self.count)
