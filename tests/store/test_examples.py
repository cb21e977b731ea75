"""Pages and tables of the study's texts."""

from __future__ import annotations

from bsm_core.domain.arms import Arm
from bsm_core.domain.tasks import Split
from bsm_core.store import DuckStore
from tests.factories import STUDY_ID, make_dataset, make_study, make_task
from tests.store.worlds import add_model, answers_of, predict, start


def test_pages_follow_the_stored_order(store: DuckStore) -> None:
    data = start(store, validation=7)
    examples = data.of(Split.VALIDATION)
    rows = [
        row.example
        for offset in (0, 3, 6)
        for row in store.examples.page(STUDY_ID, Split.VALIDATION, limit=3, offset=offset).rows
    ]
    assert rows == examples
    assert store.examples.page(STUDY_ID, Split.VALIDATION, limit=3).total == 7
    assert store.examples.page(STUDY_ID, Split.VALIDATION, offset=100).rows == []


def test_label_and_search_narrow_the_page(store: DuckStore) -> None:
    examples = start(store, validation=20).of(Split.VALIDATION)
    ones = [example for example in examples if example.label == 1]
    assert [row.example for row in store.examples.page(STUDY_ID, Split.VALIDATION, label=1).rows] == ones
    plots = [example for example in ones if "the plot" in example.text[0]]
    page = store.examples.page(STUDY_ID, Split.VALIDATION, search="THE Plot", label=1)
    assert ([row.example for row in page.rows], page.total) == (plots, len(plots))
    assert plots


def test_answers_are_the_present_baselines_and_none_before_training(store: DuckStore) -> None:
    examples = start(store, validation=2).of(Split.VALIDATION)
    page = store.examples.page(STUDY_ID, Split.VALIDATION)
    assert [row.probabilities for row in page.rows] == [None, None]
    predict(store, add_model(store, model_id="m-first"), answers_of(examples, "ww", [0.75, 0.75]))
    predict(store, add_model(store, model_id="m-second", at=11), answers_of(examples, "rr", [0.875, 0.875]))
    predict(store, add_model(store, Arm.RELABEL, at=12), answers_of(examples, "ww", [0.75, 0.75]))
    page = store.examples.page(STUDY_ID, Split.VALIDATION)
    assert [row.probabilities for row in page.rows] == [(0.875, 0.125), (0.125, 0.875)]
    assert store.examples.page(STUDY_ID, Split.VALIDATION, search="viewer").rows == page.rows


def test_test_rows_never_show_answers(filled: DuckStore) -> None:
    assert all(row.probabilities is not None for row in filled.examples.page(STUDY_ID, Split.VALIDATION).rows)
    assert all(row.probabilities is None for row in filled.examples.page(STUDY_ID, Split.TEST).rows)
    assert all(row.probabilities is None for row in filled.examples.page(STUDY_ID, Split.TEST, search="plot").rows)


def test_counts_by_split_and_label(store: DuckStore) -> None:
    start(store, train=5, validation=4, test=3)
    assert store.examples.counts(STUDY_ID) == [
        (Split.TRAIN, 0, 3),
        (Split.TRAIN, 1, 2),
        (Split.VALIDATION, 0, 2),
        (Split.VALIDATION, 1, 2),
        (Split.TEST, 0, 1),
        (Split.TEST, 1, 2),
    ]


def test_table_is_what_workers_read(store: DuckStore) -> None:
    data = make_dataset(make_task(pair=True), train=3, validation=1, test=0)
    store.studies.create(make_study(data), data)
    table = store.examples.table(STUDY_ID, Split.TRAIN)
    assert table.column_names == ["example_id", "text", "text_b", "label"]
    assert table.to_pylist() == [
        {"example_id": one.example_id, "text": one.text[0], "text_b": one.text[1], "label": one.label}
        for one in data.of(Split.TRAIN)
    ]
    assert store.examples.table(STUDY_ID, Split.TEST).num_rows == 0


def test_single_texts_have_no_second_side(filled: DuckStore) -> None:
    assert filled.examples.table(STUDY_ID, Split.TRAIN)["text_b"].null_count == 400
