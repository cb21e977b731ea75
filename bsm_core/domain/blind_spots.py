"""Blind spots: clusters of unknown unknowns in feature space, found by a job and then edited by people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bsm_core.domain.unknowns import UUOrigin

MOST_NAME = 80
"""Characters of a name given by hand."""


class SpotMethod(StrEnum):
    KMEANS = "kmeans"
    """k-means: every text is in a spot, and there are as many spots as asked for."""
    HDBSCAN = "hdbscan"
    """Dense regions only (Campello et al., 2013): their number is found, and stray texts are in no spot."""


class SpotSpace(StrEnum):
    """Which vectors are clustered."""

    ENCODER = "encoder"
    """The packaged sentence encoder: texts that are about the same lie together."""
    CLASSIFIER = "classifier"
    """What the audited classifier itself makes of a text: texts that it takes for alike lie together."""


class SpotEdit(StrEnum):
    RENAME = "rename"
    MERGE = "merge"
    SPLIT = "split"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class SpotSettings:
    """How to cluster. ``size``: spots to make (k-means) or the smallest spot (HDBSCAN); 0 takes it from the number
    of UUs."""

    method: SpotMethod = SpotMethod.KMEANS
    space: SpotSpace = SpotSpace.CLASSIFIER
    size: int = 0

    def __post_init__(self) -> None:
        if self.size < 0 or self.size == 1:
            raise ValueError(f"a size of {self.size} makes no clusters; use 2 or more, or 0 to choose by the data")


@dataclass(frozen=True, slots=True)
class DistinctiveWord:
    """``z``: log-odds of the word in the spot against the other texts, in standard deviations. ``inside`` and
    ``outside`` count texts that have it."""

    word: str
    z: float
    inside: int
    outside: int


@dataclass(frozen=True, slots=True)
class Spot:
    """A blind spot as it was made, by clustering, merging or splitting. Never changed: an edit makes other spots."""

    spot_id: str
    clustering_id: str
    name: str
    """Made from its words; or the name it was given by hand in an earlier clustering, which it goes on from."""
    named_by_hand: bool
    words: tuple[DistinctiveWord, ...]
    item_ids: tuple[str, ...]
    """The most typical first: by distance from the spot's mean."""
    wrong_share: float
    """Of the validation texts nearest to its members, members and their own originals left out."""
    wrong_low: float
    wrong_high: float
    neighbors: int
    """Different validation texts that ``wrong_share`` rests on."""
    continues_id: str | None = None
    """The spot of the clustering before, most of whose members it has."""

    @property
    def size(self) -> int:
        return len(self.item_ids)


@dataclass(frozen=True, slots=True)
class Clustering:
    """One run over a model's UUs on validation at a tau. ``wrong_share`` is that of all validation texts."""

    clustering_id: str
    study_id: str
    model_id: str
    tau: float
    method: SpotMethod
    space: SpotSpace
    size: int
    seed: int
    neighbors: int
    """Nearest validation texts looked at for each UU."""
    wrong_share: float
    spots: tuple[Spot, ...]
    job_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SpotPoint:
    """A clustered UU on the map. ``example_id`` is the text of the data that it is, or was made from."""

    item_id: str
    example_id: str
    x: float
    y: float
    coordinates: tuple[float, ...]
    """Its place in the space that was clustered, by principal components."""
    neighbor_ids: tuple[str, ...]
    """The nearest validation texts, nearest first."""


@dataclass(frozen=True, slots=True)
class MapPoint:
    """What the map shows of a UU."""

    item_id: str
    x: float
    y: float
    label: int
    predicted: int
    confidence: float
    origin: UUOrigin
    text: str
    """The beginning of the text on which the model is wrong."""


@dataclass(frozen=True, slots=True)
class SpotChange:
    """One edit, append-only. ``before`` are the spots it takes away (or renames), ``after`` those it puts in their
    place."""

    change_id: str
    clustering_id: str
    kind: SpotEdit
    before: tuple[str, ...]
    after: tuple[str, ...]
    name: str
    """RENAME: the new name."""
    undoes_id: str | None
    created_at: datetime


def in_force(changes: Sequence[SpotChange]) -> list[SpotChange]:
    """The edits that were not undone, oldest first; the last of them is the one that UNDO takes back."""
    undone = {change.undoes_id for change in changes if change.kind is SpotEdit.UNDO}
    return [one for one in changes if one.kind is not SpotEdit.UNDO and one.change_id not in undone]


def current(spots: Iterable[Spot], changes: Sequence[SpotChange]) -> list[Spot]:
    """The spots as people have left them, the largest first. ``spots`` are all that were ever made of a clustering."""
    known = {spot.spot_id: spot for spot in spots}
    made_later = {spot_id for change in changes for spot_id in change.after}
    present = {spot_id: spot for spot_id, spot in known.items() if spot_id not in made_later}
    for change in in_force(changes):
        if change.kind is SpotEdit.RENAME:
            for spot_id in change.before:
                present[spot_id] = replace(present[spot_id], name=change.name, named_by_hand=True)
        else:
            for spot_id in change.before:
                del present[spot_id]
            present |= {spot_id: known[spot_id] for spot_id in change.after}
    return sorted(present.values(), key=lambda spot: (-spot.size, spot.spot_id))
