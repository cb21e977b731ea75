"""Decisions as they were said, one by one, and what pre-tests found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from bsm_core.domain.curation import Candidate, HypothesisWord, LaterEffect, Pretest, Standing
from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.domain.synthesis import Decision, DecisionKind


class Decisions(Protocol):
    """Append-only. What counts of them comes with the samples (``Samples``)."""

    def standings(self, sample_ids: Sequence[str]) -> list[Standing]:
        """Of those that there are, in the order asked for."""
        ...

    def words(self, sample_ids: Sequence[str]) -> list[Decision]:
        """Every decision on them, oldest first."""
        ...

    def batch(self, batch_id: str) -> list[str]:
        """Ids of the samples that were decided on together."""
        ...

    def opinions(self, study_id: str) -> list[dict[str, DecisionKind]]:
        """By sample: what each named reviewer said last, yes or no. Third looks left out."""
        ...


class Pretests(Protocol):
    def candidates(self, study_id: str, model_id: str, tau: float) -> list[Candidate]:
        """Current samples that the model has answered, oldest first; without those rejected, or failed by a gate."""
        ...

    def controls(self, model_id: str, tau: float, wanted: Mapping[int, int], seed: int) -> list[Candidate]:
        """Validation texts, ``wanted`` of each label (or all there are), drawn by seed."""
        ...

    def add(self, pretests: Iterable[Pretest]) -> None: ...
    def all(self, study_id: str) -> dict[str, Pretest]:
        """By hypothesis, the latest of each."""
        ...

    def say(self, word: HypothesisWord) -> None: ...
    def words(self, study_id: str) -> dict[str, HypothesisWord]:
        """By hypothesis, the latest of each, if it was not taken back."""
        ...

    def effects(self, study_id: str, model_id: str) -> list[LaterEffect]:
        """Of hypotheses that rest on validation texts, with the newest model of each arm that was trained after
        ``model_id``, the baseline."""
        ...

    def earlier(self, study_id: str) -> dict[str, list[Hypothesis]]:
        """Of each current hypothesis that revises another: its earlier versions, newest first."""
        ...
