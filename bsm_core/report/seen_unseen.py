"""Seen and unseen blind spots apart: as sentences, as text for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tabulate import tabulate

from bsm_core.domain.arms import Arm
from bsm_core.domain.blind_spots import SpotSpace
from bsm_core.domain.comparison import PRIMARY, Endpoint
from bsm_core.domain.locations import SHARE, Part
from bsm_core.metrics.effects import Effect
from bsm_core.metrics.verdicts import answer, p_words, range_words
from bsm_core.workflow.seen_unseen import SeenUnseen

WHERE = {Part.SEEN: "in seen blind spots", Part.UNSEEN: "outside all of them"}
_FRESH = "unknown unknowns after a fresh attack"


def claim(found: SeenUnseen, name: Callable[[Arm], str]) -> list[str]:
    """Seen first: how many there are in the part, and what may be said of all arms."""
    said = []
    for part in Part:
        compared = found.effects[part][PRIMARY]
        if not any(one.before or one.after for one in compared):
            said.append(f"No {_FRESH} lie {WHERE[part]}, so nothing can be said of them.")
            continue
        told = answer(compared, name, f"{_FRESH} {WHERE[part]}", "the original model")
        said.append(f"{compared[0].before:,.4g} {_FRESH} lie {WHERE[part]} under the original model. {told.long}")
    return said


def cautions(found: SeenUnseen) -> list[str]:
    """What the split itself cannot say."""
    said = []
    original = found.original
    total = (original.seen + original.unseen) if original else 0
    if original and total:
        expected = (1 - SHARE) * total
        said.append(
            f"A spot reaches as far as {SHARE:.0%} of its own members do. So about {expected:.0f} of the original "
            f"model's {total:.0f} would count as unseen even if test held the very same blind spots; "
            f"{original.unseen:.0f} do."
        )
    if found.locating.space is SpotSpace.CLASSIFIER:
        said.append(
            "Texts are placed by what the original model makes of them. A text that fools only a retrained model may "
            "lie outside for that reason alone: then its UUs seem to move from seen to unseen. Clustering by what "
            "texts are about favors no model."
        )
    if found.missing:
        said.append(f"{found.missing:,} mistakes came later and are in neither part: place them again.")
    return said


def seen_unseen_text(found: SeenUnseen | None) -> list[str]:
    """Lines for ``compare``."""
    if found is None:
        return ["Seen and unseen blind spots: not told apart yet; run `spots`, then `locate`.", ""]
    rows = [
        [one.arm, part, f"{one.before:.4g} -> {one.after:.4g}", _span(one), p_words(one.adjusted), _verdict(one)]
        for part in Part
        for one in found.effects[part][PRIMARY]
    ]
    counts = [
        [arm.arm, *(f"{by_share[at].seen:.4g} + {by_share[at].unseen:.4g}" for by_share in found.counts.values())]
        for at, arm in enumerate(found.counts[SHARE])
    ]
    return [
        "Fresh UUs in blind spots that were seen on validation, and outside all of them:",
        tabulate(rows, ("arm", "part", "UUs", "change", "p, Holm", ""), disable_numparse=True),
        *(f"  {sentence}" for sentence in (*claim(found, lambda arm: arm.value), *cautions(found))),
        "  Seen + unseen, by how far a spot reaches:",
        tabulate(counts, ("arm", *(f"{share:.0%}" for share in found.counts)), disable_numparse=True),
        "",
    ]


def seen_unseen_json(found: SeenUnseen | None, told: Callable[[Effect], dict[str, Any]]) -> dict[str, Any] | None:
    """``told`` writes an effect."""
    if found is None:
        return None
    locating = found.locating
    return {
        "clustering_id": locating.clustering_id,
        "space": locating.space,
        "placed": locating.items,
        "missing": found.missing,
        "radius_share": SHARE,
        "spots": [
            {"spot_id": one.spot_id, "name": one.name, "members": one.size, "radius": one.radius}
            for one in locating.regions
        ],
        "effects": {part: [told(one) for one in _all(found, part)] for part in Part},
        "fresh_counts": {
            f"{share:g}": [
                {"arm": one.arm, "seen": one.seen, "unseen": one.unseen, "unplaced": one.unplaced} for one in counts
            ]
            for share, counts in found.counts.items()
        },
    }


def _all(found: SeenUnseen, part: Part) -> Sequence[Effect]:
    return [one for endpoint in Endpoint for one in found.effects[part].get(endpoint, ())]


def _span(effect: Effect) -> str:
    if effect.change is None:
        return f"{effect.difference:+.3g}"
    interval = effect.intervals.change
    return f"{effect.change:+.0%}" + (f" ({range_words(interval)})" if interval else "")


def _verdict(effect: Effect) -> str:
    return ("fewer" if effect.fewer else "more") if effect.resolved else "not resolvable"
