"""Table 2, transitions and confidence bins, against figures computed by hand.

Seven test texts, tau 0.65. What the models answer (r right, w wrong), and how the attacks on them end:

    text                0        1        2        3        4        5        6
    ORIGINAL clean      r .9     r .6     w .9     w .6     w .8     r .7     w .9
    its attack          + .95    + .6     s        s        s        -        s
    arm clean           r .9     w .7     r .8     w .9     w .9     r .7     w .6
    arm on frozen       r .8     w .99
    its attack          -        s        + .8     s        s        e        s

A human says of text 4 that its label is wrong.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from bsm_core.domain.arms import Arm, Transition
from bsm_core.domain.tasks import Example, Split
from bsm_core.domain.unknowns import Verdict
from bsm_core.ports import JobResult
from bsm_core.store import DuckStore
from tests.factories import BASELINE_ID, FROZEN_SET_ID, STUDY_ID, answer, make_evaluation, make_judgement
from tests.store.worlds import add_model, add_set, answers_of, attack_rows, job_id, predict, start

ARM_ID = "m-relabel"
FIXED, DEMOTED, PERSISTENT, NEW = Transition


def evaluate(store: DuckStore, model_id: str, frozen: str, fresh: str, *, evaluation_id: str = "", at: float) -> None:
    made = make_evaluation(model_id, frozen, fresh, at=at)
    if evaluation_id:
        made = replace(made, evaluation_id=evaluation_id)
    store.ingest(JobResult(job_id(), evaluations=(made,)))


@pytest.fixture
def examples(store: DuckStore) -> list[Example]:
    found = start(store, train=2, validation=0, test=7).of(Split.TEST)
    original, arm = add_model(store), add_model(store, Arm.RELABEL, at=30)
    predict(store, original, answers_of(found, "rrwwwrw", [0.9, 0.6, 0.9, 0.6, 0.8, 0.7, 0.9]))
    first = attack_rows("set-a", found, "++sss-s", [0.95, 0.6, 0.9, 0.9, 0.9, 0.9, 0.9])
    frozen = add_set(store, original, "set-a", first, split=Split.TEST)
    predict(store, arm, answers_of(found, "rwrwwrw", [0.9, 0.7, 0.8, 0.9, 0.9, 0.7, 0.6]))
    replayed = {frozen[0]: answer(found[0].label, 0.8), frozen[1]: answer(1 - found[1].label, 0.99)}
    predict(store, arm, replayed, "perturbation")
    second = attack_rows("set-b", found, "-s+sses", [0.9, 0.9, 0.8, 0.9, 0.9, 0.9, 0.9])
    add_set(store, arm, "set-b", second, split=Split.TEST, at=40)
    store.judgements.add(make_judgement(found[4].example_id, Verdict.NO))
    evaluate(store, arm, "set-a", "set-b", at=110)
    evaluate(store, original, "set-a", "set-a", at=111)
    return found


def test_results_by_hand(store: DuckStore, examples: list[Example]) -> None:
    original, arm = store.evaluations.results(STUDY_ID, 0.65)
    assert (original.arm, arm.arm) == (Arm.ORIGINAL, Arm.RELABEL)
    assert (original.accuracy, arm.accuracy) == (3 / 7, 3 / 7)
    assert (original.test_size, arm.test_size) == (7, len(examples))
    assert (original.natural, arm.natural) == (2, 2)  # texts 2 and 6; texts 1 and 3
    assert (original.frozen, original.frozen_size, original.fresh, original.fresh_attacked) == (1, 2, 1, 7)
    assert (arm.frozen, arm.frozen_size, arm.fresh, arm.fresh_attacked) == (1, 2, 1, 6)
    assert original.accuracy_under_attack == pytest.approx(1 / 7)
    assert arm.accuracy_under_attack == pytest.approx(1 / 6)
    assert (arm.seed, arm.budget, original.budget) == (0, 8, 0)


@pytest.mark.usefixtures("examples")
def test_results_follow_tau(store: DuckStore) -> None:
    def counts(tau: float) -> list[tuple[int, int, int]]:
        return [(one.natural, one.frozen, one.fresh) for one in store.evaluations.results(STUDY_ID, tau)]

    assert counts(0.55) == [(3, 2, 2), (3, 1, 1)]
    assert counts(0.9) == [(2, 1, 1), (1, 1, 0)]
    assert counts(1.0) == [(0, 0, 0), (0, 0, 0)]


def test_judged_invalid_perturbation_leaves_the_counts(store: DuckStore, examples: list[Example]) -> None:
    frozen = store.perturbations.successful("set-a")["perturbation_id"].to_pylist()
    store.judgements.add(make_judgement(frozen[0], Verdict.NO))
    original, arm = store.evaluations.results(STUDY_ID, 0.65)
    assert (original.frozen, original.fresh, arm.frozen) == (0, 0, 1)
    assert store.evaluations.transitions(BASELINE_ID, ARM_ID, "set-a", 0.65)[FIXED] == 0
    assert len(examples) == 7


@pytest.mark.usefixtures("examples")
def test_only_the_latest_evaluation_of_a_model_counts_but_every_look_is_counted(store: DuckStore) -> None:
    assert store.evaluations.looks(STUDY_ID) == 2
    evaluate(store, ARM_ID, "set-a", "set-a", evaluation_id="ev-again", at=120)
    assert store.evaluations.looks(STUDY_ID) == 3
    results = store.evaluations.results(STUDY_ID, 0.65)
    assert [one.evaluation.evaluation_id for one in results] == ["ev-m-original", "ev-again"]
    assert [one.evaluation_id for one in store.evaluations.all(STUDY_ID)] == [
        "ev-m-relabel",
        "ev-m-original",
        "ev-again",
    ]
    assert results[1].fresh_attacked == 7
    assert store.evaluations.looks("st-other") == 0


@pytest.mark.usefixtures("examples")
def test_original_comes_first_then_in_order_of_training(store: DuckStore) -> None:
    for name, at in (("m-z", 31.0), ("m-a", 32.0)):
        add_model(store, Arm.MORE_TRAINING, name, at=at)
    for name in ("m-a", "m-z"):
        evaluate(store, name, "set-a", "set-b", at=130)
    order = [one.evaluation.model_id for one in store.evaluations.results(STUDY_ID, 0.65)]
    assert order == [BASELINE_ID, ARM_ID, "m-z", "m-a"]


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize(
    ("set_id", "tau", "wanted"),
    [
        # Text 2 fixed, text 6 demoted, texts 1 and 3 new; text 4 is judged invalid.
        (None, 0.65, {FIXED: 1, DEMOTED: 1, PERSISTENT: 0, NEW: 2}),
        # Texts 3 and 6 are UUs before and after.
        (None, 0.55, {FIXED: 1, DEMOTED: 0, PERSISTENT: 2, NEW: 1}),
        ("set-a", 0.65, {FIXED: 1, DEMOTED: 0, PERSISTENT: 0, NEW: 1}),
        ("set-a", 0.55, {FIXED: 1, DEMOTED: 0, PERSISTENT: 1, NEW: 0}),
        ("set-b", 0.65, {FIXED: 0, DEMOTED: 0, PERSISTENT: 0, NEW: 0}),  # ORIGINAL never saw it
    ],
)
def test_transitions_by_hand(store: DuckStore, set_id: str | None, tau: float, wanted: dict[Transition, int]) -> None:
    assert store.evaluations.transitions(BASELINE_ID, ARM_ID, set_id, tau) == wanted
    for transition, total in wanted.items():
        page = store.evaluations.transition_page(BASELINE_ID, ARM_ID, set_id, tau, transition)
        assert (page.total, len(page.rows)) == (total, total)
        assert {row.transition for row in page.rows} <= {transition}


def test_transition_rows_show_texts_and_answers(store: DuckStore, examples: list[Example]) -> None:
    page = store.evaluations.transition_page(BASELINE_ID, ARM_ID, None, 0.65, NEW)
    assert [row.item_id for row in page.rows] == [
        examples[3].example_id,
        examples[1].example_id,
    ]  # most confident first
    row = page.rows[0]
    assert (row.original_text, row.perturbed_text, row.label) == (examples[3].text, None, examples[3].label)
    assert row.before == pytest.approx(answer(1 - row.label, 0.6))
    assert row.after == pytest.approx(answer(1 - row.label, 0.9))
    second = store.evaluations.transition_page(BASELINE_ID, ARM_ID, None, 0.65, NEW, limit=1, offset=1)
    assert (second.rows, second.total) == ([page.rows[1]], 2)
    fixed = store.evaluations.transition_page(BASELINE_ID, ARM_ID, "set-a", 0.65, FIXED).rows[0]
    perturbed = store.perturbations.rows("set-a")[0]
    assert (fixed.original_text, fixed.perturbed_text) == (examples[0].text, perturbed.perturbed_text)


@pytest.mark.usefixtures("examples")
def test_confidence_bins_of_the_frozen_set(store: DuckStore) -> None:
    before = store.evaluations.confidence_bins(BASELINE_ID, "set-a", bins=5)
    after = store.evaluations.confidence_bins(ARM_ID, "set-a", bins=5)
    assert [(right, wrong) for *_, right, wrong in before] == [(0, 0), (0, 1), (0, 0), (0, 0), (0, 1)]
    assert [(right, wrong) for *_, right, wrong in after] == [(0, 0), (0, 0), (0, 0), (1, 0), (0, 1)]
    assert [round(low, 6) for low, *_ in before] == [0.5, 0.6, 0.7, 0.8, 0.9]
    assert before[-1][1] == 1.0
    assert store.evaluations.confidence_bins("nobody", "set-a") == []


def test_a_fresh_attack_that_repeats_a_frozen_text_counts_in_both_sets(filled: DuckStore) -> None:
    for result in filled.evaluations.results(STUDY_ID, 0.65):
        fresh = filled.evaluations.confidence_bins(result.evaluation.model_id, result.evaluation.fresh_set_id)
        successful = filled.perturbations.successful(result.evaluation.fresh_set_id).num_rows
        assert sum(right + wrong for *_, right, wrong in fresh) == successful


def test_transitions_of_a_whole_study_add_up_to_its_results(filled: DuckStore) -> None:
    results = {one.evaluation.model_id: one for one in filled.evaluations.results(STUDY_ID, 0.65)}
    for model_id in ("m-more_training", "m-relabel", "m-hypothesis_rule"):
        moved = filled.evaluations.transitions(BASELINE_ID, model_id, FROZEN_SET_ID, 0.65)
        assert moved[FIXED] + moved[DEMOTED] + moved[PERSISTENT] == results[BASELINE_ID].frozen
        assert moved[PERSISTENT] + moved[NEW] == results[model_id].frozen
        clean = filled.evaluations.transitions(BASELINE_ID, model_id, None, 0.65)
        assert clean[FIXED] + clean[DEMOTED] + clean[PERSISTENT] == results[BASELINE_ID].natural
        assert clean[PERSISTENT] + clean[NEW] == results[model_id].natural
