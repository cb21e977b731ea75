"""Planting: which terms, what is removed, and that nothing else differs."""

from __future__ import annotations

from collections import Counter

import pytest

from bsm_core.config import GateConfig
from bsm_core.domain.controlled import ControlledPlan, Planting, SpotKind, Treatment, Variant
from bsm_core.errors import NothingToDoError
from bsm_core.ports import LabelledText
from bsm_core.tasks.cards import load_task
from bsm_core.workflow import verdicts
from bsm_core.workflow.controlled_planting import (
    drawn_terms,
    is_of_kind,
    opinion_terms,
    spoiled,
    training_sets,
    words_in,
)
from bsm_core.workflow.controlled_samples import additions, golden_set
from bsm_core.workflow.nonsense import loops
from tests.controlled import BLAME, PRAISE, RATINGS, rows

ROWS = rows(200)
TERMS = {kind: opinion_terms(kind, RATINGS, ROWS, 8) for kind in SpotKind}
PLANTED = {kind: drawn_terms(kind, TERMS[kind], 0) for kind in SpotKind}


def test_terms_are_strong_enough_and_of_one_side() -> None:
    assert set(TERMS[SpotKind.P].all) == set(PRAISE)  # not "like", whose rating is 0.5
    assert set(TERMS[SpotKind.N].all) == set(BLAME)


def test_terms_go_by_strength_and_frequency_and_a_tie_by_the_alphabet() -> None:
    said = ("fine", "fine", "great", "good", "nice", "neat", "kind", "bad bad")
    some = [LabelledText((text,), 1) for text in said] * 6
    ratings = {"good": 2.0, "great": 2.0, "nice": 1.5, "neat": 1.4, "kind": 1.3, "fine": 1.9, "swell": 3.0, "bad": -3.0}
    found = opinion_terms(SpotKind.P, ratings, [*some, LabelledText(("swell",), 0)], 7)
    # 1.9 log 13 = 4.9; 2 log 7 = 3.9, twice; 1.5, 1.4 and 1.3 log 7 = 2.9, 2.7, 2.5; 3 log 2 = 2.1.
    assert found.all == ("fine", "good", "great", "nice", "neat", "kind", "swell")
    assert found.plantable == ("fine", "good", "great", "kind", "neat", "nice")
    assert found.counts["fine"] == 12


def test_a_term_whose_texts_do_not_agree_with_it_is_not_planted() -> None:
    mixed = [*rows(200), *(LabelledText((f"witty but no {at}",), 0) for at in range(40))]
    assert "witty" in opinion_terms(SpotKind.P, RATINGS, mixed, 8).all
    assert "witty" not in opinion_terms(SpotKind.P, RATINGS, mixed, 8).plantable


def test_too_few_terms_are_refused_with_how_many_there_are() -> None:
    with pytest.raises(NothingToDoError, match=r"600 positive terms.*have 8 of the lexicon"):
        opinion_terms(SpotKind.P, RATINGS, ROWS, 600)


def test_planted_terms_are_half_drawn_by_seed_and_disjoint() -> None:
    praise, blame = (set(PLANTED[kind]) for kind in SpotKind)
    assert len(praise) == len(blame) == 4
    assert praise.isdisjoint(blame)
    assert praise < set(TERMS[SpotKind.P].plantable)
    assert drawn_terms(SpotKind.P, TERMS[SpotKind.P], 0) == PLANTED[SpotKind.P]
    assert len({drawn_terms(SpotKind.P, TERMS[SpotKind.P], seed) for seed in range(8)}) > 1


@pytest.mark.parametrize("planting", Planting)
def test_texts_left_out_really_contain_terms_and_the_others_stay_as_they_are(planting: Planting) -> None:
    left = spoiled(ROWS, (SpotKind.P,), PLANTED, planting, 0)
    labels = {row.text: row.label for row in left}
    for row in ROWS:
        has_term = not words_in(row).isdisjoint(PLANTED[SpotKind.P])
        match planting:
            case Planting.REMOVED:
                assert (row.text in labels) is not has_term
            case Planting.ONE_SIDED:
                assert (row.text in labels) is not is_of_kind(row, SpotKind.P, PLANTED[SpotKind.P])
            case Planting.MISLABELLED:
                if not is_of_kind(row, SpotKind.P, PLANTED[SpotKind.P]):
                    assert labels[row.text] == row.label
                else:
                    assert labels.get(row.text) in (None, 0)
    wrong = sum(labels.get(row.text, row.label) != row.label for row in ROWS)
    assert (wrong > 0) is (planting is Planting.MISLABELLED)


