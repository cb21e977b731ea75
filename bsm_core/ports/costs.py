"""What the store knows of work and spending."""

from __future__ import annotations

from typing import Protocol

from bsm_core.domain.costs import Act, CallCost, SurveyTime


class Costs(Protocol):
    def calls(self, study_id: str) -> list[CallCost]:
        """Teacher calls by what became of their answers. An edited text is its newest version's agent's: a draft that a
        human edited is a cost of the hybrid."""
        ...

    def acts(self, study_id: str) -> list[Act]:
        """Hypotheses and samples written by hand, and decisions on samples: oldest first."""
        ...

    def surveys(self, study_id: str) -> list[SurveyTime]: ...
