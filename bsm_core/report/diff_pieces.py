"""Original and perturbed text as pieces to be marked up: legible, bounded, and told apart by more than color."""

from __future__ import annotations

from dataclasses import dataclass

from bsm_core.domain.tasks import Text
from bsm_core.legible import cut, visible
from bsm_core.workflow.diffing import Fold, diff, fold

LIMIT = 4_000
"""Characters of one text that are compared and shown."""


@dataclass(frozen=True, slots=True)
class Piece:
    """``kind`` is kept, removed, added, or folded: so many unchanged words left out. Not escaped."""

    kind: str
    text: str


def pieces(original: Text, perturbed: Text | None) -> list[list[Piece]]:
    """One list a side of the text."""
    others = perturbed if perturbed is not None else (None,) * len(original)
    return [_side(before, after) for before, after in zip(original, others, strict=True)]


def _side(before: str, after: str | None) -> list[Piece]:
    shown, missing = cut(before, LIMIT)
    if after is None:
        return [Piece("kept", visible(shown)), *_left_out(missing)]
    found: list[Piece] = []
    for span in diff(shown, after[:LIMIT]):
        if span.changed:
            found += [
                Piece(kind, visible(side.rstrip()))
                for kind, side in (("removed", span.before), ("added", span.after))
                if side.strip()
            ]
            continue
        folded = fold(span)
        if isinstance(folded, Fold):
            found += [
                Piece("kept", visible(folded.head)),
                Piece("folded", f"{folded.words:,} unchanged words"),
                Piece("kept", visible(folded.tail)),
            ]
        else:
            found.append(Piece("kept", visible(folded.before)))
    return [*found, *_left_out(max(missing, len(after) - LIMIT))]


def _left_out(missing: int) -> list[Piece]:
    return [Piece("folded", f"{missing:,} more characters")] if missing > 0 else []