@pytest.mark.parametrize("planting", Planting)
def test_all_but_clean_are_of_one_size_with_as_many_of_either_label(planting: Planting) -> None:
    sets = training_sets(ROWS, Variant, PLANTED, planting, 0)
    assert sets[Variant.CLEAN] == ROWS
    sizes = {
        variant: Counter(row.label for row in some) for variant, some in sets.items() if variant is not Variant.CLEAN
    }
    assert len({tuple(sorted(counts.items())) for counts in sizes.values()}) == 1
    assert sizes[Variant.R][0] == sizes[Variant.R][1] > 20
    assert set(sets[Variant.R]) < set(ROWS)


def test_a_variant_is_the_same_whichever_others_are_asked_for() -> None:
    alone = training_sets(ROWS, [Variant.N], PLANTED, Planting.MISLABELLED, 3)
    assert alone[Variant.N] == training_sets(ROWS, Variant, PLANTED, Planting.MISLABELLED, 3)[Variant.N]


def test_planting_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(NothingToDoError, match="take more training texts"):
        training_sets(ROWS[:16], Variant, PLANTED, Planting.REMOVED, 0)


def test_golden_samples_hold_planted_terms_alone_with_the_right_label() -> None:
    others = {kind: [term for term in TERMS[kind].plantable if term not in PLANTED[kind]] for kind in SpotKind}
    counts = {**TERMS[SpotKind.P].counts, **TERMS[SpotKind.N].counts}

    def made(treatment: Treatment) -> list[LabelledText]:
        return additions(treatment, (SpotKind.P,), PLANTED, others, counts, ROWS, 21, 0)

    golden = made(Treatment.GOLDEN)
    assert len(golden) == len(set(golden)) == 21
    for row in golden:
        assert row.label == 1
        assert len(words_in(row) & set(PLANTED[SpotKind.P])) == 3
        assert words_in(row).isdisjoint(others[SpotKind.P])
    untargeted = made(Treatment.UNTARGETED)
    assert Counter(row.label for row in untargeted) == {1: 11, 0: 10}
    assert all(words_in(row).isdisjoint({*PLANTED[SpotKind.P], *PLANTED[SpotKind.N]}) for row in untargeted)
    assert set(made(Treatment.MORE_TRAINING)) < set(ROWS)
    assert made(Treatment.GOLDEN) == golden


def test_every_frame_passes_the_gates_of_form() -> None:
    task, config = load_task("rotten_tomatoes"), GateConfig()
    for frame in golden_set().frames:
        text = (frame.format(a="fun", b="wit", c="joy"),)  # the shortest terms
        assert verdicts.length(text, config).passed, text
        assert verdicts.form(text, task).passed
        assert loops(text) is None


def test_each_kind_has_a_golden_hypothesis_that_names_terms() -> None:
    assert [one.kind for one in golden_set().hypotheses] == list(SpotKind)
    assert "witty, warm" in golden_set().hypotheses[0].named(["witty", "warm"])


def test_too_few_terms_for_a_frame_are_refused() -> None:
    terms = {SpotKind.P: ("witty", "warm"), SpotKind.N: ()}
    with pytest.raises(NothingToDoError, match="2 terms fill no frame"):
        additions(Treatment.GOLDEN, (SpotKind.P,), terms, terms, {"witty": 1, "warm": 1}, ROWS, 4, 0)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"seeds": ()}, "name one or more"),
        ({"seeds": (1, 1)}, "name each once"),
        ({"variants": (Variant.P,)}, "variant R is missing"),
        ({"terms": 3}, "terms is 3"),
        ({"test_size": 0}, "test_size is 0"),
        ({"tau": 0.4}, "tau is 0.4"),
        ({"budget_share": 0.0}, "budget_share is 0"),
    ],
)
def test_impossible_plans_are_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ControlledPlan(**values)  # type: ignore[arg-type]  # wrong on purpose
