import pytest

from bsm_core.charts import theme
from bsm_core.charts.confidence import box_range, confidence_bins
from bsm_core.charts.confusion import confusion_matrix
from bsm_core.charts.reliability import reliability_diagram
from bsm_core.charts.training import training_curve
from bsm_core.domain.jobs import JobMetric
from bsm_core.ports import ConfidenceBin, ReliabilityBin

BINS = [ConfidenceBin(0.5, 0.6, 4, 1), ConfidenceBin(0.6, 0.7, 3, 2), ConfidenceBin(0.7, 1.0, 5, 9)]


def test_confidence_bins_fades_bars_wholly_below_tau() -> None:
    natural, perturbed = confidence_bins(BINS, tau=0.65).data
    assert list(natural.y) == [4, 3, 5]
    assert list(perturbed.y) == [1, 2, 9]
    assert list(natural.marker.opacity) == [0.35, 1.0, 1.0]


def test_confidence_bins_with_a_range_fades_bars_outside_it() -> None:
    natural, _ = confidence_bins(BINS, tau=0.65, chosen=(0.8, 0.9)).data
    assert list(natural.marker.opacity) == [0.35, 0.35, 1.0]


def test_confidence_bins_differ_by_pattern_as_well_as_by_color() -> None:
    natural, perturbed = confidence_bins(BINS, tau=0.65).data
    assert natural.marker.pattern.shape != perturbed.marker.pattern.shape


def test_confidence_bins_without_bins_still_draws_axes() -> None:
    assert tuple(confidence_bins([], tau=0.65).layout.xaxis.range) == (0.5, 1.0)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((0.9, 0.7), (0.7, 0.9)),
        ((0.2, 0.8), (0.65, 0.8)),
        ((0.95, 1.3), (0.95, 1.0)),
        ((0.1, 0.2), (0.65, 0.65)),
        ((0.70121, 0.89877), (0.7, 0.9)),
    ],
)
def test_box_range_is_ordered_and_within_tau_and_one(box: tuple[float, float], expected: tuple[float, float]) -> None:
    assert box_range(box, tau=0.65) == expected


def test_confusion_matrix_places_counts_by_label_and_prediction() -> None:
    [cells] = confusion_matrix([(0, 0, 8), (0, 1, 2), (1, 1, 1_200)], ("no", "yes")).data
    assert [list(row) for row in cells.text] == [["8", "2"], ["0", "1,200"]]
    assert [list(row) for row in cells.z] == [[0.8, 0.2], [0.0, 1.0]]


def test_confusion_matrix_escapes_label_names() -> None:
    [cells] = confusion_matrix([(0, 0, 1)], ("<a href='x'>y</a>", "b")).data
    assert cells.x[0].startswith("&lt;a href")


def test_reliability_diagram_leaves_out_empty_bins() -> None:
    bins = [ReliabilityBin(0.5, 0.75, 0, 0.0, 0.0), ReliabilityBin(0.75, 1.0, 10, 0.9, 0.8)]
    bars, diagonal = reliability_diagram(bins).data
    assert list(bars.y) == [0.8]
    assert list(diagonal.x) == [0.75, 1]


def test_training_curve_draws_loss_by_step_and_accuracy_on_its_own_axis() -> None:
    metrics = [JobMetric("loss", 10, 0.7), JobMetric("loss", 20, 0.5), JobMetric("accuracy", 1, 0.8)]
    loss, accuracy = training_curve(metrics).data
    assert list(loss.x) == [10, 20]
    assert accuracy.yaxis == "y2"
    assert list(accuracy.x) == [20]


def test_training_curve_of_a_running_training_places_epochs_where_they_ended() -> None:
    metrics = [JobMetric("loss", 130, 0.5), JobMetric("accuracy", 1, 0.8)]
    figure = training_curve(metrics, steps=300, epochs=3)
    assert list(figure.data[1].x) == [100]
    assert list(figure.layout.xaxis.range) == [0, 300]


def test_training_curve_without_metrics_is_empty() -> None:
    assert len(training_curve([]).data) == 0


def _contrast(color: str, background: str) -> float:
    def luminance(text: str) -> float:
        parts = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    one, other = sorted((luminance(color), luminance(background)))
    return (other + 0.05) / (one + 0.05)


@pytest.mark.parametrize("background", ["#fcfcfb", "#12151a"])
@pytest.mark.parametrize("color", theme.SERIES)
def test_series_colors_stand_out_on_both_backgrounds(color: str, background: str) -> None:
    assert _contrast(color, background) >= 3.0
