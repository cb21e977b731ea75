import pytest

from bsm_core.charts.arm_lines import reliability_lines, tau_lines
from bsm_core.charts.before_after import before_after
from bsm_core.charts.intervals import intervals
from bsm_core.charts.transitions import transitions
from bsm_core.domain.arms import Transition
from bsm_core.metrics.comparison import Measure
from bsm_core.metrics.statistics import wilson_interval
from bsm_core.ports import ReliabilityBin

BEFORE = [(0.5, 0.75, 1, 9), (0.75, 1.0, 0, 30)]
AFTER = [(0.5, 0.75, 12, 8), (0.75, 1.0, 15, 5)]


def test_before_after_draws_right_and_wrong_of_both_models_on_one_scale():
    figure = before_after(BEFORE, AFTER, 0.65, ("Before", "After"))
    bars = {(bar.xaxis, bar.name): list(bar.y) for bar in figure.data}
    assert bars == {
        ("x", "Right"): [1, 0],
        ("x", "Wrong"): [9, 30],
        ("x2", "Right"): [12, 15],
        ("x2", "Wrong"): [8, 5],
    }
    assert {bar.yaxis for bar in figure.data} == {"y"}
    assert figure.layout.yaxis.range[1] > 30
    assert [shape.x0 for shape in figure.layout.shapes] == [0.65, 0.65]


def test_before_after_tells_wrong_from_right_without_color():
    patterns = {bar.name: bar.marker.pattern.shape for bar in before_after(BEFORE, AFTER, 0.65, ("a", "b")).data}
    assert patterns["Right"] != patterns["Wrong"]


def test_before_after_of_nothing_is_an_empty_frame():
    assert before_after([], [], 0.65, ("a", "b")).layout.xaxis.range == (0.5, 1.0)


def test_transitions_stack_to_the_original_count_with_new_ones_beyond():
    counts = {Transition.FIXED: 5, Transition.DEMOTED: 3, Transition.PERSISTENT: 12, Transition.NEW: 4}
    figure = transitions([("Relabel", counts), ("More", {Transition.PERSISTENT: 20})])
    assert [(bar.name, list(bar.x)) for bar in figure.data] == [
        ("Fixed", [5, 0]),
        ("Demoted", [3, 0]),
        ("Persistent", [12, 20]),
        ("New", [4, 0]),
    ]
    assert figure.layout.shapes[0].x0 == 20
    assert len({bar.marker.pattern.shape for bar in figure.data}) == 4


def test_intervals_mark_what_cannot_be_resolved_with_a_hollow_dot():
    measures = [
        Measure(50, 100, wilson_interval(50, 100), None, None),
        Measure(45, 100, wilson_interval(45, 100), -0.1, False),
        Measure(5, 100, wilson_interval(5, 100), -0.9, True),
    ]
    figure = intervals(["Original", "Relabel", "Rule"], [("Fresh", measures), ("Frozen", measures)])
    dots = figure.data[0]
    assert list(dots.marker.symbol) == ["circle", "circle-open", "circle"]
    assert dots.x[2] + dots.error_x.array[2] == pytest.approx(wilson_interval(5, 100).high)
    assert dots.x[2] - dots.error_x.arrayminus[2] == pytest.approx(wilson_interval(5, 100).low)
    assert figure.layout.shapes[0].x0 == measures[0].interval.low
    assert len(figure.data) == 2


def test_tau_lines_tell_arms_apart_without_color_and_mark_tau():
    figure = tau_lines(range(50, 53), [(name, [9, 7, 4]) for name in ("Original", "Relabel", "Rule")], 0.51)
    assert next((line.name, list(line.x), list(line.y)) for line in figure.data) == (
        "Original",
        [0.5, 0.51, 0.52],
        [9, 7, 4],
    )
    assert len({line.line.dash for line in figure.data}) == 3
    assert figure.layout.shapes[0].x0 == 0.51


def test_reliability_lines_leave_empty_bins_out_and_start_at_the_lowest():
    bins = [
        ReliabilityBin(0.5, 0.6, 0, 0.0, 0.0),
        ReliabilityBin(0.6, 0.7, 4, 0.66, 0.5),
        ReliabilityBin(0.9, 1, 1, 0.9, 1),
    ]
    diagonal, line = reliability_lines([("Original", bins)]).data
    assert (list(line.x), list(line.y)) == ([0.66, 0.9], [0.5, 1])
    assert line.marker.size[0] > line.marker.size[1]
    assert list(diagonal.x) == [0.6, 1]
