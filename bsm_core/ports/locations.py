"""Where the mistakes on test lie: what the store remembers of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from bsm_core.domain.arms import Evaluation
from bsm_core.domain.locations import Locating, PlacedPattern


class Locations(Protocol):
    """Comes with the job that placed the texts. Append-only; the latest of a study counts."""

    def latest(self, study_id: str) -> Locating | None: ...

    def members(self, clustering_id: str) -> pa.Table:
        """Columns item_id, text, text_b of all clustered UUs, by id. Workers' input."""
        ...

    def mistakes(self, study_id: str) -> pa.Table:
        """Columns item_id, text, text_b of all test texts, clean and perturbed, to which any model has given a wrong
        answer with a confidence above 0.5, by id. Nothing is looked at that no evaluation has looked at."""
        ...

    def missing(self, study_id: str, locating_id: str) -> int:
        """How many of ``mistakes`` came later and were not placed."""
        ...

    def patterns(
        self, locating_id: str, evaluations: Sequence[Evaluation], tau: float, share: float
    ) -> list[PlacedPattern]:
        """As ``Evaluations.patterns`` of these evaluations, with the part that each model's UU lies in when spots reach
        as far as ``share`` of their members."""
        ...
