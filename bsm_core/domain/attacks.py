"""What came of attacks, as counts and sums that can be added up: over labels, and over parts of a run."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class AttackTally:
    """Of some texts of one attack. Texts with outcome ERROR count in ``errors``, ``all_queries`` and ``seconds`` only:
    what the model would have done with them under attack is not known."""

    successful: int = 0
    failed: int = 0
    skipped: int = 0
    errors: int = 0
    words: int = 0
    """Of all texts but errors."""
    changed_texts: int = 0
    """Successful ones of which at least one word was changed."""
    changed_shares: float = 0.0
    """Over those: the sum of the shares of their words that were changed."""
    queries: int = 0
    """Of attacked texts: successful and failed."""
    all_queries: int = 0
    seconds: float = 0.0
    """Each text's own, added up."""

    def __add__(self, other: AttackTally) -> AttackTally:
        return AttackTally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class UnknownTally:
    """The attacked model's adversarial UUs in one set at one tau. ``raw`` has those judged invalid, too."""

    raw: int = 0
    judged: int = 0
    """Yes, no or unsure."""
    invalid: int = 0

    def __add__(self, other: UnknownTally) -> UnknownTally:
        return UnknownTally(self.raw + other.raw, self.judged + other.judged, self.invalid + other.invalid)

    @property
    def counted(self) -> int:
        """Those judged invalid are no UUs (2.1)."""
        return self.raw - self.invalid

    @property
    def invalid_share(self) -> float | None:
        """Of the judged; None when nobody judged."""
        return self.invalid / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class LabelTally:
    """One label's texts in one set."""

    set_id: str
    label: int
    attack: AttackTally
    unknowns: UnknownTally


@dataclass(frozen=True, slots=True)
class Replay:
    """One model's answers on the successful texts of one set, at one tau. Of the attacked model: how it was fooled."""

    set_id: str
    model_id: str
    answered: int
    wrong: int
    unknowns: UnknownTally
