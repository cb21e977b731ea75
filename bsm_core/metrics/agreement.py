"""How far judges agree beyond chance: Cohen's kappa for two, Krippendorff's alpha for any number (nominal scale).

Both are 1 for perfect agreement and about 0 for what chance alone would give.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Two judges' verdicts on the same texts, in the same order (Cohen, 1960).

    None without texts, and when both gave one and the same verdict to all of them: then nothing can be told from
    chance. Raises ValueError for lists of different length.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} verdicts are not on the same texts")
    size = len(first)
    if not size:
        return None
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / size
    ours, theirs = Counter(first), Counter(second)
    by_chance = sum(ours[verdict] * theirs[verdict] for verdict in ours) / size**2
    return None if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


def krippendorff_alpha(texts: Sequence[Sequence[Hashable]]) -> float | None:
    """``texts[i]`` has the verdicts on text ``i``, one a judge who judged it (Krippendorff, 2011, nominal data).

    A text with fewer than two verdicts says nothing about agreement and is passed over. None when none is left, and
    when all verdicts are the same.
    """
    paired = [list(verdicts) for verdicts in texts if len(verdicts) > 1]
    totals = Counter(verdict for verdicts in paired for verdict in verdicts)
    size = totals.total()
    expected = size**2 - sum(count**2 for count in totals.values())
    if not expected:
        return None
    observed = sum(
        (len(verdicts) ** 2 - sum(count**2 for count in Counter(verdicts).values())) / (len(verdicts) - 1)
        for verdicts in paired
    )
    return 1 - (size - 1) * observed / expected


_STRENGTHS = ((0.8, "very good"), (0.6, "good"), (0.4, "moderate"), (0.2, "weak"), (0.0, "nearly chance"))


def strength(agreement: float | None) -> str:
    """Kappa or alpha in a word, at the steps of Landis and Koch (1977); "not known" for None."""
    if agreement is None:
        return "not known"
    return next((word for least, word in _STRENGTHS if agreement > least), "no better than chance")
