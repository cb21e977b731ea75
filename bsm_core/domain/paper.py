"""What the paper reports, kept apart from anything measured here."""

from __future__ import annotations

from dataclasses import dataclass

from bsm_core.domain.arms import Arm


@dataclass(frozen=True, slots=True)
class ReportedAverage:
    """The change of UUs against ORIGINAL, as a share, averaged over the paper's table 2."""

    arm: Arm
    change: float


@dataclass(frozen=True, slots=True)
class ReportedCell:
    """One cell of the paper's table 2. ``unknowns`` is a count, ``accuracy`` a share on clean test texts."""

    task: str
    classifier: str
    recipe: str
    arm: Arm
    unknowns: int
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A finding in one sentence of our own, under a ``topic``."""

    topic: str
    text: str


@dataclass(frozen=True, slots=True)
class Reported:
    """``source`` says which paper."""

    source: str
    averages: tuple[ReportedAverage, ...] = ()
    cells: tuple[ReportedCell, ...] = ()
    statements: tuple[Statement, ...] = ()

    def average(self, arm: Arm) -> float | None:
        return next((one.change for one in self.averages if one.arm is arm), None)

    def cell(self, task: str, classifier: str, recipe: str, arm: Arm) -> ReportedCell | None:
        wanted = (task, classifier, recipe, arm)
        return next((one for one in self.cells if (one.task, one.classifier, one.recipe, one.arm) == wanted), None)
