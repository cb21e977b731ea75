"""How much an attack may do at once, and how much one example may cost."""

from __future__ import annotations

from dataclasses import dataclass

WORD_BYTES = 500
"""Memory of a search by the square of its words: ranking n words makes n texts of n words, of 80 bytes a word, and
trying them about five times as many. Measured with DeepWordBug; a text of 230 words comes to 26 MB."""


@dataclass(frozen=True, slots=True)
class AttackLimits:
    """None of these but ``queries``, ``seconds`` and ``memory`` can change a result."""

    concurrency: int = 64
    """Searches at once, at most."""
    round_characters: int = 64_000
    """Of the texts answered together. When as many wait, no further search begins, so that those begun are soon done;
    a question that is longer is answered alone."""
    queries: int | None = None
    """Of one example: TextAttack's query budget. The attack fails when it is used up."""
    seconds: float | None = 3600.0
    """Of one example, waiting for others not counted: its search and its share of the answers."""
    memory: int = 4 * 1024**3
    """Bytes, estimated (``WORD_BYTES``), of all searches at once. A text too long for all of it is not attacked."""

    def __post_init__(self) -> None:
        if self.concurrency < 1:
            raise ValueError(f"concurrency {self.concurrency} is less than 1")
        if self.queries is not None and self.queries < 1:
            raise ValueError(f"a budget of {self.queries} queries is less than 1; None is no budget")
        if self.seconds is not None and self.seconds <= 0:
            raise ValueError(f"a limit of {self.seconds:g} s is not above 0; None is no limit")

    @property
    def window(self) -> int:
        """How far the examples begun may be ahead of the first that is not done: results come in order."""
        return 4 * self.concurrency


GPU_LIMITS = AttackLimits(concurrency=512, round_characters=1_000_000)
"""For a model on a GPU, which wants more at once."""


def search_bytes(words: int) -> int:
    return WORD_BYTES * words * words
