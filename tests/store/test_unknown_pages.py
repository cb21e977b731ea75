"""Filters, order, positions and bins of the UU view, on a whole study."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import UnknownUnknown, UUOrigin
from bsm_core.ports import UnknownFilter
from bsm_core.store import DuckStore
from tests.factories import BASELINE_ID, answer, make_dataset, make_example, make_study, make_task
from tests.store.worlds import add_model, answers_of, predict, start

ALL = UnknownFilter(BASELINE_ID, 0.5001)


def everything(store: DuckStore, unknowns: UnknownFilter = ALL) -> list[UnknownUnknown]:
    return store.unknowns.page(unknowns, limit=1000).rows


def matching(found: list[UnknownUnknown], search: str) -> list[str]:
    def texts(one: UnknownUnknown) -> str:
        return "\n".join((*one.original_text, *(one.perturbed_text or ()))).lower()

    return [one.item_id for one in found if search.lower() in texts(one)]


def test_order_is_confidence_falling_then_item_id(filled: DuckStore) -> None:
    found = everything(filled)
    assert len(found) > 25
    assert found == sorted(found, key=lambda one: (-one.confidence, one.item_id))


def test_equal_confidence_is_ordered_by_item_id_across_pages(store: DuckStore) -> None:
    examples = start(store, validation=9).of(Split.VALIDATION)
    predict(store, add_model(store), answers_of(examples, "w" * 9, [0.75] * 9))
    pages = [store.unknowns.page(ALL, limit=4, offset=offset).rows for offset in (0, 4, 8)]
    listed = [row.item_id for page in pages for row in page]
    assert listed == sorted(example.example_id for example in examples)
    assert [store.unknowns.position(ALL, item_id).number for item_id in listed] == list(range(1, 10))  # type: ignore[union-attr]


def test_pages_cut_the_list_and_know_its_length(filled: DuckStore) -> None:
    found = everything(filled)
    for offset in range(0, len(found) + 7, 7):
        page = filled.unknowns.page(ALL, limit=7, offset=offset)
        assert (page.rows, page.total) == (found[offset : offset + 7], len(found))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tau": 0.8},
        {"origin": UUOrigin.ADVERSARIAL, "label": 1},
        {"search": "PLOT"},
        {"confidence_low": 0.7, "confidence_high": 0.9},
    ],
)
def test_position_agrees_with_the_page(filled: DuckStore, changes: dict[str, object]) -> None:
    unknowns = replace(ALL, **changes)  # type: ignore[arg-type]
    listed = [None, *(one.item_id for one in everything(filled, unknowns)), None]
    assert len(listed) > 3
    for number in range(1, len(listed) - 1):
        position = filled.unknowns.position(unknowns, listed[number] or "")
        assert position is not None
        assert (position.number, position.total) == (number, len(listed) - 2)
        assert (position.previous_id, position.next_id) == (listed[number - 1], listed[number + 1])


def test_position_of_what_is_not_listed_is_none(filled: DuckStore) -> None:
    weakest = everything(filled)[-1]
    assert filled.unknowns.position(replace(ALL, tau=0.9), weakest.item_id) is None
    assert filled.unknowns.position(ALL, "nothing") is None


@pytest.mark.parametrize(
    ("changes", "keep"),
    [
        ({"origin": UUOrigin.NATURAL}, lambda one: one.origin is UUOrigin.NATURAL),
        ({"origin": UUOrigin.ADVERSARIAL}, lambda one: one.origin is UUOrigin.ADVERSARIAL),
        ({"recipe": "deepwordbug"}, lambda one: one.recipe == "deepwordbug"),
        ({"recipe": "textfooler"}, lambda _: False),
        ({"label": 0}, lambda one: one.label == 0),
        ({"predicted": 0}, lambda one: one.predicted == 0),
        ({"label": 0, "predicted": 0}, lambda _: False),
        ({"tau": 0.8}, lambda one: one.confidence >= 0.8),
        ({"confidence_low": 0.7, "confidence_high": 0.9}, lambda one: 0.7 <= one.confidence < 0.9),
        ({"confidence_low": 0.9, "confidence_high": 1.0}, lambda one: one.confidence >= 0.9),
        ({"verdict": "yes"}, lambda one: one.verdict == "yes"),
        ({"verdict": "unjudged"}, lambda one: one.verdict is None),
        ({"split": Split.TRAIN}, lambda _: False),
    ],
)
def test_each_filter_keeps_what_it_says(filled: DuckStore, changes: dict[str, object], keep) -> None:  # type: ignore[no-untyped-def]
    unknowns = replace(ALL, **changes)  # type: ignore[arg-type]
    wanted = [one for one in everything(filled) if keep(one)]
    page = filled.unknowns.page(unknowns, limit=1000)
    assert (page.rows, page.total) == (wanted, len(wanted))
    counts = filled.unknowns.counts(unknowns)
    assert counts.total == sum(one.verdict != "no" for one in wanted)
    assert counts.judged_yes == sum(one.verdict == "yes" for one in wanted)
    assert sum(count for *_, count in filled.unknowns.label_pairs(unknowns)) == counts.total


@pytest.mark.parametrize("search", ["plot", "PLOT is A", "says viewer 41", "dailogue", "no such words"])
def test_search_finds_text_in_o_and_p_whatever_the_case(filled: DuckStore, search: str) -> None:
    unknowns = replace(ALL, search=search)
    wanted = matching(everything(filled), search)
    assert [one.item_id for one in everything(filled, unknowns)] == wanted
    judged_no = [one.item_id for one in everything(filled) if one.verdict == "no"]
    assert filled.unknowns.counts(unknowns).total == len(set(wanted) - set(judged_no))
    in_bins = filled.unknowns.histogram(replace(unknowns, tau=1.0))
    assert sum(one.natural + one.adversarial for one in in_bins) == len(wanted)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        *(("100%", 1), ("%", 1), ("snake_case", 1), ("_", 1), ("back\\slash", 1), ("\\", 1)),
        *(("d'été", 1), ("D'ÉTÉ", 1), ("' OR 1=1 --", 0), (".*", 0), ("$tau", 0)),
    ],
)
def test_search_takes_every_character_literally(store: DuckStore, search: str, found: int) -> None:
    texts = ("100% fun", "snake_case", "back\\slash", "un conte d'été", "plain")
    examples = tuple(make_example(n, Split.VALIDATION, text=(text,)) for n, text in enumerate(texts))
    data = replace(make_dataset(train=0, validation=0, test=0), examples=examples)
    store.studies.create(make_study(data), data)
    predict(store, add_model(store), answers_of(examples, "wwwww", [0.9] * 5))
    assert store.unknowns.page(replace(ALL, search=search)).total == found
    assert store.examples.page("st-reviews", Split.VALIDATION, search=search).total == found


def test_histogram_of_two_labels_goes_from_one_half_to_one(store: DuckStore) -> None:
    examples = start(store, validation=8).of(Split.VALIDATION)
    confidences = [0.5, 0.55, 0.6, 0.7, 0.8, 0.95, 1.0, 1.0]
    predict(store, add_model(store), answers_of(examples, "wwwwwwwr", confidences))
    bins = store.unknowns.histogram(replace(ALL, tau=0.99, confidence_low=0.9), bins=5)
    assert [round(one.low, 6) for one in bins] == [0.5, 0.6, 0.7, 0.8, 0.9]
    assert bins[-1].high == 1.0
    # The tie goes to the first label, which is right here.
    assert [one.natural for one in bins] == [1, 1, 1, 1, 2]
    assert all(one.adversarial == 0 for one in bins)


def test_histogram_of_k_labels_goes_from_one_kth_to_one(store: DuckStore) -> None:
    examples = start(store, validation=4, labels=("a", "b", "c", "d")).of(Split.VALIDATION)
    answers = {
        example.example_id: answer((example.label + 1) % 4, 0.3 + n / 5, 4) for n, example in enumerate(examples)
    }
    predict(store, add_model(store), answers)
    bins = store.unknowns.histogram(ALL, bins=3)
    assert [(one.low, one.high, one.natural) for one in bins] == [(0.25, 0.5, 1), (0.5, 0.75, 2), (0.75, 1.0, 1)]


def test_histogram_counts_all_wrong_predictions_whatever_tau(filled: DuckStore) -> None:
    below = filled.unknowns.histogram(replace(ALL, tau=1.0))
    assert below == filled.unknowns.histogram(replace(ALL, confidence_low=0.9, confidence_high=0.91))
    assert sum(one.natural + one.adversarial for one in below) > filled.unknowns.counts(replace(ALL, tau=0.8)).total
    assert len(below) == 20


def test_a_bar_and_the_page_filtered_by_its_range_hold_the_same(filled: DuckStore) -> None:
    for one in filled.unknowns.histogram(ALL):
        ranged = replace(ALL, tau=0.5001, confidence_low=one.low, confidence_high=one.high)
        assert filled.unknowns.page(ranged).total == one.natural + one.adversarial


def test_histogram_of_an_unknown_model_is_empty(filled: DuckStore) -> None:
    assert filled.unknowns.histogram(replace(ALL, model_id="nobody")) == []


def test_two_studies_with_the_same_texts_do_not_mix(filled: DuckStore) -> None:
    before = everything(filled), filled.unknowns.counts(ALL), filled.studies.counts("st-reviews")
    data = make_dataset(make_task(), validation=60)
    filled.studies.create(make_study(data, "st-second"), data)
    assert before == (everything(filled), filled.unknowns.counts(ALL), filled.studies.counts("st-reviews"))
    assert filled.studies.counts("st-second").natural_unknowns == 0
