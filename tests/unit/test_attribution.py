"""What leaving a hypothesis' samples out tells, on made-up texts where the truth is known, and by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter

from bsm_core.bench.quiet import QuietContext
from bsm_core.domain.arms import Arm
from bsm_core.domain.attribution import Attribution, Estimate
from bsm_core.domain.experiments import AddedText, Source
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Text
from bsm_core.errors import NothingToDoError
from bsm_core.metrics.attribution import Resampling, adjusted, two_sided
from bsm_core.ports import FloatArray, JobContext
from bsm_core.workflow.attribute import ATTRIBUTION_EVENT, attribute
from bsm_core.workflow.leave_out import Rows, _without
from bsm_core.workflow.without import additions_without, full_effects, run_name
from tests.records import moment


def test_estimate_is_the_mean_in_points_and_its_interval_that_of_one_training_set() -> None:
    """Four training draws bring 1, 2, 3 and 4 points on every text: 2.5 on average. Texts do not differ, so that all
    uncertainty is the draws', and it is not divided by their number."""
    gains = np.repeat(np.array([[0.01], [0.02], [0.03], [0.04]]), 50, axis=1)
    found = Resampling([f"e{n}" for n in range(50)], 4).estimate(gains, np.ones(50, bool))
    assert found is not None
    assert found.points == pytest.approx(2.5)
    assert (found.low, found.high) == (pytest.approx(1), pytest.approx(4))
    assert found.p == pytest.approx(two_sided(2.5, np.std([1, 2, 3, 4])), abs=0.01)
    assert found.resolved
    first, *_ = adjusted([found] * 3)
    assert first is not None
    assert not first.resolved  # one such among three looked at is no surprise


def test_texts_of_one_example_are_drawn_together() -> None:
    """As often as there are ten texts an example, the interval is as wide as for the examples alone."""
    rng = np.random.default_rng(0)
    by_example = rng.normal(size=40) / 100
    alone = Resampling([f"e{n}" for n in range(40)], 1).estimate(by_example[None], np.ones(40, bool))
    repeated = Resampling([f"e{n}" for n in range(40)] * 10, 1).estimate(
        np.tile(by_example, 10)[None], np.ones(400, bool)
    )
    assert alone is not None
    assert repeated is not None
    assert repeated.points == pytest.approx(alone.points)
    assert repeated.high - repeated.low == pytest.approx(alone.high - alone.low, rel=1e-6)


def test_no_text_or_hardly_any_gives_no_estimate_and_holm_counts_those_there_are() -> None:
    drawing = Resampling(["a", "b", "c"], 2)
    assert drawing.estimate(np.zeros((2, 3)), np.zeros(3, bool)) is None
    assert drawing.estimate(np.zeros((2, 3)), np.array([True, False, False])) is None  # not drawn in 30% of the draws
    assert (two_sided(1.96, 1.0), two_sided(0, 0), two_sided(1, 0)) == (pytest.approx(0.05, abs=1e-4), 1.0, 0.0)
    some = [Estimate(1, 0.5, 1.5, 0.01, 0.01), None, Estimate(1, 0.2, 1.8, 0.04, 0.04)]
    assert [one and one.adjusted for one in adjusted(some)] == [pytest.approx(0.02), None, pytest.approx(0.04)]


def test_rows_of_the_same_labels_come_in_place_of_left_out_samples() -> None:
    train = Rows(np.zeros((6, 1)), np.array([0, 0, 0, 1, 1, 2]))
    samples = Rows(np.zeros((3, 1)), np.array([1, 1, 2]))
    counts = np.concatenate([np.array([2, 0, 1, 1, 1, 1]), np.ones(3)]).astype(float)
    changed = _without(counts, np.array([True, False, True]), train, samples, np.random.default_rng(0))
    assert changed.sum() == counts.sum()
    assert changed[6:].tolist() == [0, 1, 0]
    more = changed[:6] - counts[:6]
    assert (more[:3].sum(), more[3:5].sum(), more[5]) == (0, 1, 1)


# ---------------------------------------------------------------- the job


class TemporaryContext(QuietContext):
    def __init__(self, folder: Path) -> None:
        self.folder = self.inputs = self.partial = self.result = folder


class Plane:
    """Texts are points: "x y", in a space of two dimensions."""

    def __init__(self) -> None:
        self.calls = 0

    def embed(self, texts: Sequence[Text], _: JobContext | None = None) -> FloatArray:
        self.calls += 1
        return np.array([[float(value) for value in text[0].split()] for text in texts], np.float32)


def table(points: np.ndarray, labels: list[int], **columns: list[str | None]) -> pa.Table:
    made = pa.table(
        {
            "text": pa.array([f"{x:.5f} {y:.5f}" for x, y in points], pa.string()),
            "text_b": pa.array([None] * len(points), pa.string()),
            "label": pa.array(labels, pa.int64()),
        }
    )
    for name, values in columns.items():
        made = made.append_column(name, pa.array(values, pa.string()))
    return made


