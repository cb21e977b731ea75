import pytest

from bsm_core.metrics.statistics import Interval, change, wilson_interval


@pytest.mark.parametrize(
    ("count", "size", "low", "high"),
    [  # Newcombe (1998), table I, method 3: the worked examples for a single proportion.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_equals_the_published_worked_examples(count, size, low, high):
    interval = wilson_interval(count, size)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_wilson_interval_mirrors_when_successes_and_failures_swap():
    one, other = wilson_interval(3, 40), wilson_interval(37, 40)
    assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low))


def test_wilson_interval_of_nothing_knows_nothing():
    assert wilson_interval(0, 0) == Interval(0.0, 1.0)


@pytest.mark.parametrize(("count", "size"), [(-1, 5), (6, 5)])
def test_wilson_interval_refuses_what_is_not_a_share(count, size):
    with pytest.raises(ValueError, match=rf"{count} of {size}"):
        wilson_interval(count, size)


def test_intervals_that_touch_overlap_and_those_apart_do_not():
    assert Interval(0.1, 0.2).overlaps(Interval(0.2, 0.3))
    assert not Interval(0.1, 0.2).overlaps(Interval(0.21, 0.3))
    assert Interval(0.0, 1.0).overlaps(Interval(0.4, 0.5))


def test_change_is_relative_and_unknown_without_a_before():
    assert change(40, 30) == pytest.approx(-0.25)
    assert change(40, 40) == 0
    assert change(0, 3) is None
