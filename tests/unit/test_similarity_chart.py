"""The histograms of similarity scores."""

from __future__ import annotations

import pytest

from bsm_core.charts.similarity_scores import Group, Mark, similarity_histograms


def test_each_group_is_drawn_as_shares_of_its_own_texts_and_empty_ones_are_left_out() -> None:
    groups = [Group("Training texts", [0.2, 0.5, 0.9], filled=True), Group("Off topic", [0.2]), Group("Samples", [])]
    figure = similarity_histograms(groups, [Mark("pass mark 0.40", 0.4)])
    assert [trace.name for trace in figure.data] == ["Training texts (3)", "Off topic (1)"]
    for trace in figure.data:
        assert sum(trace.y) == pytest.approx(1)
    assert sum(figure.data[0].customdata) == 3
    assert figure.data[0].customdata[-1] == 1  # the largest score is in the last bin, not beyond it
    assert [shape.x0 for shape in figure.layout.shapes] == [0.4]
    assert figure.layout.annotations[0].text == "pass mark 0.40"


def test_equal_scores_and_no_scores_are_drawn_too() -> None:
    same = similarity_histograms([Group("Training texts", [0.5, 0.5])], [])
    assert sum(same.data[0].customdata) == 2
    assert not similarity_histograms([], []).data