@pytest.fixture
def job(tmp_path: Path) -> tuple[JobSpec, TemporaryContext]:
    """Training rows tell the label by x alone. In the blind spot "high" (y about 3) it is the other way round, which
    nobody taught the model; "left" are a few odd texts. The samples of h-good say how it is in "high"; those of h-dull
    say what the training set says anyway."""
    rng = np.random.default_rng(3)
    context = TemporaryContext(tmp_path)
    side = rng.choice([-1.0, 1.0], size=300)
    train = np.stack([side + rng.normal(scale=0.5, size=300), rng.normal(scale=0.5, size=300)], axis=1)
    high = np.stack([np.full(40, 1.2), 3 + rng.normal(scale=0.2, size=40)], axis=1)
    left = np.stack([np.full(12, -1.1), rng.normal(scale=0.3, size=12)], axis=1)
    good = np.stack([np.full(20, 1.2), 3 + rng.normal(scale=0.2, size=20)], axis=1)
    labels = (side > 0).astype(int).tolist()
    unknowns = table(
        np.concatenate([high, left]),
        [0] * 40 + [1] * 12,
        item_id=[f"u{n}" for n in range(52)],
        example_id=[f"e{n}" for n in range(52)],
        origin=["adversarial"] * 52,
        spot=["high"] * 40 + ["left"] * 12,
    )
    samples = table(
        np.concatenate([good, train[:20]]), [0] * 20 + labels[:20], hypothesis_id=["h-good"] * 20 + ["h-dull"] * 20
    )
    for name, made in {
        "train": table(train, labels),
        "validation": table(train[:100] + 0.01, labels[:100], example_id=[f"v{n}" for n in range(100)]),
        "samples": samples,
        "unknowns": unknowns,
    }.items():
        pq.write_table(made, context.inputs / f"{name}.parquet")
    params: dict[str, object] = {
        "model_id": "m", "model_path": "nowhere", "clustering_id": "cl", "tau": 0.65, "label_count": 2, "resamples": 5,
        "sources": {"h-good": ["u0", "u1"], "h-dull": ["u45"]}, "baseline_accuracy": 0.9, "plan_id": None,
    }  # fmt: skip
    return JobSpec("job-1", "st", JobKind.ATTRIBUTE, "Weigh", 0, params, moment(1)), context


def run(job: tuple[JobSpec, TemporaryContext], embedder: Plane) -> Attribution:
    result = attribute(*job, embedder_for=lambda _: embedder)
    ((kind, payload),) = result.events
    assert kind == ATTRIBUTION_EVENT
    return TypeAdapter(Attribution).validate_python(payload)


def test_samples_that_teach_a_blind_spot_are_told_from_those_that_say_nothing_new(
    job: tuple[JobSpec, TemporaryContext],
) -> None:
    found = run(job, Plane())
    good, dull = found.effects
    assert (good.hypothesis_id, good.samples, good.spots, good.own_texts) == ("h-good", 20, ("high",), 38)
    assert good.own is not None
    assert good.own.resolved
    assert good.own.points > 5
    assert good.own_removed > 10
    assert (dull.spots, dull.own_texts) == (("left",), 11)
    assert dull.own is not None
    assert not dull.own.resolved
    assert abs(dull.own.points) < 2
    # The head was not taught otherwise, so that it is fooled like the baseline in both spots.
    assert (found.mirror.unknowns, found.mirror.shared) == (52, 52)
    assert found.mirror.accuracy > 0.9
    assert (found.train, found.samples) == (300, 40)


def test_stopped_job_goes_on_to_the_same_result_without_reading_texts_again(
    job: tuple[JobSpec, TemporaryContext],
) -> None:
    first = run(job, Plane())
    partial = job[1].partial
    assert sorted(path.name for path in partial.glob("resample-*")) == [f"resample-{n}.npz" for n in range(5)]
    (partial / "resample-2.npz").unlink()
    (partial / "resample-4.npz").unlink()
    embedder = Plane()
    again = run(job, embedder)
    assert embedder.calls == 0
    assert again.effects == first.effects


# ---------------------------------------------------------------- full retraining


def added(name: str, label: int, source: Source = Source.SAMPLE) -> AddedText:
    return AddedText((f"text {name}",), label, source, name)


def test_full_retraining_replaces_the_samples_in_their_places_by_rows_of_their_labels() -> None:
    extra = [added("s1", 1), added("s2", 0), added("s3", 1)]
    train = [added(f"t{n}", n % 2, Source.TRAIN) for n in range(10)]
    less = additions_without(extra, {"s1", "s3"}, train, 0)
    assert less[1] == extra[1]
    assert [one.label for one in less] == [1, 0, 1]
    assert [one.source for one in less] == [Source.TRAIN, Source.SAMPLE, Source.TRAIN]
    assert less == additions_without(extra, {"s1", "s3"}, train, 0)
    assert run_name(extra, Arm.HYPOTHESIS_LM, 0) == run_name(list(extra), Arm.HYPOTHESIS_LM, 0)
    assert run_name(extra, Arm.HYPOTHESIS_LM, 0, "h-1").startswith("without:h-1:")
    assert run_name(less, Arm.HYPOTHESIS_LM, 0) != run_name(extra, Arm.HYPOTHESIS_LM, 0)
    with pytest.raises(NothingToDoError, match="none of its samples is among the 3"):
        additions_without(extra, {"s9"}, train, 0)
    with pytest.raises(NothingToDoError, match="no training texts"):
        additions_without(extra, {"s1"}, [], 0)


def test_full_effect_by_hand() -> None:
    """Of 6 UUs 4 are of its own spot: with all samples one is left, without its own three, two of them new."""
    own, others = full_effects("abcdef", "abcdxyz", with_all={"a", "e", "z"}, without={"b", "c", "a", "e"})
    assert (own.texts, own.with_all, own.without, own.only_with, own.only_without) == (4, 1, 3, 0, 2)
    assert own.p == 0.5
    assert (others.texts, others.with_all, others.without, others.p) == (2, 1, 1, 1.0)
