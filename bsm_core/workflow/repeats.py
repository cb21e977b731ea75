"""Does a text say again what was there before, or the same thing over and over?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bsm_core.domain.tasks import Text
from bsm_core.workflow.lexicon import words

Trigram = tuple[str, ...]


def trigrams(text: Text) -> frozenset[Trigram]:
    """The word trigrams, lower-case and without punctuation; a text of fewer than three words is one of its own."""
    found: set[Trigram] = set()
    for side in text:
        plain = [word.lower() for word in words(side)]
        if 0 < len(plain) < 3:
            found.add(tuple(plain))
        found.update(zip(plain, plain[1:], plain[2:], strict=False))
    return frozenset(found)


def repeat_shares(candidates: Sequence[Text], earlier: Iterable[Text]) -> list[tuple[float, Text | None]]:
    """For each candidate the largest share of its trigrams that one text has: of ``earlier`` ones, or of the
    candidates before it; and that text (None when nothing is shared).

    Linear in the number of words: the earlier texts are read once and may be many.
    """
    own = [trigrams(text) for text in candidates]
    holders: dict[Trigram, list[int]] = {}
    for index, found in enumerate(own):
        for trigram in found:
            holders.setdefault(trigram, []).append(index)
    best: list[tuple[float, Text | None]] = [(0.0, None)] * len(candidates)

    def compare(other: Text, contained: frozenset[Trigram], after: int) -> None:
        shared = Counter(index for trigram in contained for index in holders.get(trigram, ()) if index > after)
        for index, count in shared.items():
            share = count / len(own[index])
            if share > best[index][0]:
                best[index] = (share, other)

    for text in earlier:
        compare(text, trigrams(text), -1)
    for index, text in enumerate(candidates):
        compare(text, own[index], index)
    return best


def inner_repeat(text: Text) -> float:
    """Share of a text's word trigrams that it has already used itself, in [0, 1]."""
    total = used = 0
    for side in text:
        plain = [word.lower() for word in words(side)]
        found = list(zip(plain, plain[1:], plain[2:], strict=False))
        total += len(found)
        used += len(found) - len(set(found))
    return used / total if total else 0.0
