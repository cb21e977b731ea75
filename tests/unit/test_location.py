"""How far a spot reaches and what lies in it, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.blind_spots import SpotMethod
from bsm_core.domain.comparison import Endpoint
from bsm_core.domain.locations import Part, PlacedPattern
from bsm_core.grouping.grouper import SpotGrouper
from bsm_core.metrics.location import Shape, place, shapes
from bsm_core.workflow.seen_unseen import part_counts, part_effects
from tests.unit.test_comparison import result

M, A = "mORIGINAL0", "mRELABEL0"


def line(center: float, distances: list[float]) -> Shape:
    return Shape(np.array([center]), np.array(distances, dtype=float))


def test_member_is_measured_against_the_mean_of_the_others() -> None:
    """Of 0, 0, 6 the mean is 2; without the last one it is 0, so that the last one is 6 away and not 4."""
    (spot,) = shapes(np.array([[0.0], [0.0], [6.0]]), [0, 0, 0])
    assert spot.center.tolist() == [2.0]
    assert spot.distances.tolist() == [3.0, 3.0, 6.0]


def test_member_that_lies_nearer_to_another_spot_shapes_that_one() -> None:
    """Without the 6, its spot's center is 0, and 8 is nearer: 2 away. A stray text shapes none."""
    first, second = shapes(np.array([[0.0], [0.0], [6.0], [7.0], [9.0], [50.0]]), [0, 0, 0, 1, 1, -1])
    assert first.distances.tolist() == [3.0, 3.0]
    assert second.center.tolist() == [8.0]
    assert second.distances.tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(("share", "radius"), [(0.5, 10), (0.8, 16), (0.95, 19), (1.0, 20), (0.01, 1)])
def test_radius_holds_at_least_the_share_of_the_members(share: float, radius: float) -> None:
    """Distances 1 to 20: 95% of twenty members are nineteen."""
    assert line(0, list(range(1, 21))).radius(share) == radius


def test_text_is_placed_by_the_nearest_center_and_reach_tells_the_radius_that_holds_it() -> None:
    wide, narrow = line(0, list(range(1, 11))), line(12, [0.5, 1])
    found = place(np.array([[0.0], [4.5], [-9.0], [11.2], [10.0]]), [wide, narrow])
    assert found.spot.tolist() == [0, 0, 0, 1, 1]
    # Of the wide one's ten distances none, four and eight are shorter; of the narrow one's two, one, then both.
    assert found.reach.tolist() == [0.0, 0.4, 0.8, 0.5, 1.0]
    assert found.distance == pytest.approx([0, 4.5, 9, 0.8, 2])
    for point, reach in zip((0.0, 4.5, 9.0), found.reach, strict=False):
        for share in (0.2, 0.4, 0.41, 0.8, 0.81, 0.95, 1.0):
            assert (reach < share) == (point <= wide.radius(share)), (point, share)


@pytest.mark.parametrize("share", [0.8, 0.95])
def test_as_many_newcomers_of_the_same_kind_lie_outside_as_is_said(share: float) -> None:
    """What the page says of the unseen part, with spots that k-means cut out of one cloud in 32 dimensions."""
    rng, outside = np.random.default_rng(1), []
    for _ in range(12):
        members = rng.normal(size=(120, 32))
        owners = SpotGrouper().group(members.astype(np.float32), SpotMethod.KMEANS, 5, 0).tolist()
        outside.append((place(rng.normal(size=(200, 32)), shapes(members, owners)).reach >= share).mean())
    assert np.mean(outside) == pytest.approx(1 - share, abs=0.05)


def test_spot_whose_own_members_lie_elsewhere_takes_no_newcomers() -> None:
    """The lone member at 7 is placed with the others, 6 from their center; so is a newcomer at 6.5."""
    first, lone = shapes(np.array([[0.0], [1.0], [2.0], [7.0]]), [0, 0, 0, 1])
    assert first.distances.tolist() == [0.0, 1.5, 1.5, 6.0]
    assert not len(lone.distances)
    found = place(np.array([[6.5], [7.5]]), [first, lone])
    assert (found.spot.tolist(), found.reach.tolist()) == ([0, 0], [0.75, 1.0])


def test_spot_of_one_member_holds_nothing_else_and_none_at_all_is_refused() -> None:
    (alone,) = shapes(np.array([[3.0, 4.0]]), [0])
    assert alone.radius(0.95) == 0
    assert place(np.array([[3.0, 4.1]]), [alone]).reach.tolist() == [1.0]
    with pytest.raises(ValueError, match="no spots"):
        place(np.zeros((1, 2)), [])
    with pytest.raises(ValueError, match="make no spots"):
        shapes(np.zeros((1, 2)), [-1])
    with pytest.raises(ValueError, match="spot 1 has no members"):
        shapes(np.zeros((2, 2)), [0, 2])
    with pytest.raises(ValueError, match="no radius"):
        alone.radius(0)


def test_parts_add_up_to_the_whole_and_a_uu_that_moves_counts_in_both() -> None:
    """ORIGINAL has 30 seen and 12 unseen UUs. The arm fixes 20 seen ones; one seen becomes unseen; 2 new unseen."""
    rows = [
        PlacedPattern(Endpoint.FRESH, (M,), (), (), (A,), 20),
        PlacedPattern(Endpoint.FRESH, (M, A), (), (), (), 9),
        PlacedPattern(Endpoint.FRESH, (M,), (A,), (), (), 1),
        PlacedPattern(Endpoint.FRESH, (), (M, A), (), (), 12),
        PlacedPattern(Endpoint.FRESH, (), (A,), (), (M,), 2),
        PlacedPattern(Endpoint.FRESH, (), (), (A,), (M,), 4),
        PlacedPattern(Endpoint.FRESH, (), (), (), (M, A), 52),
    ]
    results = [result(Arm.ORIGINAL, 42), result(Arm.RELABEL, 24)]
    (seen,) = part_effects(rows, results, Part.SEEN)[Endpoint.FRESH]
    (unseen,) = part_effects(rows, results, Part.UNSEEN)[Endpoint.FRESH]
    assert (seen.size, seen.before, seen.after) == (100, 30, 9)
    assert (unseen.size, unseen.before, unseen.after) == (100, 12, 15)
    assert [(one.only_before, one.only_after) for one in (*seen.tests, *unseen.tests)] == [(21, 0), (0, 3)]
    assert seen.p == pytest.approx(2 / 2**21)
    assert unseen.p == pytest.approx(0.25)
    assert seen.resolved
    assert not unseen.resolved
    original, arm = part_counts(rows, results, Endpoint.FRESH)
    assert (original.seen, original.unseen, original.unplaced) == (30, 12, 0)
    assert (arm.seen, arm.unseen, arm.unplaced) == (9, 15, 4)
