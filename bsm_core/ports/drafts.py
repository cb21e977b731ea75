"""What the language model wrote and the workbench did not take."""

from __future__ import annotations

from typing import Protocol

from bsm_core.domain.authoring import Nearness, RejectedDraft
from bsm_core.ports.rows import Page


class Drafts(Protocol):
    def rejected(self, study_id: str, *, limit: int = 25, offset: int = 0) -> Page[RejectedDraft]:
        """Newest first."""
        ...

    def nearness(self, study_id: str) -> dict[str, Nearness]:
        """By extrapolation, of those that were measured."""
        ...
