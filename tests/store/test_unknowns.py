"""What counts as a UU: wrong, at least tau sure, and not judged to have lost its label (2.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import AttackOutcome, UUOrigin, Verdict
from bsm_core.errors import NotFoundError
from bsm_core.ports import UnknownCounts, UnknownFilter
from bsm_core.store import DuckStore
from tests.factories import BASELINE_ID, answer, make_dataset, make_judgement, make_study, make_task
from tests.store.worlds import add_model, add_set, answers_of, attack_rows, predict, start


def at(tau: float, **filters: object) -> UnknownFilter:
    return replace(UnknownFilter(BASELINE_ID, tau), **filters)


def ids(store: DuckStore, unknowns: UnknownFilter) -> list[str]:
    return [row.item_id for row in store.unknowns.page(unknowns).rows]


def test_uu_is_wrong_and_at_least_tau_sure(store: DuckStore) -> None:
    examples = start(store).of(Split.VALIDATION)
    model = add_model(store)
    predict(store, model, answers_of(examples, "rwwwwr", [0.99, 0.99, 0.65, 0.64, 0.8, 0.6]))
    assert ids(store, at(0.65)) == [examples[n].example_id for n in (1, 4, 2)]
    assert store.unknowns.counts(at(0.65)) == UnknownCounts(3, 0, 0, 0, 0)
    assert ids(store, at(0.8)) == [examples[n].example_id for n in (1, 4)]
    assert store.unknowns.counts(at(1.0)).total == 0


@pytest.mark.parametrize("tau", [0.51, 0.55, 0.65, 0.7, 0.85, 0.9, 0.95, 0.99])
def test_confidence_of_exactly_tau_counts_at_any_tau(store: DuckStore, tau: float) -> None:
    examples = start(store, validation=1).of(Split.VALIDATION)
    predict(store, add_model(store), {examples[0].example_id: answer(1 - examples[0].label, tau)})
    assert store.unknowns.counts(at(tau)).natural == 1


def test_adversarial_needs_a_successful_attack(store: DuckStore) -> None:
    examples = start(store).of(Split.VALIDATION)
    model = add_model(store)
    rows = attack_rows("set1", examples, "++-se+", [0.9, 0.6, 0.9, 0.9, 0.9, 0.7])
    wrong = [replace(row, perturbed_probabilities=answer(1 - row.label, 0.9)) for row in rows[2:5]]
    added = add_set(store, model, "set1", [*rows[:2], *wrong, rows[5]])
    assert [row.outcome for row in store.perturbations.rows("set1")][2:5] == [
        AttackOutcome.FAILED,
        AttackOutcome.SKIPPED,
        AttackOutcome.ERROR,
    ]
    assert ids(store, at(0.65)) == [added[0], added[5]]
    assert store.unknowns.counts(at(0.65)) == UnknownCounts(0, 2, 0, 0, 0)


def test_adversarial_shows_both_texts_and_both_answers(store: DuckStore) -> None:
    examples = start(store, validation=1).of(Split.VALIDATION)
    rows = attack_rows("set1", examples, "+", [0.875])
    add_set(store, add_model(store), "set1", rows)
    found = store.unknowns.page(at(0.65)).rows[0]
    assert found == store.unknowns.get(BASELINE_ID, rows[0].perturbation_id)
    assert (found.original_text, found.perturbed_text) == (examples[0].text, rows[0].perturbed_text)
    assert found.original_probabilities == (0.75, 0.25)
    assert (found.probabilities, found.confidence, found.predicted, found.label) == ((0.125, 0.875), 0.875, 1, 0)
    assert (found.origin, found.recipe, found.example_id) == (
        UUOrigin.ADVERSARIAL,
        "deepwordbug",
        examples[0].example_id,
    )


def test_natural_shows_one_text(store: DuckStore) -> None:
    examples = start(store, validation=1).of(Split.VALIDATION)
    predict(store, add_model(store), answers_of(examples, "w", [0.75]))
    found = store.unknowns.page(at(0.65)).rows[0]
    assert (found.origin, found.text, found.perturbed_text) == (UUOrigin.NATURAL, examples[0].text, None)
    assert (found.original_probabilities, found.recipe, found.verdict) == (None, None, None)


def test_same_perturbed_text_counts_once_though_two_attacks_found_it(store: DuckStore) -> None:
    examples = start(store, validation=2).of(Split.VALIDATION)
    model = add_model(store)
    first = add_set(store, model, "set1", attack_rows("set1", examples, "+s", [0.9, 0.9]))
    second = add_set(store, model, "set2", attack_rows("set2", examples, "++", [0.9, 0.8]), at=21)
    assert ids(store, at(0.65)) == [first[0], second[1]]
    assert store.unknowns.counts(at(0.65)).adversarial == 2
    assert sum(one.adversarial for one in store.unknowns.histogram(at(0.65))) == 2


def test_verdict_no_leaves_the_counts_but_not_the_list(store: DuckStore) -> None:
    examples = start(store, validation=4).of(Split.VALIDATION)
    predict(store, add_model(store), answers_of(examples, "wwww", [0.9, 0.85, 0.8, 0.75]))
    for example, verdict in zip(examples, (Verdict.NO, Verdict.YES, Verdict.UNSURE), strict=False):
        store.judgements.add(make_judgement(example.example_id, verdict))
    assert store.unknowns.counts(at(0.65)) == UnknownCounts(3, 0, judged_yes=1, judged_no=1, judged_unsure=1)
    page = store.unknowns.page(at(0.65))
    assert (page.total, [row.verdict for row in page.rows]) == (4, [Verdict.NO, Verdict.YES, Verdict.UNSURE, None])
    assert ids(store, at(0.65, verdict="no")) == [examples[0].example_id]
    assert ids(store, at(0.65, verdict="unjudged")) == [examples[3].example_id]
    assert store.unknowns.label_pairs(at(0.65)) == [(0, 1, 1), (1, 0, 2)]


def test_latest_verdict_counts_even_at_the_same_moment(store: DuckStore) -> None:
    examples = start(store, validation=1).of(Split.VALIDATION)
    item_id = examples[0].example_id
    predict(store, add_model(store), answers_of(examples, "w", [0.9]))
    assert store.judgements.latest("st-reviews", item_id) is None
    for verdict in (Verdict.NO, Verdict.YES, Verdict.NO, Verdict.UNSURE):
        store.judgements.add(make_judgement(item_id, verdict, at=30))
    assert store.judgements.latest("st-reviews", item_id) is Verdict.UNSURE
    assert store.unknowns.counts(at(0.65)) == UnknownCounts(1, 0, 0, 0, judged_unsure=1)


def test_other_models_and_splits_are_not_mixed_in(store: DuckStore) -> None:
    data = start(store, validation=2, test=2)
    validation, test = data.of(Split.VALIDATION), data.of(Split.TEST)
    original, arm = add_model(store), add_model(store, Arm.RELABEL)
    predict(store, original, answers_of([*validation, *test], "wrww", [0.9, 0.9, 0.8, 0.7]))
    predict(store, arm, answers_of(validation, "rw", [0.9, 0.9]))
    assert ids(store, at(0.65)) == [validation[0].example_id]
    assert ids(store, at(0.65, split=Split.TEST)) == [example.example_id for example in test]
    assert ids(store, at(0.65, model_id=arm)) == [validation[1].example_id]


def test_get_finds_any_wrong_prediction_and_nothing_else(store: DuckStore) -> None:
    examples = start(store, validation=2).of(Split.VALIDATION)
    predict(store, add_model(store), answers_of(examples, "wr", [0.51, 0.9]))
    assert store.unknowns.get(BASELINE_ID, examples[0].example_id).verdict is None
    with pytest.raises(NotFoundError, match="makes no mistake"):
        store.unknowns.get(BASELINE_ID, examples[1].example_id)
    with pytest.raises(NotFoundError, match="nobody"):
        store.unknowns.get("nobody", examples[0].example_id)


def test_pair_task_keeps_both_sides(store: DuckStore) -> None:
    data = make_dataset(make_task(pair=True), train=2, validation=1, test=0)
    store.studies.create(make_study(data), data)
    example = data.of(Split.VALIDATION)[0]
    model = add_model(store)
    predict(store, model, {example.example_id: answer(1 - example.label, 0.9)})
    rows = attack_rows("set1", [example], "+", [0.8])
    add_set(store, model, "set1", rows)
    natural, adversarial = store.unknowns.page(at(0.65)).rows
    assert natural.original_text == adversarial.original_text == example.text
    assert adversarial.perturbed_text == rows[0].perturbed_text
    assert len(adversarial.text) == 2
    assert ids(store, at(0.65, search="IN SHORT")) == [natural.item_id, adversarial.item_id]
