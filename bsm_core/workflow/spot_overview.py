"""A study's blind spots as they stand: each with its figures, and with what people have made of it so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bsm_core.domain.blind_spots import Clustering, MapPoint, Spot, SpotChange, current, in_force
from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.domain.unknowns import UUOrigin
from bsm_core.ports import SampleFilter, SampleMark, Store


@dataclass(frozen=True, slots=True)
class Coverage:
    """Hypotheses that rest on UUs of a spot, and approved samples of those hypotheses."""

    hypotheses: int = 0
    approved: int = 0


@dataclass(frozen=True, slots=True)
class SpotFigures:
    spot: Spot
    pairs: tuple[tuple[int, int, int], ...]
    """(label, predicted, count), the most frequent first."""
    confidence: float
    """Mean of its members."""
    natural: int
    adversarial: int
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Staleness:
    """What has changed since the clustering."""

    tau_now: float
    came: int
    """UUs now that were none then, or were not there."""
    went: int
    """Clustered texts that are no UUs any more: below a moved tau, or judged invalid."""

    @property
    def is_stale(self) -> bool:
        return bool(self.came or self.went)


@dataclass(frozen=True, slots=True)
class SpotOverview:
    clustering: Clustering
    spots: tuple[SpotFigures, ...]
    """The largest first."""
    points: Sequence[MapPoint]
    spot_of: Mapping[str, str]
    """Item id to spot id; UUs that are in no spot are left out."""
    staleness: Staleness
    last_change: SpotChange | None
    """What an undo takes back."""

    def figures(self, spot_id: str) -> SpotFigures | None:
        return next((one for one in self.spots if one.spot.spot_id == spot_id), None)


def overview(store: Store, study: Study, model_id: str) -> SpotOverview | None:
    """None when the model's UUs were never clustered."""
    clustering = store.blind_spots.latest(model_id)
    if clustering is None:
        return None
    name = clustering.clustering_id
    changes = store.blind_spots.changes(name)
    spots = current(store.blind_spots.spots(name), changes)
    points = store.blind_spots.map_points(name)
    spot_of = {item: spot.spot_id for spot in spots for item in spot.item_ids}
    covered = coverage(spot_of, *_hypotheses(store, study.study_id))
    by_id = {point.item_id: point for point in points}
    then, now = set(store.blind_spots.item_ids(name)), set(store.blind_spots.unknown_ids(model_id, study.tau))
    effective = in_force(changes)
    return SpotOverview(
        clustering=clustering,
        spots=tuple(_figures(spot, by_id, covered.get(spot.spot_id, Coverage())) for spot in spots),
        points=points,
        spot_of=spot_of,
        staleness=Staleness(study.tau, len(now - then), len(then - now)),
        last_change=effective[-1] if effective else None,
    )


def coverage(
    spot_of: Mapping[str, str],
    hypotheses: Iterable[Hypothesis],
    versions: Mapping[str, str],
    samples: Iterable[SampleMark],
) -> dict[str, Coverage]:
    """By spot; spots without any are left out.

    A hypothesis counts for each spot that one of its own source UUs is in. An extrapolation without sources of its own
    counts for none: it is about another failure. ``versions`` maps ids of earlier versions to the present one's.
    """
    spots_of = {
        one.hypothesis_id: {spot_of[item] for item in one.source_item_ids if item in spot_of} for one in hypotheses
    }
    counts = Counter(spot for spots in spots_of.values() for spot in spots)
    approved: Counter[str] = Counter()
    for mark in samples:
        if mark.status is DecisionKind.APPROVED:
            approved.update(spots_of.get(versions.get(mark.hypothesis_id, mark.hypothesis_id), ()))
    return {spot: Coverage(count, approved[spot]) for spot, count in counts.items()}


def sources_for(spot: Spot, points: Iterable[MapPoint], limit: int) -> list[str]:
    """UUs that a hypothesis about the spot rests on: its most typical, those of its more frequent origin first, since
    a prompt shows cases of one origin."""
    origins = {point.item_id: point.origin for point in points}
    natural = sum(origins.get(item) is UUOrigin.NATURAL for item in spot.item_ids)
    leading = UUOrigin.NATURAL if 2 * natural >= spot.size else UUOrigin.ADVERSARIAL
    return sorted(spot.item_ids, key=lambda item: origins.get(item) is not leading)[:limit]


def _hypotheses(store: Store, study_id: str) -> tuple[list[Hypothesis], dict[str, str], list[SampleMark]]:
    hypotheses = store.hypotheses.all(study_id)
    versions = {
        earlier.hypothesis_id: one.hypothesis_id
        for one in hypotheses
        if one.revises_id
        for earlier in store.hypotheses.history(one.hypothesis_id)
    }
    approved = store.samples.marks(study_id, SampleFilter(status=DecisionKind.APPROVED))
    return hypotheses, versions, approved


def _figures(spot: Spot, points: Mapping[str, MapPoint], covered: Coverage) -> SpotFigures:
    members = [points[item] for item in spot.item_ids if item in points]
    pairs = Counter((point.label, point.predicted) for point in members)
    ordered = sorted(pairs.items(), key=lambda one: (-one[1], one[0]))
    natural = sum(point.origin is UUOrigin.NATURAL for point in members)
    return SpotFigures(
        spot=spot,
        pairs=tuple((label, predicted, count) for (label, predicted), count in ordered),
        confidence=sum(point.confidence for point in members) / max(1, len(members)),
        natural=natural,
        adversarial=len(members) - natural,
        coverage=covered,
    )
