"""What the language model is told to write at scale, and what becomes of the drafts that are not taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bsm_core.domain.hypotheses import HypothesisKind


@dataclass(frozen=True, slots=True)
class WriteOrder:
    """How much is to be written, and within which bounds. Impossible values are refused with a ValueError."""

    abstractions: int
    """UUs (or groups of UUs) to write one abstraction each for."""
    extrapolations: int
    samples_each: int = 1
    """Samples for each hypothesis (the paper: one)."""
    rounds: int = 3
    """How often what was rejected is written anew, the first time included."""
    at_once: int = 8
    """Requests under way together, at most; fewer while the endpoint limits the rate."""
    cap_usd: float | None = None
    cap_tokens: int | None = None
    """Read and written together."""
    temperature: float | None = None
    """None leaves it to each prompt template."""
    differ: bool = False
    """Prompts list hypotheses and samples that are there already, with the request to differ from them."""
    batch: bool = False
    """Use the endpoint's batch API (OpenAI's): slower, often cheaper."""

    def __post_init__(self) -> None:
        limits = {
            "abstractions": (0, 100_000),
            "extrapolations": (0, 100_000),
            "samples_each": (0, 20),
            "rounds": (1, 10),
            "at_once": (1, 64),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} is {value}; use {low} to {high:,}")
        if self.cap_usd is not None and self.cap_usd <= 0:
            raise ValueError(f"the cap is ${self.cap_usd:g}; use more than $0, or none")
        if self.cap_tokens is not None and self.cap_tokens <= 0:
            raise ValueError(f"the cap is {self.cap_tokens} tokens; use more than 0, or none")
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise ValueError(f"temperature is {self.temperature:g}; use 0 to 2")


class DraftKind(StrEnum):
    ABSTRACTION = HypothesisKind.ABSTRACTION.value
    EXTRAPOLATION = HypothesisKind.EXTRAPOLATION.value
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class RejectedDraft:
    """A usable answer that was not taken: too near to something that is there already. Kept with its reason."""

    draft_id: str
    study_id: str
    job_id: str
    kind: DraftKind
    text: str
    """The sides of a pair are joined by a line break."""
    reason: str
    near_id: str | None
    """The hypothesis it is too near to; None when that is a text."""
    overlap: float
    cosine: float | None
    call_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near an extrapolation is to the abstraction it starts from, both in [0, 1] (a cosine may fall below 0).

    ``overlap`` is the share of content words that the two have in common (Jaccard); ``cosine`` that of their sentence
    embeddings, None where no encoder could be asked.
    """

    hypothesis_id: str
    parent_hypothesis_id: str
    overlap: float
    cosine: float | None


@dataclass(frozen=True, slots=True)
class Spent:
    """Since the job began. ``tokens`` counts reported usage, and an estimate where the endpoint reports none."""

    calls: int
    reused: int
    """Answers taken from the cache."""
    failed: int
    tokens: int
    cost: float
