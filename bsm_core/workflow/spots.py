"""What a blind spot is like: its typical members, its words, and how wrong the model is around it. Pure functions, so
that the clustering job and a person's merge or split come to the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bsm_core.domain.blind_spots import MOST_NAME, DistinctiveWord, Spot, SpotPoint
from bsm_core.domain.tasks import Text
from bsm_core.metrics.statistics import Interval, wilson_interval
from bsm_core.ports import FloatArray
from bsm_core.workflow.distinctive_words import distinctive_words, text_counts
from bsm_core.workflow.specs import new_id

_NAMED_BY = 3
_BEGINNING = 5
_LARGEST_SPLIT_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The texts that spots are held against. ``texts``: of the data, as they stand, by example id, the originals of
    all UUs among them; ``wrong``: those of validation that the model gets wrong, however unsure."""

    texts: Mapping[str, Text]
    wrong: Collection[str]


class Describer:
    """Makes spots of points. Counts the words of all texts once."""

    def __init__(self, clustering_id: str, surroundings: Surroundings) -> None:
        self._clustering_id = clustering_id
        self._around = surroundings
        self._counts = text_counts(surroundings.texts.values())

    def describe(self, members: Sequence[SpotPoint], taken: Collection[str] = (), name: str | None = None) -> Spot:
        """``taken`` are the names of other spots; ``name`` one given by hand."""
        share, interval, neighbors = wrong_around(members, self._around.wrong)
        told, ordered = self._words(members), typical_first(members)
        return Spot(
            spot_id=new_id("spot"),
            clustering_id=self._clustering_id,
            name=name or generated_name(told, self._beginning(ordered[0]), taken),
            named_by_hand=name is not None,
            words=told,
            item_ids=tuple(point.item_id for point in ordered),
            wrong_share=share,
            wrong_low=interval.low,
            wrong_high=interval.high,
            neighbors=neighbors,
        )

    def _words(self, members: Iterable[SpotPoint]) -> tuple[DistinctiveWord, ...]:
        """The words of the texts as they stand in the data: a misspelled one is in no other text anyway."""
        own = {point.example_id for point in members}.intersection(self._around.texts)
        inside = text_counts(self._around.texts[example] for example in own)
        return distinctive_words(inside, self._counts - inside, len(own))

    def _beginning(self, point: SpotPoint) -> str:
        sides = self._around.texts.get(point.example_id, ("…",))
        return " ".join(" / ".join(sides).split()[:_BEGINNING])


def typical_first(members: Sequence[SpotPoint]) -> list[SpotPoint]:
    """By distance from their mean: the first is the medoid, if distances count squared."""
    places = _places(members)
    distances = np.linalg.norm(places - places.mean(axis=0), axis=1)
    order = sorted(range(len(members)), key=lambda at: (round(float(distances[at]), 6), members[at].item_id))
    return [members[at] for at in order]


def wrong_around(members: Sequence[SpotPoint], wrong: Collection[str]) -> tuple[float, Interval, int]:
    """The share of the members' nearest validation texts that the model gets wrong, its 95% interval, and how many
    different texts it rests on.

    A member has its own neighbors, itself left out, so that being chosen for a mistake does not count as one. Texts
    near several members count once for each; the interval is Wilson's at the effective number of texts of such a
    weighted mean, (sum w)^2 / sum w^2 (Kish, 1965). Without neighbors nothing is known: 0, [0, 1], 0.
    """
    weights = Counter(name for point in members for name in point.neighbor_ids)
    if not weights:
        return 0.0, Interval(0.0, 1.0), 0
    bad = set(wrong)
    total = weights.total()
    share = sum(weight for name, weight in weights.items() if name in bad) / total
    effective = round(total * total / sum(weight * weight for weight in weights.values()))
    return share, wilson_interval(round(share * effective), effective), len(weights)


def generated_name(told: Sequence[DistinctiveWord], beginning: str, taken: Collection[str] = ()) -> str:
    """Of its words: ``comedy, jokes, laugh``; of the ``beginning`` of its most typical text where it has none. Numbered
    where another spot has the same."""
    name = ", ".join(one.word for one in told[:_NAMED_BY]) or f"like “{beginning} …”"
    name = name if len(name) <= MOST_NAME else name[: MOST_NAME - 1] + "…"
    number = 2
    unique = name
    while unique in taken:
        unique = f"{name} ({number})"
        number += 1
    return unique


def halves(members: Sequence[SpotPoint]) -> tuple[list[SpotPoint], list[SpotPoint]]:
    """The members in two, by 2-means begun from the two ends of their longest axis; the larger half first.

    Both are empty when all lie in one place.
    """
    places = _places(members)
    centered = places - places.mean(axis=0)
    if len(members) < 2 or not centered.any():
        return [], []
    axis = np.linalg.svd(centered, full_matrices=False)[2][0]
    along = centered @ axis
    centers = places[[int(along.argmin()), int(along.argmax())]]
    side = np.zeros(len(members), bool)
    for _ in range(_LARGEST_SPLIT_ROUNDS):
        distances = np.linalg.norm(places[:, None] - centers[None], axis=2)
        moved = distances[:, 1] < distances[:, 0]
        if (moved == side).all():
            break
        side = moved
        centers = np.stack([places[~side].mean(axis=0), places[side].mean(axis=0)])
    parts = (
        [point for point, flag in zip(members, side, strict=True) if not flag],
        [point for point, flag in zip(members, side, strict=True) if flag],
    )
    return parts if len(parts[0]) >= len(parts[1]) else (parts[1], parts[0])


def continued(spots: Sequence[Spot], before: Sequence[Spot]) -> list[Spot]:
    """``spots`` of a new clustering, with the names that people gave to those they go on from.

    A spot goes on from an old one when it has more than half of the old one's members that are still clustered, and
    they are more than half of its own members that were clustered before. So each has one forerunner at most.
    """
    now = {item for spot in spots for item in spot.item_ids}
    earlier = {item for spot in before for item in spot.item_ids}
    going_on = []
    for spot in spots:
        own = set(spot.item_ids)
        stayed = own & earlier
        for old in before:
            left = now.intersection(old.item_ids)
            shared = len(own & left)
            if shared and 2 * shared > len(left) and 2 * shared > len(stayed):
                spot = replace(spot, continues_id=old.spot_id)
                if old.named_by_hand:
                    spot = replace(spot, name=old.name, named_by_hand=True)
                break
        going_on.append(spot)
    return going_on


def _places(members: Sequence[SpotPoint]) -> FloatArray:
    return np.asarray([point.coordinates for point in members], np.float32).reshape(len(members), -1)
