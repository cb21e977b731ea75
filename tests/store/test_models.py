"""Models, and what they answer on one split."""

from __future__ import annotations

import numpy as np
import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.tasks import Split
from bsm_core.errors import NotFoundError, StoreError
from bsm_core.ports import JobResult
from bsm_core.store import DuckStore
from tests.factories import BASELINE_ID, STUDY_ID, answer, make_model, prediction_table
from tests.store.worlds import add_model, answers_of, job_id, predict, start


def test_model_comes_back_as_it_was_made(filled: DuckStore) -> None:
    model = make_model(Arm.RELABEL, at=81)
    assert filled.models.get(model.model_id) == model
    with pytest.raises(NotFoundError, match="no model 'nobody'"):
        filled.models.get("nobody")


def test_baseline_is_the_latest_original(store: DuckStore) -> None:
    start(store)
    assert store.models.baseline(STUDY_ID) is None
    add_model(store, Arm.ORIGINAL, "m-z", at=10)
    add_model(store, Arm.ORIGINAL, "m-a", at=20)
    add_model(store, Arm.RELABEL, "m-arm", at=30)
    baseline = store.models.baseline(STUDY_ID)
    assert baseline is not None
    assert baseline.model_id == "m-a"
    assert [model.model_id for model in store.models.all(STUDY_ID)] == ["m-z", "m-a", "m-arm"]
    assert store.models.baseline("st-other") is None


def test_figures_of_one_split_by_hand(store: DuckStore) -> None:
    data = start(store, validation=4, test=1)
    model = add_model(store)
    examples = data.of(Split.VALIDATION)
    assert store.predictions.accuracy(model, Split.VALIDATION) is None
    predict(store, model, answers_of(examples, "rrwr", [0.95, 1.0, 0.75, 0.7]))
    predict(store, model, answers_of(data.of(Split.TEST), "w", [0.9]))
    assert store.predictions.accuracy(model, Split.VALIDATION) == 0.75
    assert store.predictions.accuracy(model, Split.TEST) == 0.0
    assert store.predictions.confusion(model, Split.VALIDATION) == [(0, 0, 1), (0, 1, 1), (1, 1, 2)]
    bins = store.predictions.reliability(model, Split.VALIDATION)
    assert [(one.low, one.high, one.count, one.accuracy) for one in bins] == [(0.7, 0.8, 2, 0.5), (0.9, 1.0, 2, 1.0)]
    assert [one.confidence for one in bins] == pytest.approx([0.725, 0.975])


def test_arrays_are_in_stored_order_whatever_the_order_of_ingest(store: DuckStore) -> None:
    examples = start(store, validation=5).of(Split.VALIDATION)
    model = add_model(store)
    answers = answers_of(examples, "rwrrw", [0.9, 0.8, 0.7, 0.6, 0.55])
    predict(store, model, dict(reversed(answers.items())))
    probabilities, labels = store.predictions.arrays(model, Split.VALIDATION)
    assert (probabilities.dtype, probabilities.shape, labels.dtype) == (np.float32, (5, 2), np.int64)
    assert probabilities.tolist() == np.array(list(answers.values()), np.float32).tolist()
    assert labels.tolist() == [example.label for example in examples]


def test_arrays_without_predictions_are_empty(filled: DuckStore) -> None:
    probabilities, labels = filled.predictions.arrays(BASELINE_ID, Split.TRAIN)
    assert (len(probabilities), len(labels)) == (0, 0)


def test_an_item_keeps_the_first_answer(store: DuckStore) -> None:
    examples = start(store, validation=2).of(Split.VALIDATION)
    model = add_model(store)
    predict(store, model, answers_of(examples[:1], "w", [0.9]))
    predict(store, model, answers_of(examples, "rr", [0.7, 0.7]))
    assert store.predictions.accuracy(model, Split.VALIDATION) == 0.5


@pytest.mark.parametrize(
    "bad",
    [(0.5, 0.3, 0.2), (1.0,), (float("nan"), 0.5), (float("inf"), 0.0), (1.5, -0.5), (None, 0.5), ()],
)
def test_answers_that_are_no_probabilities_are_refused(store: DuckStore, bad: tuple[float, ...]) -> None:
    examples = start(store, validation=2).of(Split.VALIDATION)
    model = add_model(store)
    ids = [example.example_id for example in examples]
    table = prediction_table(ids, "example", [answer(0, 0.9), bad])
    with pytest.raises(StoreError, match="not 2 probabilities"):
        store.ingest(JobResult(job_id(), predictions=((model, table),)))
    assert store.predictions.accuracy(model, Split.VALIDATION) is None


def test_predictions_for_unknown_items_or_models_are_refused(store: DuckStore) -> None:
    start(store)
    model = add_model(store)
    with pytest.raises(StoreError, match=r"1 predictions of model .* such as 'e-nowhere'"):
        predict(store, model, {"e-nowhere": answer(0, 0.9)})
    with pytest.raises(StoreError, match="'m-nobody', which is not in the store"):
        predict(store, "m-nobody", {"e-nowhere": answer(0, 0.9)})
