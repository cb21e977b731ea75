"""How far a blind spot reaches, and whether a text lies in one.

Spots are balls around the mean of their members. What a spot's reach is taken from is placed as a newcomer would be:
each member by the nearest center, its own spot's center being the mean of the *others*. To the mean of all, which is
drawn towards it, a member seems nearer than any newcomer can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shape:
    """``center`` (D,) is the mean of the members; ``distances``, rising, are to it, of the members of any spot that are
    placed here. A spot in which none is placed has no extent, and nothing is placed in it where there are others."""

    center: FloatArray
    distances: FloatArray

    def radius(self, share: float) -> float:
        """The smallest that at least ``share`` of the distances are within; 0 without any. Raises ValueError outside
        (0, 1]."""
        if not 0 < share <= 1:
            raise ValueError(f"a share of {share:g} of the members has no radius; use above 0 to 1")
        if not len(self.distances):
            return 0.0
        # 1e-9: 0.95 of 20 members are 19, whatever the last bit of 0.95 says.
        return float(self.distances[max(0, int(np.ceil(share * len(self.distances) - 1e-9)) - 1)])


@dataclass(frozen=True, slots=True)
class Placed:
    """For each of m points: the ``spot`` (m,) whose center is nearest, the ``distance`` to it, and ``reach``: the share
    of the spot's ``distances`` that are shorter. The point is in the spot at a radius of share s when its reach is
    below s; a reach of 1 is beyond every member."""

    spot: IntArray
    distance: FloatArray
    reach: FloatArray


def shapes(members: npt.NDArray[np.floating], owners: Sequence[int]) -> list[Shape]:
    """Of the spots 0, 1, ... that ``owners`` (n,) says the places ``members`` (n, D) belong to; -1 is none, and such a
    member gives no spot any shape. Raises ValueError for a spot without members."""
    places, own = np.asarray(members, dtype=np.float64), np.asarray(owners, dtype=np.int64)
    if places.ndim != 2 or own.shape != places.shape[:1] or not (own >= 0).any():
        raise ValueError(
            f"places {places.shape} and owners {own.shape} make no spots; use (n, D) and (n,), some not -1"
        )
    sizes = np.bincount(own[own >= 0])
    if not sizes.all():
        raise ValueError(f"spot {int(np.flatnonzero(sizes == 0)[0])} has no members; number the spots without a gap")
    centers = np.stack([places[own == spot].mean(axis=0) for spot in range(len(sizes))])
    inside = own >= 0
    distances, mine = _distances(places[inside], centers), own[inside]
    rows = np.arange(len(mine))
    # x - mean of the others = n / (n - 1) (x - mean of all). A lone member has no others.
    alone = sizes[mine] == 1
    distances[rows, mine] *= sizes[mine] / np.maximum(1, sizes[mine] - 1)
    distances[rows[alone], mine[alone]] = np.inf
    nearest, least = distances.argmin(axis=1), distances.min(axis=1)
    return [
        Shape(center, np.sort(least[(nearest == spot) & np.isfinite(least)])) for spot, center in enumerate(centers)
    ]


def place(points: npt.NDArray[np.floating], spots: Sequence[Shape]) -> Placed:
    """Each of ``points`` (m, D) among the spots. Raises ValueError without spots."""
    if not spots:
        raise ValueError("there are no spots to place texts in; cluster first")
    distances = _distances(np.asarray(points, dtype=np.float64), np.stack([one.center for one in spots]))
    empty = np.array([not len(one.distances) for one in spots])
    if not empty.all():
        distances[:, empty] = np.inf  # its own members are placed elsewhere, and so are newcomers
    nearest, least = distances.argmin(axis=1), distances.min(axis=1)
    reach = np.ones(len(least))
    for at in np.flatnonzero(~empty).tolist():
        mine, own = nearest == at, spots[at].distances
        reach[mine] = np.searchsorted(own, least[mine]) / len(own)
    return Placed(nearest, least, reach)


def _distances(places: FloatArray, centers: FloatArray) -> FloatArray:
    """(n, spots)"""
    found: FloatArray = np.stack([np.linalg.norm(places - center, axis=1) for center in centers], axis=1)
    return found
