import re
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest

from bsm_core.charts import theme
from bsm_core.charts.arm_lines import tau_lines
from bsm_core.charts.before_after import before_after
from bsm_core.charts.static_axes import Axis, axis_of, nice_step, told
from bsm_core.charts.static_svg import svg
from bsm_core.charts.transitions import transitions
from bsm_core.domain.arms import Transition

SVG = "{http://www.w3.org/2000/svg}"


def drawn(figure: go.Figure, key: str = "k") -> ElementTree.Element:
    return ElementTree.fromstring(svg(figure, key, "A title", "What is to be seen"))


def texts(root: ElementTree.Element) -> list[str]:
    return ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]


def test_transitions_are_drawn_bar_for_bar_with_counts_in_proportion() -> None:
    counts = {Transition.FIXED: 6, Transition.PERSISTENT: 3, Transition.NEW: 3, Transition.DEMOTED: 0}
    root = drawn(transitions([("Relabelled", counts)]))
    # Bars are as high as two thirds of a row; boxes of the legend are 12 pixels high.
    bars = [float(one.get("width", 0)) for one in root.iter(f"{SVG}rect") if float(one.get("height", 0)) > 20]
    assert len(bars) == 3  # nothing is drawn where nothing was counted
    assert bars[0] == pytest.approx(2 * bars[1], abs=0.05)
    assert bars[1] == pytest.approx(bars[2], abs=0.05)
    assert {"6", "3", "Fixed", "Demoted", "Persistent", "New", "Relabelled", "Texts"} <= set(texts(root))


def test_lines_start_high_where_counts_are_high_and_differ_by_dash() -> None:
    root = drawn(tau_lines([50, 75, 99], [("One", [10, 5, 0]), ("Two", [4, 2, 1])], 0.65))
    lines = [
        one for one in root.iter(f"{SVG}path") if one.get("stroke") in theme.SERIES[:2] and "L" in one.get("d", "")
    ]
    first, second = ([float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", line.get("d", ""))] for line in lines)
    assert first[0] < second[0] < first[2]  # pixels grow downwards
    assert [line.get("stroke-dasharray") for line in lines] == [None, "7 5"]


def test_two_panels_share_the_axis_of_counts() -> None:
    bins = [(0.5, 0.75, 0, 4), (0.75, 1.0, 0, 2)]
    root = drawn(before_after(bins, [(0.5, 0.75, 0, 2), (0.75, 1.0, 0, 0)], 0.65, ("Before", "After")))
    heights = [float(one.get("height", 0)) for one in root.iter(f"{SVG}rect") if "url(" in one.get("fill", "")]
    standing = [height for height in heights if height != 12]
    assert standing[0] == pytest.approx(2 * standing[1], abs=0.05)
    assert standing[2] == pytest.approx(standing[1], abs=0.05)


def test_picture_has_its_text_alternative_and_ids_of_its_own() -> None:
    figure = transitions([("One", {Transition.NEW: 1, Transition.FIXED: 2})])
    root, other = drawn(figure, "one"), drawn(figure, "two")
    assert root.get("role") == "img"
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert root.get("aria-labelledby") == f"{ids[0]} {ids[1]}"
    assert len(ids) == len(set(ids))
    assert not set(ids) & {one.get("id") for one in other.iter() if one.get("id")}


def test_hostile_names_are_text_and_nothing_else() -> None:
    name = "</svg><script>run()</script> & \"quoted\" <b onload='x'>"
    body = svg(tau_lines([50, 99], [(theme.label(name, 80), [1, 0]), ("Two", [1, 1])], 0.65), "k", name, name)
    root = ElementTree.fromstring(body)
    assert name in texts(root)
    assert {one.tag for one in root.iter()} <= {f"{SVG}{tag}" for tag in ("svg", "title", "desc", "path", "text")}
    assert "<script" not in body


@pytest.mark.parametrize(
    "figure",
    [
        go.Figure(go.Heatmap(z=[[1]])),
        go.Figure(go.Scatter(x=[1], y=[1], mode="markers", marker={"symbol": "star", "color": "#000"})),
        go.Figure(go.Bar(x=[1], y=[1], width=[1], marker={"color": "#000", "pattern": {"shape": "+"}})),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_not_left_out(figure: go.Figure) -> None:
    with pytest.raises(ValueError, match="cannot be drawn"):
        svg(figure, "k", "t", "d")


@pytest.mark.parametrize(("rough", "step"), [(0.03, 0.05), (1, 1), (1.2, 2), (4, 5), (70, 100), (0, 1)])
def test_nice_step(rough: float, step: float) -> None:
    assert nice_step(rough) == pytest.approx(step)


def test_ticks_read_as_people_write_numbers() -> None:
    assert told(1200, 100, False) == "1,200"
    assert told(0.65, 0.05, False) == "0.65"
    assert told(0.3, 0.1, True) == "30%"
    assert told(0.005, 0.005, True) == "0.5%"


def test_reversed_categories_begin_on_top() -> None:
    layout = go.Figure().update_yaxes(autorange="reversed").layout.yaxis
    axis = axis_of(layout, ["first", "second"], 100, 0, from_zero=False)
    assert axis.at("first") < axis.at("second")
    assert Axis(0, 10, 0, 100).at(2.5) == 25
