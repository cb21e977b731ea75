"""Attack runs and their results."""

from __future__ import annotations

from dataclasses import replace

from bsm_core.domain.arms import Arm
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import AttackOutcome
from bsm_core.store import DuckStore
from tests.answers import attack, clean_answers
from tests.factories import STUDY_ID, VALIDATION_SET_ID, make_dataset, make_perturbation_set, make_study, make_task
from tests.store.worlds import add_model, add_set, attack_rows, start


def test_rows_come_back_in_the_order_of_the_attack(filled: DuckStore) -> None:
    examples = make_dataset().of(Split.VALIDATION)
    made = attack(Arm.ORIGINAL, VALIDATION_SET_ID, examples, clean_answers(Arm.ORIGINAL, examples))
    rows = filled.perturbations.rows(VALIDATION_SET_ID)
    assert {row.outcome for row in rows} == set(AttackOutcome)

    def without_answers(row):  # type: ignore[no-untyped-def]
        return replace(row, original_probabilities=(), perturbed_probabilities=())

    assert [without_answers(row) for row in rows] == [without_answers(row) for row in made]
    for row, wanted in zip(rows, made, strict=True):
        assert [round(value, 6) for value in row.perturbed_probabilities] == [
            round(value, 6) for value in wanted.perturbed_probabilities
        ]


def test_successful_ones_are_the_frozen_set(store: DuckStore) -> None:
    examples = start(store, validation=4).of(Split.VALIDATION)
    rows = attack_rows("set1", examples, "+-+s", [0.9] * 4)
    add_set(store, add_model(store), "set1", rows)
    table = store.perturbations.successful("set1")
    assert table.column_names == ["perturbation_id", "text", "text_b", "label"]
    assert table.to_pylist() == [
        {
            "perturbation_id": row.perturbation_id,
            "text": row.perturbed_text[0],
            "text_b": None,
            "label": row.label,
        }
        for row in (rows[0], rows[2])
    ]
    assert store.perturbations.successful("nothing").num_rows == 0


def test_sets_of_a_study_oldest_first(filled: DuckStore) -> None:
    sets = filled.perturbations.sets(STUDY_ID)
    assert sets[0] == make_perturbation_set(set_id=VALIDATION_SET_ID, size=60)
    assert [one.split for one in sets] == [Split.VALIDATION] + [Split.TEST] * 4
    assert [one.created_at for one in sets] == sorted(one.created_at for one in sets)
    assert filled.perturbations.sets("st-other") == []


def test_pairs_keep_both_sides(store: DuckStore) -> None:
    data = make_dataset(make_task(pair=True), train=1, validation=2, test=0)
    store.studies.create(make_study(data), data)
    rows = attack_rows("set1", data.of(Split.VALIDATION), "+s", [0.75, 0.75])
    add_set(store, add_model(store), "set1", rows)
    assert store.perturbations.rows("set1") == rows
    assert store.perturbations.successful("set1")["text_b"].to_pylist() == [rows[0].perturbed_text[1]]
