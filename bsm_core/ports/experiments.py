"""What the store knows of experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bsm_core.domain.experiments import AddedText, Cell, ExperimentPlan, UntargetedText


class Experiments(Protocol):
    """Frozen plans. Nothing of one is ever changed."""

    def add(self, plan: ExperimentPlan, texts: Mapping[Cell, Sequence[AddedText]]) -> None:
        """``texts``: what every cell adds to the training set."""
        ...

    def get(self, experiment_id: str) -> ExperimentPlan:
        """Raises NotFoundError."""
        ...

    def all(self, study_id: str) -> list[ExperimentPlan]:
        """Oldest first."""
        ...

    def texts(self, experiment_id: str, cell: Cell) -> list[AddedText]:
        """In the order they were drawn."""
        ...

    def untargeted(self, study_id: str) -> list[UntargetedText]:
        """Texts written without a hypothesis, oldest first."""
        ...
